package io.jiucang.payment;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.PaymentOverdue;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.PaymentOpened;
import io.jiucang.events.PaymentEvent.RefundRequested;
import io.jiucang.events.value.OrderId;
import io.jiucang.payment.PaymentCommand.ClosePayment;
import io.jiucang.payment.PaymentCommand.ExpectPayment;
import java.time.Clock;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.messaging.annotation.MessageIdentifier;
import org.springframework.stereotype.Component;

/** Whenever an order is to be paid or to end, its payment hears of it; and whenever something follows for the provider, that does. */
@Component
class PaymentPolicy {

    private final CommandGateway commands;
    private final PaymentViews payments;
    private final SchedulerClient scheduler;
    private final PaymentSettings settings;
    private final Clock clock;

    PaymentPolicy(
            CommandGateway commands,
            PaymentViews payments,
            SchedulerClient scheduler,
            PaymentSettings settings,
            Clock clock) {
        this.commands = commands;
        this.payments = payments;
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
