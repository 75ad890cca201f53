package io.jiucang.title.statement;

/** A text that is no statement. */
public final class StatementRefused extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** Names are stable: they stand in {@code docs/statements.json}. */
    public enum Reason {
        /** Longer than any statement. */
        TOO_LONG,
        /** Not three parts in strict base64url. */
        NOT_A_JWS,
        /** Another header than exactly {@code alg}, {@code kid} and {@code typ}, in canonical form. */
        HEADER,
        /** {@code typ} names no act. */
        UNKNOWN_ACT,
        /** Not exactly the claims of the act, each of its form. */
        CLAIMS,
        /** The right claims, in another spelling than the canonical one. */
        NOT_CANONICAL
    }

    StatementRefused(Reason reason, String message, Throwable cause) {
        super(reason + ": " + message, cause);
        this.reason = reason;
    }

    StatementRefused(Reason reason, String message) {
        super(reason + ": " + message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
