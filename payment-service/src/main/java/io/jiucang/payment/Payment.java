package io.jiucang.payment;

import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_ALREADY_MADE;
import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_CLOSED;
import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_NOT_MADE;
import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_OVERDUE;
import static io.jiucang.payment.PaymentRejected.Reason.REFUND_EXCEEDS_PAYMENT;
import static io.jiucang.payment.PaymentRejected.Reason.REFUND_NOT_FAILED;
import static io.jiucang.payment.PaymentRejected.Reason.REFUND_NOT_FOUND;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.PaymentDue;
import io.jiucang.events.PaymentEvent.PaymentOpened;
import io.jiucang.events.PaymentEvent.RefundCompleted;
import io.jiucang.events.PaymentEvent.RefundFailed;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.PaymentEvent.RefundRequested;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.VaultId;
import io.jiucang.payment.PaymentCommand.ClosePayment;
import io.jiucang.payment.PaymentCommand.CompleteRefund;
import io.jiucang.payment.PaymentCommand.ExpectPayment;
import io.jiucang.payment.PaymentCommand.FailRefund;
import io.jiucang.payment.PaymentCommand.OpenPayment;
import io.jiucang.payment.PaymentCommand.RecordCapture;
import io.jiucang.payment.PaymentCommand.RequestRefund;
import io.jiucang.payment.PaymentCommand.RetryRefund;
import io.jiucang.payment.PaymentProvider.Capture;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The payment of one order, {@code DUE → OPENED → PAID} or {@code CLOSED}, and every refund of it.
 *
 * <p>It alone judges whether money or cancellation came first. Money that arrives is always recorded, by the provider's
 * number and once; what does not become the one sale goes back. A refund is counted from its request on, whatever
 * becomes of it, so that never more goes back than came.
 */
class Payment {

    enum Status {
        DUE,
        OPENED,
        PAID,
        CLOSED
    }

    @AggregateIdentifier
    private PaymentId paymentId;

    private OrderId orderId;
    private String buyer;
    private PlanId planId;
    private VaultId vaultId;
    private List<SerialRange> serials;
    private Money amount;
    private Instant payBy;
    private Status status;
    private final Map<String, Money> captures = new HashMap<>();
    private @Nullable String saleTransaction;
    private final Map<RefundId, Refund> refunds = new HashMap<>();

    private enum RefundStatus {
        REQUESTED,
        COMPLETED,
        FAILED
    }

    private record Refund(RefundRequested request, RefundStatus status) {}

    @SuppressWarnings("NullAway.Init") // Axon makes it empty, then has it handle at least PaymentDue.
    Payment() {}

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(ExpectPayment command) {
        if (status == null) {
            apply(new PaymentDue(
                    command.paymentId(),
                    command.orderId(),
                    command.buyer(),
                    command.planId(),
                    command.vaultId(),
                    command.serials(),
                    command.amount(),
                    command.payBy()));
        }
    }

    @CommandHandler
    void handle(OpenPayment command) {
        requirePayable(status, payBy, command.now());
        if (status == Status.DUE) {
            apply(new PaymentOpened(paymentId, orderId, command.provider(), command.codeUrl()));
        }
    }

    /** Asked before the provider is troubled, and by the payment itself, whose word counts, once the provider has answered. */
    static void requirePayable(Status status, Instant payBy, Instant now) {
        switch (status) {
            case DUE, OPENED -> require(now.isBefore(payBy), PAYMENT_OVERDUE, "it was to be paid by " + payBy);
            case PAID -> throw new PaymentRejected(PAYMENT_ALREADY_MADE, "the order is paid");
            case CLOSED -> throw new PaymentRejected(PAYMENT_CLOSED, "the order is not to be paid any more");
        }
    }

    @CommandHandler
    boolean handle(RecordCapture command) {
        Capture capture = command.capture();
        if (captures.containsKey(capture.transactionId())) {
            return false;
        }
        apply(new PaymentCaptured(
                paymentId, orderId, capture.amount(), capture.transactionId(), capture.at(), capture.receipt()));
        switch (status) {
            case DUE, OPENED -> {
                if (capture.amount().equals(amount)) {
                    apply(saleOf(capture));
                } else {
                    apply(new PaymentClosed(paymentId, orderId, ClosingReason.WRONG_AMOUNT));
                    apply(refundOf(capture, command.refundId(), RefundReason.WRONG_AMOUNT));
                }
            }
            case PAID -> apply(refundOf(capture, command.refundId(), RefundReason.DUPLICATE_PAYMENT));
            case CLOSED -> apply(refundOf(capture, command.refundId(), RefundReason.LATE_PAYMENT));
        }
        return true;
    }

    private SaleRecorded saleOf(Capture capture) {
        return new SaleRecorded(
                paymentId,
                orderId,
                buyer,
                planId,
                vaultId,
                serials,
                capture.amount(),
                capture.transactionId(),
                capture.at());
    }

    private RefundRequested refundOf(Capture capture, RefundId refundId, RefundReason reason) {
        return new RefundRequested(paymentId, orderId, refundId, capture.amount(), reason, capture.transactionId());
    }

    /** Once paid, the sale is on its way and wins. */
    @CommandHandler
    void handle(ClosePayment command) {
        switch (status) {
            case DUE, OPENED -> apply(new PaymentClosed(paymentId, orderId, ClosingReason.ORDER_CANCELLED));
            case PAID, CLOSED -> {}
        }
    }

    @CommandHandler
    void handle(RequestRefund command) {
        if (refunds.containsKey(command.refundId())) {
            return;
        }
        if (saleTransaction == null) {
            throw new PaymentRejected(PAYMENT_NOT_MADE, "there is no sale to refund");
        }
        long left = refundable(saleTransaction);
        require(
                command.amount().currency().equals(amount.currency())
                        && command.amount().minorUnits() <= left,
                REFUND_EXCEEDS_PAYMENT,
                command.amount() + " is more than is left of the sale: " + new Money(amount.currency(), left));
        apply(new RefundRequested(
                paymentId, orderId, command.refundId(), command.amount(), command.reason(), saleTransaction));
    }

    private long refundable(String transactionId) {
        return Objects.requireNonNull(captures.get(transactionId)).minorUnits()
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
        buyer = event.buyer();
        planId = event.planId();
        vaultId = event.vaultId();
        serials = event.serials();
        amount = event.amount();
        payBy = event.payBy();
        status = Status.DUE;
    }

    @EventSourcingHandler
    void on(PaymentOpened event) {
        status = Status.OPENED;
    }

    @EventSourcingHandler
    void on(PaymentCaptured event) {
        captures.put(event.transactionId(), event.amount());
    }

    @EventSourcingHandler
    void on(SaleRecorded event) {
        status = Status.PAID;
        saleTransaction = event.transactionId();
    }

    @EventSourcingHandler
    void on(PaymentClosed event) {
        status = Status.CLOSED;
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
