package io.jiucang.starter;

import java.util.ArrayList;
import java.util.List;
import org.springframework.transaction.TransactionSystemException;

/** What is behind a failure. */
public final class Causes {

    private static final int DEEPEST = 32;

    private Causes() {}

    /**
     * The failure, and what caused it, in that order. Where a transaction could not even be rolled back, because the database
     * has cut its connection, what comes next is the reason why it was to be: that tells what happened.
     */
    public static List<Throwable> of(Throwable failure) {
        List<Throwable> causes = new ArrayList<>();
        Throwable cause = failure;
        while (cause != null && causes.size() < DEEPEST) {
            causes.add(cause);
            cause = cause instanceof TransactionSystemException lost && lost.getApplicationException() != null
                    ? lost.getApplicationException()
                    : cause.getCause();
        }
        return causes;
    }

    /** Where it began. */
    public static Throwable root(Throwable failure) {
        return of(failure).getLast();
    }
}
