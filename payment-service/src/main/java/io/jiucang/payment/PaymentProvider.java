package io.jiucang.payment;

import io.jiucang.events.value.Money;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.Require;
import io.jiucang.title.receipt.ReceiptRefused;
import io.jiucang.title.receipt.SignedAnswer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whoever takes the buyer's money. Every call may be repeated: our ids make it the same payment or refund, never a second one.
 * A call that throws {@link Unavailable} may or may not have had its effect; repeat it, or ask for the state.
 */
interface PaymentProvider {

    /** The provider's name in events and the read model. */
    String name();

    /**
     * Makes the provider ready to take {@code amount}, until {@code payBy}.
     *
     * @throws Refused ALREADY_PAID, CLOSED, or CONFLICT if this id was opened with other terms
     */
    Prepared open(PaymentId id, Money amount, String description, Instant payBy);

    /**
     * From here on nobody can pay. Closing what is closed, or was never opened, is no error.
     *
     * @throws Refused ALREADY_PAID if the money came first
     */
    void close(PaymentId id);

    /** Asks by the payment's number. */
    PaymentStatus query(PaymentId id);

    /** Asks by the provider's own number, for a second charge: by the payment's number it answers with the first. */
    PaymentStatus query(PaymentId id, String transactionId);

    /**
     * Pays back a part, or all, of what was captured.
     *
     * @throws Refused NOT_FOUND if there is no such capture; anything else is for an operator to solve, the same id with other terms
     *     included
     */
    RefundStatus refund(RefundId id, PaymentId paymentId, RefundTerms terms, String reason);

    /** Empty if the provider never heard of it; {@link Unavailable} if it knows it with other terms. */
    Optional<RefundStatus> refundStatus(RefundId id, PaymentId paymentId, RefundTerms terms);

    /**
     * All money that moved on one day of the provider's calendar, from its own file; a real provider has it the next morning.
     *
     * @throws Unavailable also while there is no file yet
     */
    List<StatementEntry> statement(LocalDate day);

    /** The clock by which the provider ends its days. */
    ZoneId zone();

    /**
     * Reads what the provider posted to us. Nothing it returns was said by anyone but the provider; but the provider says things
     * twice, so act on the ids once.
     *
     * @param headers names in any case
     * @param body exactly as received
     * @throws NotificationRejected if it is not the provider's word of the last five minutes
     */
    Notification parse(Map<String, String> headers, String body);

    /** @param codeUrl what the buyer's device opens, or shows as a QR code */
    record Prepared(String codeUrl) {}

    /**
     * @param transactionId the provider's own number
     * @param receipt SHA-256 of the answer that says so, in lower-case hex
     */
    record Capture(String transactionId, Money amount, Instant at, String receipt) {
        public Capture {
            Require.sha256(receipt, "receipt");
            if (transactionId.isBlank() || amount.minorUnits() < 1) {
                throw new IllegalArgumentException("not a capture: " + amount + " as '" + transactionId + "'");
            }
        }
    }

    /** @param refund of the {@code total} that was captured as {@code transactionId} */
    record RefundTerms(String transactionId, Money refund, Money total) {}

    enum Movement {
        CAPTURE,
        REFUND
    }

    /** @param id the provider's number of a capture, our id of a refund; as it stands in the file if it is none of ours */
    record StatementEntry(Movement movement, String id, Money amount) {}

    sealed interface PaymentStatus {
        /** The provider signed that the money is here. */
        record Paid(Capture capture, SignedAnswer answer) implements PaymentStatus {}

        /**
         * Not paid, closed, refunded, or not the provider's answer to this question.
         *
         * @param reason stable: of {@link ReceiptRefused.Reason}; OTHER_TRANSACTION; UNKNOWN if it never heard of it
         */
        record NoReceipt(String reason) implements PaymentStatus {}
    }

    sealed interface RefundStatus {
        record Processing() implements RefundStatus {}

        record Succeeded(Instant at) implements RefundStatus {}

        /** The provider will not bring it to an end by itself. */
        record Failed(String providerReason) implements RefundStatus {}
    }

    sealed interface Notification {

        /** The same for each resending of one notification. */
        String notificationId();

        /** Only an occasion to ask: nobody else could check it. */
        record Captured(String notificationId, PaymentId paymentId, String transactionId) implements Notification {}

        record Refunded(
                String notificationId, RefundId refundId, PaymentId paymentId, RefundTerms terms, RefundStatus status)
                implements Notification {}
    }

    /** Why the provider decided against it. */
    enum Refusal {
        ALREADY_PAID,
        CLOSED,
        NOT_FOUND,
        CONFLICT,
        /** Whatever else; see the provider's code. */
        OTHER
    }

    /** The provider decided against it; asking again will not help. */
    final class Refused extends RuntimeException {

        private final Refusal reason;
        private final String providerCode;

        Refused(Refusal reason, String providerCode, String message, @Nullable Throwable cause) {
            super(providerCode + ": " + message, cause);
            this.reason = reason;
            this.providerCode = providerCode;
        }

        Refusal reason() {
            return reason;
        }

        String providerCode() {
            return providerCode;
        }
    }

    /** No decision of the provider's arrived that we may believe. Try again. */
    final class Unavailable extends RuntimeException {

        private final boolean busy;

        Unavailable(String message, Throwable cause) {
            this(message, false, cause);
        }

        Unavailable(String message, boolean busy, @Nullable Throwable cause) {
            super(message, cause);
            this.busy = busy;
        }

        /** Whether the provider says that it is asked too often. */
        boolean isBusy() {
            return busy;
        }
    }

    /** Why a notification is not believed. */
    enum Rejection {
        /** Not signed by the provider. */
        FORGED,
        /** Signed by the provider, but for another merchant, app, or refund than ours. */
        NOT_OURS,
        /** Signed more than five minutes ago, or in the future: perhaps a replay. */
        STALE,
        /** Lacks what it must have, or cannot be read. */
        MALFORMED,
        /** Signed with a key that we do not trust. */
        UNKNOWN_KEY
    }

    /** Not to be believed, whoever sent it. */
    final class NotificationRejected extends RuntimeException {

        private final Rejection reason;

        NotificationRejected(Rejection reason, String message, @Nullable Throwable cause) {
            super(message, cause);
            this.reason = reason;
        }

        Rejection reason() {
            return reason;
        }
    }
}
