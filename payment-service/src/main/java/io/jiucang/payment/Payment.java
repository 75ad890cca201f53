package io.jiucang.payment;

import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_ALREADY_MADE;
import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_CLOSED;
import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_OVERDUE;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.PaymentDue;
import io.jiucang.events.PaymentEvent.PaymentOpened;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.VaultId;
import io.jiucang.payment.PaymentCommand.ClosePayment;
import io.jiucang.payment.PaymentCommand.ExpectPayment;
import io.jiucang.payment.PaymentCommand.OpenPayment;
import io.jiucang.payment.PaymentCommand.RecordCapture;
import io.jiucang.payment.PaymentProvider.Capture;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateMember;
import org.axonframework.modelling.command.CreationPolicy;

/**
 * The payment of one order, {@code DUE → OPENED → PAID} or {@code CLOSED}, and its {@link Refunds}.
 *
 * <p>It alone judges whether money or cancellation came first. Money that arrives is always recorded, by the provider's
 * number and once; what does not become the one sale goes back.
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
    private final Set<String> captures = new HashSet<>();

    @AggregateMember
    @SuppressWarnings("UnusedVariable") // Axon hands it what concerns refunds.
    private final Refunds refunds = new Refunds();

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
        if (captures.contains(capture.transactionId())) {
            return false;
        }
        apply(new PaymentCaptured(
                paymentId, orderId, capture.amount(), capture.transactionId(), capture.at(), capture.receipt()));
        switch (status) {
            case DUE, OPENED -> {
                if (!capture.amount().equals(amount)) {
                    apply(new PaymentClosed(paymentId, orderId, ClosingReason.WRONG_AMOUNT));
                } else if (capture.at().isAfter(payBy)) {
                    apply(new PaymentClosed(paymentId, orderId, ClosingReason.LATE));
                } else {
                    apply(saleOf(capture));
                }
            }
            case PAID, CLOSED -> {}
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

    /** Once paid, the sale is on its way and wins. */
    @CommandHandler
    void handle(ClosePayment command) {
        switch (status) {
            case DUE, OPENED -> apply(new PaymentClosed(paymentId, orderId, ClosingReason.ORDER_CANCELLED));
            case PAID, CLOSED -> {}
        }
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
        captures.add(event.transactionId());
    }

    @EventSourcingHandler
    void on(SaleRecorded event) {
        status = Status.PAID;
    }

    @EventSourcingHandler
    void on(PaymentClosed event) {
        status = Status.CLOSED;
    }

    private static void require(boolean condition, PaymentRejected.Reason reason, String detail) {
        if (!condition) {
            throw new PaymentRejected(reason, detail);
        }
    }
}
