package io.jiucang.title.receipt;

/** A provider's answer that is no receipt, and why. */
public final class ReceiptRefused extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** Names are stable. */
    public enum Reason {
        /** Not by the provider's key. */
        NOT_SIGNED,
        /** Not one JSON object in UTF-8; also where a name stands twice in it. */
        NOT_JSON,
        /** Not the answer to a query: a callback, an error, a refund, a member that does not belong there. */
        NOT_A_TRANSACTION,
        /** {@code trade_state} is another than {@code SUCCESS}: open, closed, refunded. */
        NOT_SUCCESS,
        /** For another app. */
        OTHER_APPID,
        /** Paid to another merchant. */
        OTHER_PAYEE,
        /** For another order. */
        OTHER_ORDER,
        /** In another currency. */
        OTHER_CURRENCY
    }

    ReceiptRefused(Reason reason, String message) {
        super(reason + ": " + message);
        this.reason = reason;
    }

    ReceiptRefused(Reason reason, String message, Throwable cause) {
        super(reason + ": " + message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
