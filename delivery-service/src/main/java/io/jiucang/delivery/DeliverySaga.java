package io.jiucang.delivery;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import io.jiucang.delivery.PickupCommand.CancelPickup;
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
import io.jiucang.events.DeliveryEvent.PickupCancellation;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.DeliveryEvent.PickupOrdered;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.PickupId;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenId;
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
 * until then. Deadlines are not cancelled but lapse: by then the pickup is past them, or the saga gone. Public, because
 * Axon makes it without asking for access.
 */
@JsonAutoDetect(
        fieldVisibility = Visibility.ANY,
        getterVisibility = Visibility.NONE,
        isGetterVisibility = Visibility.NONE)
public class DeliverySaga {

    static final String AUTHORISATION_OVERDUE = "authorisation overdue";
    static final String LOCKS_OVERDUE = "locks overdue";
    static final String ACCEPTANCE_OVERDUE = "acceptance overdue";
    static final String COLLECTION_OVERDUE = "collection overdue";
    static final String DELIVERY_OVERDUE = "delivery overdue";
    static final String RETURN_OVERDUE = "return overdue";

    private static final Logger log = LoggerFactory.getLogger(DeliverySaga.class);

    private PickupId pickupId;
    // Not final, or Jackson would not restore them.
    private Set<TokenId> open = new HashSet<>();
    private Set<TokenId> unlocked = new HashSet<>();
    private boolean collectionAwaited;

    @SuppressWarnings("NullAway.Init") // PickupOrdered starts it.
    public DeliverySaga() {}

    @StartSaga
    @SagaEventHandler(associationProperty = "pickupId")
    void on(PickupOrdered event, DeadlineManager deadlines, DeliverySettings settings) {
        pickupId = event.pickupId();
        event.cases().stream().map(StoredCase::tokenId).forEach(open::add);
        deadlines.schedule(event.orderedAt().plus(settings.periods().authorisation()), AUTHORISATION_OVERDUE);
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(PickupAuthorised event, DeadlineManager deadlines, DeliverySettings settings) {
        unlocked.addAll(event.tokens());
        deadlines.schedule(event.authorisedAt().plus(settings.periods().lock()), LOCKS_OVERDUE);
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
        deadlines.schedule(event.acceptBy(), ACCEPTANCE_OVERDUE);
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(DeliveryAccepted event, DeadlineManager deadlines, DeliverySettings settings, Clock clock) {
        awaitCollection(deadlines, settings, clock.instant());
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(CasesCollected event, DeadlineManager deadlines, DeliverySettings settings, Clock clock) {
        // The warehouse may have trusted a courier who did not accept; the rest of the cases must not wait for ever.
        awaitCollection(deadlines, settings, clock.instant());
        deadlines.schedule(clock.instant().plus(settings.periods().delivery()), DELIVERY_OVERDUE);
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(DeliveryCompleted event) {
        close(tokens(event.cases()));
    }

    // Compensations. Each ends in PickupCancelled or CasesLost.

    @SagaEventHandler(associationProperty = "pickupId")
    void on(TokenLockRefused event, CommandGateway commands, Clock clock) {
        cancel(PickupCancellation.LOCK_REFUSED, commands, clock);
    }

    @DeadlineHandler(deadlineName = AUTHORISATION_OVERDUE)
    void giveUpAuthorisation(DeadlineMessage<?> deadline, CommandGateway commands, Clock clock) {
        cancel(PickupCancellation.NOT_AUTHORISED_IN_TIME, commands, clock);
    }

    @DeadlineHandler(deadlineName = LOCKS_OVERDUE)
    void giveUpLocks(DeadlineMessage<?> deadline, CommandGateway commands, Clock clock) {
        cancel(PickupCancellation.LOCK_OVERDUE, commands, clock);
    }

    @DeadlineHandler(deadlineName = ACCEPTANCE_OVERDUE)
    void giveUpAcceptance(DeadlineMessage<?> deadline, CommandGateway commands, Clock clock) {
        cancel(PickupCancellation.NOT_ACCEPTED_IN_TIME, commands, clock);
    }

    @DeadlineHandler(deadlineName = COLLECTION_OVERDUE)
    void giveUpCollection(DeadlineMessage<?> deadline, CommandGateway commands, Clock clock) {
        cancel(PickupCancellation.NOT_COLLECTED_IN_TIME, commands, clock);
    }

    @DeadlineHandler(deadlineName = DELIVERY_OVERDUE)
    void giveUpDelivery(DeadlineMessage<?> deadline, CommandGateway commands, Clock clock) {
        unlessDecided(new GiveUpDelivery(pickupId, clock.instant()), commands);
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(ReturnRequested event, DeadlineManager deadlines, DeliverySettings settings, Clock clock) {
        deadlines.schedule(clock.instant().plus(settings.periods().returning()), RETURN_OVERDUE);
    }

    @DeadlineHandler(deadlineName = RETURN_OVERDUE)
    void giveUpReturn(DeadlineMessage<?> deadline, CommandGateway commands) {
        unlessDecided(new GiveUpReturn(pickupId), commands);
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(PickupCancelled event) {
        close(event.tokens());
    }

    @SagaEventHandler(associationProperty = "pickupId")
    void on(CasesLost event) {
        close(tokens(event.cases()));
    }

    private void awaitCollection(DeadlineManager deadlines, DeliverySettings settings, Instant now) {
        if (!collectionAwaited) {
            collectionAwaited = true;
            deadlines.schedule(now.plus(settings.periods().collection()), COLLECTION_OVERDUE);
        }
    }

    private void close(List<TokenId> tokens) {
        open.removeAll(Set.copyOf(tokens));
        if (open.isEmpty()) {
            SagaLifecycle.end();
        }
    }

    private void cancel(PickupCancellation reason, CommandGateway commands, Clock clock) {
        unlessDecided(new CancelPickup(pickupId, reason, clock.instant()), commands);
    }

    /** The owner, a courier or another refusal may have been quicker; that is no fault. */
    private static void unlessDecided(PickupCommand command, CommandGateway commands) {
        try {
            commands.sendAndWait(command);
        } catch (DeliveryRejected e) {
            log.debug("{} lapsed: {}", command, e.getMessage());
        }
    }

    private static List<TokenId> tokens(List<DeliveredCase> cases) {
        return cases.stream().map(DeliveredCase::tokenId).toList();
    }
}
