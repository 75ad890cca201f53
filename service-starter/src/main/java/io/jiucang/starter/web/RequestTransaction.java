package io.jiucang.starter.web;

import io.jiucang.starter.RequestRejected;
import java.util.function.Supplier;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/** The transaction in which a POST runs, for whoever has to ask somebody outside meanwhile. */
public final class RequestTransaction {

    static final String PAUSABLE = RequestTransaction.class.getName();

    /** The request's hold on the database. */
    interface Pausable {
        void pause();

        void resume();
    }

    RequestTransaction() {}

    /**
     * Asks while the request holds no connection. What it has changed before is undone, and what it has read may not hold any
     * more: decide anew with what the question gives. The request goes on, and is answered, in a transaction that begins then.
     *
     * @throws RequestRejected REQUEST_IN_FLIGHT if the same request was answered meanwhile
     */
    public <T> T pausedFor(Supplier<T> question) {
        Object running =
                RequestContextHolder.currentRequestAttributes().getAttribute(PAUSABLE, RequestAttributes.SCOPE_REQUEST);
        if (!(running instanceof Pausable pausable)) {
            return question.get();
        }
        pausable.pause();
        try {
            return question.get();
        } finally {
            pausable.resume();
        }
    }
}
