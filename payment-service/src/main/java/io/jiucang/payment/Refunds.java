package io.jiucang.payment;

import static io.jiucang.payment.PaymentRejected.Reason.REFUND_EXCEEDS_PAYMENT;
import static io.jiucang.payment.PaymentRejected.Reason.REFUND_NOT_FAILED;
import static io.jiucang.payment.PaymentRejected.Reason.REFUND_NOT_FOUND;
import static io.jiucang.payment.PaymentRejected.Reason.RETURN_VOID;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.PaymentDue;
import io.jiucang.events.PaymentEvent.ReceiptReturned;
import io.jiucang.events.PaymentEvent.RefundCompleted;
import io.jiucang.events.PaymentEvent.RefundFailed;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.PaymentEvent.RefundRequested;
import io.jiucang.events.PaymentEvent.ReturnReason;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.payment.PaymentCommand.CompleteRefund;
import io.jiucang.payment.PaymentCommand.FailRefund;
import io.jiucang.payment.PaymentCommand.PayBack;
import io.jiucang.payment.PaymentCommand.RetryRefund;
import io.jiucang.payment.PaymentCommand.ReturnReceipt;
import io.jiucang.payment.PaymentCommand.ReturnUnwantedMoney;
import io.jiucang.title.Ruling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.jspecify.annotations.Nullable;

/**
 * What goes back of a payment: receipts that did not become the sale whole, of the sale's the price of the cases that ended. It is
 * paid back once the ledger has that return as valid (S8). A refund is counted from its request on, whatever becomes of it, so that
 * never more goes back than came.
 */
final class Refunds {

    private PaymentId paymentId;
    private OrderId orderId;
    private Money amount;
    private final Map<String, PaymentCaptured> captures = new HashMap<>();
    private @Nullable String saleTransaction;
    private final Map<RefundId, ReceiptReturned> returns = new HashMap<>();
    private final Map<RefundId, Refund> refunds = new HashMap<>();

    private enum RefundStatus {
        REQUESTED,
        COMPLETED,
        FAILED
    }

    private record Refund(RefundRequested request, RefundStatus status) {}

    @SuppressWarnings("NullAway.Init") // PaymentDue comes first.
    Refunds() {}

    /** Of captures that others told with our key nothing follows. */
    @CommandHandler
    void handle(ReturnUnwantedMoney command) {
        PaymentCaptured captured = command.captured();
        String transactionId = captured.transactionId();
        if (!captured.equals(captures.get(transactionId))
                || transactionId.equals(saleTransaction)
                || returns.values().stream()
                        .anyMatch(returned -> returned.transactionId().equals(transactionId))) {
            return;
        }
        ReceiptReturned returned = new ReceiptReturned(
                paymentId,
                orderId,
                command.refundId(),
                command.at(),
                transactionId,
                unwanted(captured.amount()),
                captured.amount(),
                List.of(),
                List.of());
        requireValid(command.law().apply(returned));
        apply(returned);
    }

    private ReturnReason unwanted(Money captured) {
        if (saleTransaction != null) {
            return ReturnReason.DOUBLE;
        }
        return captured.equals(amount) ? ReturnReason.LATE : ReturnReason.WRONG_AMOUNT;
    }

    /** Once for what ended it, and of captures that others told with our key never. */
    @CommandHandler
    void handle(ReturnReceipt command) {
        ReceiptReturned returned = command.returned();
        if (captures.containsKey(returned.transactionId()) && !returns.containsKey(returned.refundId())) {
            requireValid(command.ruling());
            apply(returned);
        }
    }

    /** Of returns that others told with our key nothing follows: they name no capture of ours, or not as we did. */
    @CommandHandler
    void handle(PayBack command) {
        ReceiptReturned returned = command.returned();
        if (returned.equals(returns.get(returned.refundId())) && !refunds.containsKey(returned.refundId())) {
            requireValid(command.ruling());
            long left = refundable(returned.transactionId());
            require(
                    returned.amount().minorUnits() <= left,
                    REFUND_EXCEEDS_PAYMENT,
                    returned.amount() + " is more than is left of the receipt: "
                            + new Money(returned.amount().currency(), left));
            apply(new RefundRequested(
                    paymentId,
                    orderId,
                    returned.refundId(),
                    returned.amount(),
                    refundReason(returned.reason()),
                    returned.transactionId()));
        }
    }

    private static void requireValid(Ruling ruling) {
        if (ruling instanceof Ruling.Voided voided) {
            throw new PaymentRejected(RETURN_VOID, voided.toString());
        }
    }

    private static RefundReason refundReason(ReturnReason reason) {
        return switch (reason) {
            case LATE -> RefundReason.LATE_PAYMENT;
            case WRONG_AMOUNT -> RefundReason.WRONG_AMOUNT;
            case DOUBLE, OVERTAKEN -> RefundReason.DUPLICATE_PAYMENT;
            case ORDER_ENDED -> RefundReason.ORDER_CANCELLED;
            case NO_CASE_LEFT, CASES_ENDED -> RefundReason.CASES_WITHDRAWN;
        };
    }

    private long refundable(String transactionId) {
        return Objects.requireNonNull(captures.get(transactionId)).amount().minorUnits()
                - refunds.values().stream()
                        .map(Refund::request)
                        .filter(request -> request.transactionId().equals(transactionId))
                        .mapToLong(request -> request.amount().minorUnits())
                        .sum();
    }

    /** Also after a failure: what an operator settles with the provider reaches us as the provider's word, too. */
    @CommandHandler
    void handle(CompleteRefund command) {
        Refund refund = refund(command.refundId());
        switch (refund.status()) {
            case REQUESTED, FAILED ->
                apply(new RefundCompleted(
                        paymentId, orderId, command.refundId(), refund.request().amount()));
            case COMPLETED -> {}
        }
    }

    @CommandHandler
    void handle(FailRefund command) {
        switch (refund(command.refundId()).status()) {
            case REQUESTED -> apply(new RefundFailed(paymentId, orderId, command.refundId(), command.providerReason()));
            case COMPLETED, FAILED -> {}
        }
    }

    @CommandHandler
    void handle(RetryRefund command) {
        Refund refund = refund(command.refundId());
        require(refund.status() == RefundStatus.FAILED, REFUND_NOT_FAILED, "the refund is " + refund.status());
        apply(refund.request());
    }

    private Refund refund(RefundId refundId) {
        Refund refund = refunds.get(refundId);
        if (refund == null) {
            throw new PaymentRejected(REFUND_NOT_FOUND, "payment " + paymentId + " has no refund " + refundId);
        }
        return refund;
    }

    @EventSourcingHandler
    void on(PaymentDue event) {
        paymentId = event.paymentId();
        orderId = event.orderId();
        amount = event.amount();
    }

    @EventSourcingHandler
    void on(PaymentCaptured event) {
        captures.put(event.transactionId(), event);
    }

    @EventSourcingHandler
    void on(SaleRecorded event) {
        saleTransaction = event.transactionId();
    }

    @EventSourcingHandler
    void on(ReceiptReturned event) {
        returns.put(event.refundId(), event);
    }

    @EventSourcingHandler
    void on(RefundRequested event) {
        refunds.put(event.refundId(), new Refund(event, RefundStatus.REQUESTED));
    }

    @EventSourcingHandler
    void on(RefundCompleted event) {
        refunds.computeIfPresent(
                event.refundId(), (id, refund) -> new Refund(refund.request(), RefundStatus.COMPLETED));
    }

    @EventSourcingHandler
    void on(RefundFailed event) {
        refunds.computeIfPresent(event.refundId(), (id, refund) -> new Refund(refund.request(), RefundStatus.FAILED));
    }

    private static void require(boolean condition, PaymentRejected.Reason reason, String detail) {
        if (!condition) {
            throw new PaymentRejected(reason, detail);
        }
    }
}
