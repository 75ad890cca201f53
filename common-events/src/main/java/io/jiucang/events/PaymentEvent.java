package io.jiucang.events;

import io.jiucang.events.value.Cite;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.Require;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import java.time.Instant;
import java.util.List;

/** What payment-service tells: payment, the transaction record, refunds (S3). */
public sealed interface PaymentEvent extends DomainEvent {

    PaymentId paymentId();

    OrderId orderId();

    /** A confirmed order is waiting to be paid. */
    record PaymentDue(
            PaymentId paymentId,
            OrderId orderId,
            String buyer,
            PlanId planId,
            VaultId vaultId,
            List<SerialRange> serials,
            Money amount,
            Instant payBy)
            implements PaymentEvent {
        public PaymentDue {
            Require.text(buyer, "buyer");
            serials = SerialRange.disjoint(serials);
            Require.positive(amount, "amount");
        }
    }

    /**
     * The provider is ready to take the money.
     *
     * @param codeUrl what the buyer's device opens or shows as a QR code to pay
     */
    record PaymentOpened(PaymentId paymentId, OrderId orderId, String provider, String codeUrl)
            implements PaymentEvent {
        public PaymentOpened {
            Require.text(provider, "provider");
            Require.text(codeUrl, "codeUrl");
        }
    }

    /**
     * Money arrived, whether or not it was still wanted.
     *
     * @param transactionId the provider's own number, for reconciliation with its statement
     * @param receipt SHA-256, in lower-case hex, of the provider's signed answer that says so; it names the payer, so the
     *     answer itself is in no event
     */
    record PaymentCaptured(
            PaymentId paymentId,
            OrderId orderId,
            Money amount,
            String transactionId,
            Instant capturedAt,
            String receipt)
            implements PaymentEvent {
        public PaymentCaptured {
            Require.positive(amount, "amount");
            Require.text(transactionId, "transactionId");
            Require.sha256(receipt, "receipt");
        }
    }

    /** The transaction 交易记录: this order is paid in full. What S5 and every auditor refer to. */
    record SaleRecorded(
            PaymentId paymentId,
            OrderId orderId,
            String buyer,
            PlanId planId,
            VaultId vaultId,
            List<SerialRange> serials,
            Money amount,
            String transactionId,
            Instant capturedAt)
            implements PaymentEvent {
        public SaleRecorded {
            Require.text(buyer, "buyer");
            serials = SerialRange.disjoint(serials);
            Require.positive(amount, "amount");
            Require.text(transactionId, "transactionId");
        }
    }

    /** This payment will never become a sale; money that still arrives is paid back. */
    record PaymentClosed(PaymentId paymentId, OrderId orderId, ClosingReason reason) implements PaymentEvent {}

    /**
     * Money is to go back (S8): the receipt's, whole, or the price of these tokens. It does once the ledger has this.
     *
     * @param payment where the ledger has the capture
     * @param transactionId the provider's own number of what goes back
     * @param tokens whose price goes back; none for the whole receipt
     * @param ends the events that ended these tokens' sale
     */
    record ReceiptReturned(
            PaymentId paymentId,
            OrderId orderId,
            RefundId refundId,
            Cite payment,
            String transactionId,
            ReturnReason reason,
            Money amount,
            List<TokenId> tokens,
            List<Cite> ends)
            implements PaymentEvent {
        public ReceiptReturned {
            Require.text(transactionId, "transactionId");
            Require.positive(amount, "amount");
            tokens = List.copyOf(tokens);
            ends = List.copyOf(ends);
        }
    }

    /** The provider is asked to pay back. */
    record RefundRequested(
            PaymentId paymentId,
            OrderId orderId,
            RefundId refundId,
            Money amount,
            RefundReason reason,
            String transactionId)
            implements PaymentEvent {
        public RefundRequested {
            Require.positive(amount, "amount");
            Require.text(transactionId, "transactionId");
        }
    }

    record RefundCompleted(PaymentId paymentId, OrderId orderId, RefundId refundId, Money amount)
            implements PaymentEvent {
        public RefundCompleted {
            Require.positive(amount, "amount");
        }
    }

    /** The provider refuses the refund for good; an operator must act. */
    record RefundFailed(PaymentId paymentId, OrderId orderId, RefundId refundId, String providerReason)
            implements PaymentEvent {}

    enum ClosingReason {
        ORDER_CANCELLED,
        WRONG_AMOUNT,
        /** Paid, but after {@code payBy}. */
        LATE
    }

    /** Why money goes back. All but the last give back the whole receipt. */
    enum ReturnReason {
        LATE,
        WRONG_AMOUNT,
        DOUBLE,
        NO_CASE_LEFT,
        OVERTAKEN,
        ORDER_ENDED,
        /** Some of its cases: undone before their grant, or burned as lost. */
        CASES_ENDED
    }

    enum RefundReason {
        LATE_PAYMENT,
        WRONG_AMOUNT,
        DUPLICATE_PAYMENT,
        ORDER_CANCELLED,
        CASES_WITHDRAWN
    }
}
