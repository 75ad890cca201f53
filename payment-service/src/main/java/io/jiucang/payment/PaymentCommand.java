package io.jiucang.payment;

import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.ReceiptReturned;
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.VaultId;
import io.jiucang.payment.PaymentProvider.Capture;
import io.jiucang.title.Ruling;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/** What a payment can be told. */
sealed interface PaymentCommand {

    PaymentId paymentId();

    /** An order was confirmed and shall be paid. */
    record ExpectPayment(
            @TargetAggregateIdentifier PaymentId paymentId,
            OrderId orderId,
            String buyer,
            PlanId planId,
            VaultId vaultId,
            List<SerialRange> serials,
            Money amount,
            Instant payBy)
            implements PaymentCommand {}

    /** The provider is ready to take the money at {@code codeUrl}. */
    record OpenPayment(@TargetAggregateIdentifier PaymentId paymentId, String provider, String codeUrl, Instant now)
            implements PaymentCommand {}

    /** Answered with whether it was news. */
    record RecordCapture(@TargetAggregateIdentifier PaymentId paymentId, Capture capture) implements PaymentCommand {}

    /**
     * The ledger has this capture; if its money is not wanted, it goes back.
     *
     * @param law says what an event would be if the ledger had it next
     */
    record ReturnUnwantedMoney(
            @TargetAggregateIdentifier PaymentId paymentId,
            PaymentCaptured captured,
            Cite at,
            RefundId refundId,
            Function<ReceiptReturned, Ruling> law)
            implements PaymentCommand {}

    /**
     * Cases of the sale have ended, or the order without one: money goes back.
     *
     * @param ruling what {@code returned} would be if the ledger had it next
     */
    record ReturnReceipt(@TargetAggregateIdentifier PaymentId paymentId, ReceiptReturned returned, Ruling ruling)
            implements PaymentCommand {}

    /** The ledger has this return, and the law has ruled. */
    record PayBack(@TargetAggregateIdentifier PaymentId paymentId, ReceiptReturned returned, Ruling ruling)
            implements PaymentCommand {}

    /** The order shall end, if it is not paid yet. */
    record ClosePayment(@TargetAggregateIdentifier PaymentId paymentId) implements PaymentCommand {}

    record CompleteRefund(@TargetAggregateIdentifier PaymentId paymentId, RefundId refundId)
            implements PaymentCommand {}

    record FailRefund(@TargetAggregateIdentifier PaymentId paymentId, RefundId refundId, String providerReason)
            implements PaymentCommand {}

    /** An operator has removed what made the refund fail. */
    record RetryRefund(@TargetAggregateIdentifier PaymentId paymentId, RefundId refundId) implements PaymentCommand {}
}
