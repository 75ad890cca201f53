package io.jiucang.delivery;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import io.jiucang.delivery.PickupCommand.EndPickup;
import io.jiucang.delivery.PickupCommand.GiveUpDelivery;
import io.jiucang.delivery.PickupCommand.GiveUpReturn;
import io.jiucang.delivery.PickupCommand.RequestDelivery;
import io.jiucang.events.DeliveryEvent.CasesCollected;
import io.jiucang.events.DeliveryEvent.CasesLost;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryAccepted;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.DeliveryRequested;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancellationRequested;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.DeliveryEvent.PickupEnded;
import io.jiucang.events.DeliveryEvent.PickupOrdered;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.title.statement.Act;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.deadline.DeadlineManager;
import org.axonframework.deadline.DeadlineMessage;
import org.axonframework.deadline.annotation.DeadlineHandler;
import org.axonframework.modelling.saga.SagaEventHandler;
import org.axonframework.modelling.saga.SagaLifecycle;
import org.axonframework.modelling.saga.StartSaga;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads a pickup from the order to the door, or back: it counts the locks and watches the time. The pickup judges.
 *
 * <p>It ends when no case is open any more: each is delivered, cancelled or lost, and for each of them there is a deadline
 * until then. Deadlines are not cancelled but lapse: by then the pickup is past them, or the saga gone. Those that do not
 * are counted. Public, because Axon makes it without asking for access.
 */
@JsonAutoDetect(
        fieldVisibility = Visibility.ANY,
        getterVisibility = Visibility.NONE,
        isGetterVisibility = Visibility.NONE)
public class DeliverySaga {

    static final String AUTHORISATION = "authorisation";
    static final String LOCKS = "locks";
    static final String DATE = "date";
    static final String ACCEPTANCE = "acceptance";
    static final String COLLECTION = "collection";
    static final String DELIVERY = "delivery";
    static final String RETURN = "return";
    static final String CANCELLATION = "cancellation";

    private static final Logger log = LoggerFactory.getLogger(DeliverySaga.class);

    private PickupId pickupId;
    // Not final, or Jackson would not restore them.
    private Set<TokenId> open = new HashSet<>();
    private Set<TokenId> unlocked = new HashSet<>();
    private Set<TokenId> cancelling = new HashSet<>();
    private boolean collectionAwaited;

    @SuppressWarnings("NullAway.Init") // PickupOrdered starts it.
    public DeliverySaga() {}

    @StartSaga
    @SagaEventHandler(associationProperty = "pickupId")
    void on(PickupOrdered event, DeadlineManager deadlines, DeliverySettings settings) {
        pickupId = event.pickupId();
        event.cases().stream().map(StoredCase::tokenId).forEach(open::add);
        deadlines.schedule(event.orderedAt().plus(settings.periods().authorisation()), AUTHORISATION, pickupId);
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(PickupAuthorised event, DeadlineManager deadlines, DeliverySettings settings, Clock clock) {
        Act.Pickup signed = Authorisation.of(event.statement()).pickup();
        unlocked.addAll(signed.hashlocks().keySet());
        deadlines.schedule(clock.instant().plus(settings.periods().lock()), LOCKS, pickupId);
        deadlines.schedule(signed.until(), DATE, pickupId);
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(TokenLocked event, CommandGateway commands, DeliverySettings settings, Clock clock) {
        if (unlocked.remove(event.tokenId()) && unlocked.isEmpty()) {
            unlessDecided(
                    new RequestDelivery(
                            pickupId, clock.instant().plus(settings.periods().acceptance())),
                    commands);
        }
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(DeliveryRequested event, DeadlineManager deadlines) {
        deadlines.schedule(event.acceptBy(), ACCEPTANCE, pickupId);
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(DeliveryAccepted event, DeadlineManager deadlines, DeliverySettings settings, Clock clock) {
        awaitCollection(deadlines, settings, clock.instant());
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(CasesCollected event, DeadlineManager deadlines, DeliverySettings settings, Clock clock) {
        // The warehouse may have trusted a courier who did not accept; the rest of the cases must not wait for ever.
        awaitCollection(deadlines, settings, clock.instant());
        cancelling.removeAll(Set.copyOf(DeliveredCase.tokens(event.cases())));
        deadlines.schedule(clock.instant().plus(settings.periods().delivery()), DELIVERY, pickupId);
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(DeliveryCompleted event) {
        close(DeliveredCase.tokens(event.cases()));
    }

    // Compensations. Each ends in PickupEnded or CasesLost.

    @SagaEventHandler(associationProperty = "pickupId")
    void on(TokenLockRefused event, CommandGateway commands, Clock clock) {
        unlessDecided(end(PickupEndReason.LOCK_REFUSED, clock), commands);
    }

    @DeadlineHandler(deadlineName = AUTHORISATION)
    void giveUpAuthorisation(DeadlineMessage<?> deadline, CommandGateway commands, Clock clock, MeterRegistry meters) {
        giveUp(deadline, end(PickupEndReason.NOT_AUTHORISED_IN_TIME, clock), commands, meters);
    }

    @DeadlineHandler(deadlineName = LOCKS)
    void giveUpLocks(DeadlineMessage<?> deadline, CommandGateway commands, Clock clock, MeterRegistry meters) {
        giveUp(deadline, end(PickupEndReason.LOCK_OVERDUE, clock), commands, meters);
    }

    /** From then on the law lets nothing be shipped under the owner's statement. */
    @DeadlineHandler(deadlineName = DATE)
    void giveUpAtItsDate(DeadlineMessage<?> deadline, CommandGateway commands, Clock clock, MeterRegistry meters) {
        giveUp(deadline, end(PickupEndReason.DATE_PASSED, clock), commands, meters);
    }

    @DeadlineHandler(deadlineName = ACCEPTANCE)
    void giveUpAcceptance(DeadlineMessage<?> deadline, CommandGateway commands, Clock clock, MeterRegistry meters) {
        giveUp(deadline, end(PickupEndReason.NOT_ACCEPTED_IN_TIME, clock), commands, meters);
    }

    @DeadlineHandler(deadlineName = COLLECTION)
    void giveUpCollection(DeadlineMessage<?> deadline, CommandGateway commands, Clock clock, MeterRegistry meters) {
        giveUp(deadline, end(PickupEndReason.NOT_COLLECTED_IN_TIME, clock), commands, meters);
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(PickupCancellationRequested event, DeadlineManager deadlines, DeliverySettings settings, Clock clock) {
        cancelling.addAll(event.tokens());
        awaitVerdict(deadlines, settings, clock);
    }

    /** The warehouse alone can tell; somebody should ask why it does not. */
    @DeadlineHandler(deadlineName = CANCELLATION)
    void missVerdict(
            DeadlineMessage<?> deadline,
            DeadlineManager deadlines,
            DeliverySettings settings,
            Clock clock,
            MeterRegistry meters) {
        if (!cancelling.isEmpty()) {
            log.warn("the warehouse has not said whether it keeps {} of pickup {} back", cancelling, pickupId);
            count(deadline, meters);
            awaitVerdict(deadlines, settings, clock);
        }
    }

    @DeadlineHandler(deadlineName = DELIVERY)
    void giveUpDelivery(DeadlineMessage<?> deadline, CommandGateway commands, Clock clock, MeterRegistry meters) {
        giveUp(deadline, new GiveUpDelivery(pickupId, clock.instant()), commands, meters);
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(ReturnRequested event, DeadlineManager deadlines, DeliverySettings settings, Clock clock) {
        deadlines.schedule(clock.instant().plus(settings.periods().returning()), RETURN, pickupId);
    }

    @DeadlineHandler(deadlineName = RETURN)
    void giveUpReturn(DeadlineMessage<?> deadline, CommandGateway commands, MeterRegistry meters) {
        giveUp(deadline, new GiveUpReturn(pickupId), commands, meters);
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(PickupEnded event) {
        close(event.tokens());
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(CasesLost event) {
        close(DeliveredCase.tokens(event.cases()));
    }

    private void awaitVerdict(DeadlineManager deadlines, DeliverySettings settings, Clock clock) {
        deadlines.schedule(clock.instant().plus(settings.periods().cancellation()), CANCELLATION, pickupId);
    }

    private void awaitCollection(DeadlineManager deadlines, DeliverySettings settings, Instant now) {
        if (!collectionAwaited) {
            collectionAwaited = true;
            deadlines.schedule(now.plus(settings.periods().collection()), COLLECTION, pickupId);
        }
    }

    private void close(List<TokenId> tokens) {
        open.removeAll(Set.copyOf(tokens));
        cancelling.removeAll(Set.copyOf(tokens));
        if (open.isEmpty()) {
            SagaLifecycle.end();
        }
    }

    private EndPickup end(PickupEndReason reason, Clock clock) {
        return new EndPickup(pickupId, reason, clock.instant());
    }

    private static void giveUp(
            DeadlineMessage<?> deadline, PickupCommand command, CommandGateway commands, MeterRegistry meters) {
        if (unlessDecided(command, commands)) {
            count(deadline, meters);
        }
    }

    /** The owner, a courier or another refusal may have been quicker; that is no fault. */
    private static boolean unlessDecided(PickupCommand command, CommandGateway commands) {
        try {
            commands.sendAndWait(command);
            return true;
        } catch (DeliveryRejected e) {
            log.debug("{} lapsed: {}", command, e.getMessage());
            return false;
        }
    }

    private static void count(DeadlineMessage<?> deadline, MeterRegistry meters) {
        meters.counter("jiucang.pickup.overdue", "wait", deadline.getDeadlineName())
                .increment();
    }
}
