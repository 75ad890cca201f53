package io.jiucang.simulators.courier;

/** The sealed address was changed, cut short, or is not for this carrier. */
public final class EnvelopeUnreadable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    EnvelopeUnreadable(String message) {
        super(message);
    }

    EnvelopeUnreadable(String message, Throwable cause) {
        super(message, cause);
    }
}
