package io.jiucang.starter;

/**
 * A request that breaks a business rule: it changes nothing, unless its reason says so, and tells why. Each service has
 * one subclass.
 */
public abstract class Rejection extends RuntimeException {

    // Not serialised: a rejection never leaves the process as an object.
    private final transient RejectionReason reason;

    protected Rejection(RejectionReason reason, String detail) {
        super(detail);
        this.reason = reason;
    }

    public RejectionReason reason() {
        return reason;
    }

    /** A rejection is an answer, not a fault: its stack trace would tell nothing. */
    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public Throwable fillInStackTrace() {
        return this;
    }
}
