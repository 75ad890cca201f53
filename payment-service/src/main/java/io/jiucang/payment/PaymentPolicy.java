package io.jiucang.payment;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.PaymentOverdue;
import io.jiucang.events.OrderEvent.RefundDue;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.PaymentOpened;
import io.jiucang.events.PaymentEvent.ReceiptReturned;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.PaymentEvent.RefundRequested;
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.RefundId;
import io.jiucang.payment.PaymentCommand.ClosePayment;
import io.jiucang.payment.PaymentCommand.ExpectPayment;
import io.jiucang.payment.PaymentCommand.PayBack;
import io.jiucang.payment.PaymentCommand.RequestRefund;
import io.jiucang.payment.PaymentCommand.ReturnUnwanted;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.law.OwnAnchored;
import io.jiucang.title.event.Opening;
import io.jiucang.title.statement.DerivedId;
import java.time.Clock;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.messaging.annotation.MessageIdentifier;
import org.springframework.stereotype.Component;

/** Whenever an order is to be paid, to end or to be paid back, its payment hears of it, and then the provider. */
@Component
class PaymentPolicy {

    private final CommandGateway commands;
    private final PaymentViews payments;
    private final LawReader law;
    private final SchedulerClient scheduler;
    private final PaymentSettings settings;
    private final Clock clock;

    PaymentPolicy(
            CommandGateway commands,
            PaymentViews payments,
            LawReader law,
            SchedulerClient scheduler,
            PaymentSettings settings,
            Clock clock) {
        this.commands = commands;
        this.payments = payments;
        this.law = law;
        this.scheduler = scheduler;
        this.settings = settings;
        this.clock = clock;
    }

    @EventHandler
    void on(OrderConfirmed event) {
        commands.sendAndWait(new ExpectPayment(
                event.paymentId(),
                event.orderId(),
                event.buyer(),
                event.planId(),
                event.vaultId(),
                event.serials(),
                event.total(),
                event.payBy()));
    }

    @EventHandler
    void on(OrderCancelled event) {
        close(event.orderId());
    }

    @EventHandler
    void on(PaymentOverdue event) {
        close(event.orderId());
    }

    /** An order cancelled before it was confirmed will never be: its events come in order, so nothing is due. */
    private void close(OrderId order) {
        payments.ofOrder(order).ifPresent(payment -> commands.sendAndWait(new ClosePayment(payment.paymentId())));
    }

    /** A refund that is refused here contradicts the order's own books: it becomes a dead letter for an operator. */
    @EventHandler
    void on(RefundDue event) {
        commands.sendAndWait(
                new RequestRefund(event.paymentId(), event.refundId(), event.amount(), refundReason(event.reason())));
    }

    private static RefundReason refundReason(EndReason reason) {
        return switch (reason) {
            case RELEASE_REFUSED -> RefundReason.CASES_WITHDRAWN;
            case BUYER, RESERVATION_OVERDUE, PAYMENT_OVERDUE, PAYMENT_FAILED, SALE_REFUSED ->
                RefundReason.ORDER_CANCELLED;
        };
    }

    /**
     * What the ledger has of our own: money that is not wanted goes back, once its capture is there, and then its return (S8). Who
     * has our key can tell more of the kind, of payments that we do not have as well. What the law does not let us pay back
     * becomes a dead letter for an operator.
     */
    @EventHandler
    void on(OwnAnchored anchored) {
        switch (anchored.event()) {
            case PaymentCaptured event
            when payments.knows(event.paymentId()) ->
                commands.sendAndWait(new ReturnUnwanted(
                        event.paymentId(),
                        event,
                        new Cite(anchored.at().index(), anchored.leafHash()),
                        new RefundId(DerivedId.of("refund", anchored.at().leaf())),
                        returned -> law.decide(Opening.meaning(returned).orElseThrow())));
            case ReceiptReturned event
            when payments.knows(event.paymentId()) ->
                commands.sendAndWait(new PayBack(event.paymentId(), event, anchored.ruling()));
            default -> {}
        }
    }

    // What follows from our own events, at the provider.

    @EventHandler
    void on(PaymentOpened event) {
        String id = event.paymentId().value();
        scheduler.scheduleIfNotExists(
                ProviderErrands.ASK.instance(id).data(Errand.of(id)).build(),
                clock.instant().plus(settings.waitAfter(0)));
    }

    @EventHandler
    void on(PaymentClosed event) {
        // Of the others we know only because it was paid, and what is paid the provider cannot close.
        if (event.reason() == ClosingReason.ORDER_CANCELLED) {
            String id = event.paymentId().value();
            scheduler.scheduleIfNotExists(
                    ProviderErrands.CLOSE.instance(id).data(Errand.of(id)).build(), clock.instant());
        }
    }

    /** An errand of its own for each request, since the one that failed may still be on its way out when a retry comes. */
    @EventHandler
    void on(RefundRequested event, @MessageIdentifier String eventId) {
        scheduler.scheduleIfNotExists(
                ProviderErrands.REFUND
                        .instance(eventId)
                        .data(Errand.of(event.refundId().value()))
                        .build(),
                clock.instant());
    }
}
