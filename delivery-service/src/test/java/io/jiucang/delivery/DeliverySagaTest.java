package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryFixtures.ACCEPT_BY;
import static io.jiucang.delivery.DeliveryFixtures.COURIER;
import static io.jiucang.delivery.DeliveryFixtures.NOW;
import static io.jiucang.delivery.DeliveryFixtures.OWNER;
import static io.jiucang.delivery.DeliveryFixtures.PICKUP;
import static io.jiucang.delivery.DeliveryFixtures.SETTINGS;
import static io.jiucang.delivery.DeliveryFixtures.accepted;
import static io.jiucang.delivery.DeliveryFixtures.authorised;
import static io.jiucang.delivery.DeliveryFixtures.cancelled;
import static io.jiucang.delivery.DeliveryFixtures.cases;
import static io.jiucang.delivery.DeliveryFixtures.collected;
import static io.jiucang.delivery.DeliveryFixtures.completed;
import static io.jiucang.delivery.DeliveryFixtures.ordered;
import static io.jiucang.delivery.DeliveryFixtures.requested;
import static io.jiucang.delivery.DeliveryFixtures.returnRequested;
import static io.jiucang.delivery.DeliveryFixtures.token;

import io.jiucang.delivery.PickupCommand.CancelPickup;
import io.jiucang.delivery.PickupCommand.GiveUpDelivery;
import io.jiucang.delivery.PickupCommand.GiveUpReturn;
import io.jiucang.delivery.PickupCommand.RequestDelivery;
import io.jiucang.events.DeliveryEvent.CasesLost;
import io.jiucang.events.DeliveryEvent.FailureReason;
import io.jiucang.events.DeliveryEvent.PickupCancellation;
import io.jiucang.events.Ids;
import io.jiucang.events.PickupId;
import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import org.axonframework.test.saga.ContinuedGivenState;
import org.axonframework.test.saga.SagaTestFixture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeliverySagaTest {

    private static final DeliverySettings.Periods PERIODS = SETTINGS.periods();

    private final SagaTestFixture<DeliverySaga> fixture = new SagaTestFixture<>(DeliverySaga.class);

    @BeforeEach
    void resources() {
        fixture.registerResource(SETTINGS);
        fixture.registerResource(Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private ContinuedGivenState given(Object... events) {
        ContinuedGivenState given = fixture.givenCurrentTime(NOW);
        for (Object event : events) {
            given = given.andThenAPublished(event);
        }
        return given;
    }

    private static TokenLocked locked(long serial) {
        return new TokenLocked(token(serial), OWNER, PICKUP, "0".repeat(64));
    }

    private static CancelPickup cancel(PickupCancellation reason) {
        return new CancelPickup(PICKUP, reason, NOW);
    }

    private void givesUp(Duration after, PickupCommand command, Object... events) {
        given(events).whenTimeElapses(after).expectDispatchedCommands(command).expectActiveSagas(1);
    }

    // The way to the door

    @Test
    void waitsForTheOwnersWordButNotForever() {
        given().whenPublishingA(ordered())
                .expectActiveSagas(1)
                .expectAssociationWith("pickupId", PICKUP)
                .expectScheduledDeadlineWithName(PERIODS.authorisation(), DeliverySaga.AUTHORISATION_OVERDUE);
    }

    @Test
    void waitsForTheLocksButNotForever() {
        given(ordered())
                .whenPublishingA(authorised())
                .expectNoDispatchedCommands()
                .expectScheduledDeadlineWithName(PERIODS.lock(), DeliverySaga.LOCKS_OVERDUE);
    }

    @Test
    void waitsForTheLastLock() {
        given(ordered(), authorised(), locked(1)).whenPublishingA(locked(1)).expectNoDispatchedCommands();
    }

    @Test
    void requestsTheDeliveryOnceEverythingIsLocked() {
        given(ordered(), authorised(), locked(2))
                .whenPublishingA(locked(1))
                .expectDispatchedCommands(new RequestDelivery(PICKUP, ACCEPT_BY));
    }

    @Test
    void leavesOthersLocksAlone() {
        given(ordered(), authorised(), locked(2))
                .whenPublishingA(new TokenLocked(token(1), OWNER, new PickupId(Ids.next()), "0".repeat(64)))
                .expectNoDispatchedCommands();
    }

    @Test
    void waitsForACourierButNotForever() {
        given(ordered(), authorised(), locked(1), locked(2))
                .whenPublishingA(requested())
                .expectScheduledDeadlineWithName(ACCEPT_BY, DeliverySaga.ACCEPTANCE_OVERDUE);
    }

    @Test
    void waitsForTheCourierAtTheWarehouseButNotForever() {
        given(ordered(), authorised(), requested())
                .whenPublishingA(accepted())
                .expectScheduledDeadlineWithName(PERIODS.collection(), DeliverySaga.COLLECTION_OVERDUE);
    }

    @Test
    void waitsAtTheDoorButNotForever() {
        given(ordered(), authorised(), requested(), accepted())
                .whenPublishingA(collected(1, 2))
                .expectScheduledDeadlineWithName(PERIODS.delivery(), DeliverySaga.DELIVERY_OVERDUE);
    }

    @Test
    void waitsForTheRestOfWhatWasCollectedUnaccepted() {
        given(ordered(), authorised(), requested())
                .whenPublishingA(collected(1))
                .expectScheduledDeadlineWithName(PERIODS.collection(), DeliverySaga.COLLECTION_OVERDUE);
    }

    @Test
    void goesOnAfterAPartialDelivery() {
        given(ordered(), authorised(), requested(), accepted(), collected(1, 2))
                .whenPublishingA(completed(1))
                .expectActiveSagas(1);
    }

    @Test
    void endsWithTheLastCaseDelivered() {
        given(ordered(), authorised(), requested(), accepted(), collected(1, 2), completed(1))
                .whenPublishingA(completed(2))
                .expectActiveSagas(0);
    }

    // The ways back

    @Test
    void cancelsWhatIsNotAuthorisedInTime() {
        givesUp(PERIODS.authorisation(), cancel(PickupCancellation.NOT_AUTHORISED_IN_TIME), ordered());
    }

    @Test
    void cancelsAllWhenOneLockIsRefused() {
        given(ordered(), authorised(), locked(1))
                .whenPublishingA(new TokenLockRefused(token(2), PICKUP, LockRefusal.NOT_AVAILABLE))
                .expectDispatchedCommands(cancel(PickupCancellation.LOCK_REFUSED));
    }

    @Test
    void cancelsWhatIsNotLockedInTime() {
        givesUp(PERIODS.lock(), cancel(PickupCancellation.LOCK_OVERDUE), ordered(), authorised(), locked(1));
    }

    @Test
    void cancelsWhatNobodyAcceptsInTime() {
        given(ordered(), requested())
                .whenTimeElapses(PERIODS.acceptance())
                .expectDispatchedCommands(
                        cancel(PickupCancellation.NOT_AUTHORISED_IN_TIME),
                        cancel(PickupCancellation.NOT_ACCEPTED_IN_TIME));
    }

    @Test
    void cancelsWhatIsNotCollectedInTime() {
        given(ordered(), accepted())
                .whenTimeElapses(PERIODS.collection())
                .expectDispatchedCommands(
                        cancel(PickupCancellation.NOT_AUTHORISED_IN_TIME),
                        cancel(PickupCancellation.NOT_COLLECTED_IN_TIME));
    }

    @Test
    void callsBackWhatIsNotDeliveredInTime() {
        given(ordered(), collected(1, 2))
                .whenTimeElapses(PERIODS.delivery())
                .expectDispatchedCommands(
                        cancel(PickupCancellation.NOT_AUTHORISED_IN_TIME),
                        cancel(PickupCancellation.NOT_COLLECTED_IN_TIME),
                        new GiveUpDelivery(PICKUP, NOW));
    }

    @Test
    void givesUpWhatDoesNotComeBackInTime() {
        given(ordered(), returnRequested(FailureReason.OTHER, 1, 2))
                .whenTimeElapses(PERIODS.returning())
                .expectDispatchedCommands(cancel(PickupCancellation.NOT_AUTHORISED_IN_TIME), new GiveUpReturn(PICKUP));
    }

    @Test
    void endsWithACancellationOfEverything() {
        given(ordered())
                .whenPublishingA(cancelled(PickupCancellation.OWNER, 1, 2))
                .expectActiveSagas(0);
    }

    @Test
    void endsWhenPartIsDeliveredAndTheRestReturned() {
        given(ordered(), authorised(), requested(), accepted(), collected(1, 2), completed(1))
                .andThenAPublished(returnRequested(FailureReason.NOBODY_HOME, 2))
                .whenPublishingA(cancelled(PickupCancellation.RETURNED, 2))
                .expectActiveSagas(0);
    }

    @Test
    void endsWithALoss() {
        given(ordered(), returnRequested(FailureReason.OTHER, 1, 2))
                .whenPublishingA(new CasesLost(PICKUP, OWNER, COURIER, cases(1, 2)))
                .expectActiveSagas(0);
    }

    @Test
    void takesNoOffenceWhenThePickupIsPastADeadline() {
        fixture.setCallbackBehavior((command, metaData) -> {
            throw new DeliveryRejected(DeliveryRejected.Reason.DEADLINE_LAPSED, "too late");
        });
        given(ordered()).whenTimeElapses(PERIODS.authorisation()).expectActiveSagas(1);
    }
}
