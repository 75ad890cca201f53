package io.jiucang.starter;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** A stable reason why a request is refused; implemented by one enum per service. */
public interface RejectionReason {

    /** The stable name clients may rely on, in upper snake case. */
    String name();

    HttpStatus status();

    /** When to ask again, where that may help: by default after a moment, where the answer is 503. */
    default @Nullable Duration retryAfter() {
        return status() == HttpStatus.SERVICE_UNAVAILABLE ? Duration.ofSeconds(1) : null;
    }

    /** Whether what the request has done until then stays, as where a wrong try counts; else a refusal undoes it. */
    default boolean keepsEffect() {
        return false;
    }
}
