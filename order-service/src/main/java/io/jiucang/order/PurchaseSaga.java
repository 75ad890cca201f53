package io.jiucang.order;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.SaleRefused;
import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.TokenId;
import io.jiucang.order.OrderCommand.CancelPaid;
import io.jiucang.order.OrderCommand.CancelUnpaid;
import io.jiucang.order.OrderCommand.ConfirmOrder;
import io.jiucang.order.OrderCommand.DeclineOrder;
import io.jiucang.order.OrderCommand.FulfilOrder;
import io.jiucang.order.OrderCommand.GiveUpPayment;
import io.jiucang.order.OrderCommand.GiveUpReservation;
import io.jiucang.order.OrderCommand.RecordPayment;
import io.jiucang.order.OrderCommand.RefuseCancellation;
import io.jiucang.order.OrderCommand.WithdrawCases;
import io.jiucang.starter.inbox.PredecessorMissing;
import io.jiucang.starter.law.Anchored;
import io.jiucang.starter.law.AnchoredAt;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.DerivedId;
import io.jiucang.title.statement.Statements;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.deadline.DeadlineManager;
import org.axonframework.deadline.DeadlineMessage;
import org.axonframework.deadline.annotation.DeadlineHandler;
import org.axonframework.eventhandling.Timestamp;
import org.axonframework.messaging.annotation.MessageIdentifier;
import org.axonframework.modelling.saga.EndSaga;
import org.axonframework.modelling.saga.SagaEventHandler;
import org.axonframework.modelling.saga.StartSaga;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads a purchase from request to title, or back: it tells the order what the vault, the payment, the warehouse and
 * the title process decided. The order judges; the saga waits, counts titles and watches the time.
 *
 * <p>It does not listen to the buyer's cancellation, so that a request over HTTP never needs its lock. Deadlines are not
 * cancelled but lapse: by then the order is past them, or the saga gone. (A deadline cannot be cancelled in the moment it
 * fires, and the event that made it needless must not fail on that.) Public, because Axon makes it without asking for
 * access.
 */
@JsonAutoDetect(
        fieldVisibility = Visibility.ANY,
        getterVisibility = Visibility.NONE,
        isGetterVisibility = Visibility.NONE)
public class PurchaseSaga {

    static final String RESERVATION_OVERDUE = "reservation overdue";
    static final String PAYMENT_OVERDUE = "payment overdue";
    static final String FULFILMENT_OVERDUE = "fulfilment overdue";

    private static final Logger log = LoggerFactory.getLogger(PurchaseSaga.class);

    private OrderId orderId;
    private long quantity;
    private boolean paid;
    private long granted;
    private long withdrawn;

    @SuppressWarnings("NullAway.Init") // OrderPlaced starts it.
    public PurchaseSaga() {}

    @StartSaga
    @SagaEventHandler(associationProperty = "orderId")
    void on(OrderPlaced event, @Timestamp Instant at, DeadlineManager deadlines, OrderSettings settings) {
        orderId = event.orderId();
        quantity = Statements.read(event.statement(), Act.Order.class).act().quantity();
        deadlines.schedule(at.plus(settings.reservationPeriod()), RESERVATION_OVERDUE, orderId);
    }

    @SagaEventHandler(associationProperty = "orderId")
    void on(TokensReserved event, CommandGateway commands) {
        commands.sendAndWait(new ConfirmOrder(orderId, event.serials()));
    }

    @SagaEventHandler(associationProperty = "orderId")
    void on(OrderConfirmed event, DeadlineManager deadlines) {
        deadlines.schedule(event.payBy(), PAYMENT_OVERDUE, orderId);
    }

    @SagaEventHandler(associationProperty = "orderId")
    void on(SaleRecorded event, CommandGateway commands) {
        commands.sendAndWait(new RecordPayment(orderId, event.paymentId()));
    }

    @SagaEventHandler(associationProperty = "orderId")
    void on(OrderPaid event, DeadlineManager deadlines, OrderSettings settings, Clock clock) {
        paid = true;
        deadlines.schedule(clock.instant().plus(settings.fulfilmentPeriod()), FULFILMENT_OVERDUE, orderId);
    }

    @SagaEventHandler(associationProperty = "orderId")
    void on(TokenGranted event, CommandGateway commands) {
        requirePaidBefore(event);
        granted++;
        fulfilIfNothingIsOwed(commands);
    }

    @EndSaga
    @SagaEventHandler(associationProperty = "orderId")
    void on(OrderFulfilled event) {}

    // Compensations. Each ends in OrderDeclined or OrderEnded, or leaves a smaller order to be fulfilled.

    @SagaEventHandler(associationProperty = "orderId")
    void on(ReservationRefused event, CommandGateway commands) {
        commands.sendAndWait(new DeclineOrder(orderId, event.reason()));
    }

    @DeadlineHandler(deadlineName = RESERVATION_OVERDUE)
    void giveUpReservation(DeadlineMessage<?> deadline, CommandGateway commands) {
        unlessDecided(new GiveUpReservation(orderId), commands);
    }

    @DeadlineHandler(deadlineName = PAYMENT_OVERDUE)
    void giveUpPayment(DeadlineMessage<?> deadline, CommandGateway commands) {
        unlessDecided(new GiveUpPayment(orderId), commands);
    }

    @SagaEventHandler(associationProperty = "orderId")
    void on(PaymentClosed event, CommandGateway commands) {
        commands.sendAndWait(new CancelUnpaid(orderId, event.reason()));
    }

    /** A refund's id is made from the event that makes it due: one event can never make two. */
    @SagaEventHandler(associationProperty = "orderId")
    void on(SaleRefused event, @MessageIdentifier String eventId, CommandGateway commands) {
        requirePaidBefore(event);
        commands.sendAndWait(new CancelPaid(orderId, new RefundId(eventId)));
    }

    @SagaEventHandler(associationProperty = "orderId")
    void on(ReleaseCancellationRefused event, CommandGateway commands) {
        requirePaidBefore(event);
        commands.sendAndWait(new RefuseCancellation(orderId));
    }

    @SagaEventHandler(associationProperty = "orderId")
    void on(SaleUndone event, @AnchoredAt Anchored anchored, CommandGateway commands) {
        requirePaidBefore(event);
        List<TokenId> undone = anchored.ruling().standing(event.prev().keySet());
        withdrawn += undone.size();
        commands.sendAndWait(new WithdrawCases(
                orderId,
                undone,
                new RefundId(DerivedId.of("refund", anchored.at().leaf()))));
        fulfilIfNothingIsOwed(commands);
    }

    @DeadlineHandler(deadlineName = FULFILMENT_OVERDUE)
    void tellOperator(DeadlineMessage<?> deadline, MeterRegistry meters) {
        log.warn("order {} is paid but not fulfilled: {} of {} cases granted", orderId, granted, quantity - withdrawn);
        meters.counter("jiucang.order.fulfilment.overdue").increment();
    }

    @EndSaga
    @SagaEventHandler(associationProperty = "orderId")
    void on(OrderDeclined event) {}

    @EndSaga
    @SagaEventHandler(associationProperty = "orderId")
    void on(OrderEnded event) {}

    private void fulfilIfNothingIsOwed(CommandGateway commands) {
        if (granted > 0 && granted + withdrawn == quantity) {
            commands.sendAndWait(new FulfilOrder(orderId, granted));
        }
    }

    /** A deadline asks; that the order is past it already is no fault. */
    private static void unlessDecided(OrderCommand command, CommandGateway commands) {
        try {
            commands.sendAndWait(command);
        } catch (OrderRejected e) {
            log.debug("{} lapsed: {}", command, e.getMessage());
        }
    }

    /** Others may read the payment topic faster than we do. */
    private void requirePaidBefore(DomainEvent event) {
        if (!paid) {
            throw new PredecessorMissing(
                    event.getClass().getSimpleName() + " of order " + orderId + " came before SaleRecorded");
        }
    }
}
