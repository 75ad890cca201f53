package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryFixtures.ACCEPT_BY;
import static io.jiucang.delivery.DeliveryFixtures.COURIER;
import static io.jiucang.delivery.DeliveryFixtures.NOW;
import static io.jiucang.delivery.DeliveryFixtures.OWNER;
import static io.jiucang.delivery.DeliveryFixtures.PICKUP;
import static io.jiucang.delivery.DeliveryFixtures.SETTINGS;
import static io.jiucang.delivery.DeliveryFixtures.UNTIL;
import static io.jiucang.delivery.DeliveryFixtures.accepted;
import static io.jiucang.delivery.DeliveryFixtures.authorised;
import static io.jiucang.delivery.DeliveryFixtures.cancellationRequested;
import static io.jiucang.delivery.DeliveryFixtures.cases;
import static io.jiucang.delivery.DeliveryFixtures.collected;
import static io.jiucang.delivery.DeliveryFixtures.completed;
import static io.jiucang.delivery.DeliveryFixtures.ended;
import static io.jiucang.delivery.DeliveryFixtures.ordered;
import static io.jiucang.delivery.DeliveryFixtures.requested;
import static io.jiucang.delivery.DeliveryFixtures.returnRequested;
import static io.jiucang.delivery.DeliveryFixtures.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.delivery.PickupCommand.EndPickup;
import io.jiucang.delivery.PickupCommand.GiveUpDelivery;
import io.jiucang.delivery.PickupCommand.GiveUpReturn;
import io.jiucang.delivery.PickupCommand.RequestDelivery;
import io.jiucang.events.DeliveryEvent.CasesLost;
import io.jiucang.events.DeliveryEvent.FailureReason;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.PickupId;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.axonframework.test.saga.ContinuedGivenState;
import org.axonframework.test.saga.SagaTestFixture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeliverySagaTest {

    private static final DeliverySettings.Periods PERIODS = SETTINGS.periods();

    private final SagaTestFixture<DeliverySaga> fixture = new SagaTestFixture<>(DeliverySaga.class);
    private final MeterRegistry meters = new SimpleMeterRegistry();

    @BeforeEach
    void resources() {
        fixture.registerResource(SETTINGS);
        fixture.registerResource(meters);
        InstantSource time = fixture::currentTime;
        fixture.registerResource(time.withZone(ZoneOffset.UTC));
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

    /** @param after how long the test waited in all: only then its time stands still, and deadlines are told */
    private static EndPickup end(PickupEndReason reason, Duration after) {
        return new EndPickup(PICKUP, reason, NOW.plus(after));
    }

    private double overdue(String wait) {
        return meters.counter("jiucang.pickup.overdue", "wait", wait).count();
    }

    // The way to the door

    @Test
    void waitsForTheOwnersWordButNotForever() {
        given().whenPublishingA(ordered())
                .expectActiveSagas(1)
                .expectAssociationWith("pickupId", PICKUP)
                .expectScheduledDeadlineWithName(PERIODS.authorisation(), DeliverySaga.AUTHORISATION);
    }

    @Test
    void waitsForTheLocksButNotForever() {
        given(ordered())
                .whenPublishingA(authorised())
                .expectNoDispatchedCommands()
                .expectScheduledDeadlineWithName(PERIODS.lock(), DeliverySaga.LOCKS)
                .expectScheduledDeadlineWithName(UNTIL, DeliverySaga.DATE);
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
                .expectScheduledDeadlineWithName(ACCEPT_BY, DeliverySaga.ACCEPTANCE);
    }

    @Test
    void waitsForTheCourierAtTheWarehouseButNotForever() {
        given(ordered(), authorised(), requested())
                .whenPublishingA(accepted())
                .expectScheduledDeadlineWithName(PERIODS.collection(), DeliverySaga.COLLECTION);
    }

    @Test
    void waitsAtTheDoorButNotForever() {
        given(ordered(), authorised(), requested(), accepted())
                .whenPublishingA(collected(1, 2))
                .expectScheduledDeadlineWithName(PERIODS.delivery(), DeliverySaga.DELIVERY);
    }

    @Test
    void waitsForTheRestOfWhatWasCollectedUnaccepted() {
        given(ordered(), authorised(), requested())
                .whenPublishingA(collected(1))
                .expectScheduledDeadlineWithName(PERIODS.collection(), DeliverySaga.COLLECTION);
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
        given(ordered())
                .whenTimeElapses(PERIODS.authorisation())
                .expectDispatchedCommands(end(PickupEndReason.NOT_AUTHORISED_IN_TIME, PERIODS.authorisation()))
                .expectActiveSagas(1);
        assertThat(overdue(DeliverySaga.AUTHORISATION)).isEqualTo(1);
    }

    @Test
    void cancelsAllWhenOneLockIsRefused() {
        given(ordered(), authorised(), locked(1))
                .whenPublishingA(new TokenLockRefused(token(2), PICKUP, LockRefusal.NOT_AVAILABLE))
                .expectDispatchedCommands(end(PickupEndReason.LOCK_REFUSED, Duration.ZERO));
    }

    @Test
    void cancelsWhatIsNotLockedInTime() {
        given(ordered(), authorised(), locked(1))
                .whenTimeElapses(PERIODS.lock())
                .expectDispatchedCommands(end(PickupEndReason.LOCK_OVERDUE, PERIODS.lock()));
        assertThat(overdue(DeliverySaga.LOCKS)).isEqualTo(1);
    }

    @Test
    void endsWhatIsNotShippedByTheOwnersDate() {
        Duration wait = Duration.between(NOW, UNTIL);
        given(ordered(), authorised())
                .whenTimeElapses(wait)
                .expectDispatchedCommands(
                        end(PickupEndReason.LOCK_OVERDUE, wait),
                        end(PickupEndReason.NOT_AUTHORISED_IN_TIME, wait),
                        end(PickupEndReason.DATE_PASSED, wait));
        assertThat(overdue(DeliverySaga.DATE)).isEqualTo(1);
    }

    @Test
    void cancelsWhatNobodyAcceptsInTime() {
        given(ordered(), requested())
                .whenTimeElapses(PERIODS.acceptance())
                .expectDispatchedCommands(
                        end(PickupEndReason.NOT_AUTHORISED_IN_TIME, PERIODS.acceptance()),
                        end(PickupEndReason.NOT_ACCEPTED_IN_TIME, PERIODS.acceptance()));
        assertThat(overdue(DeliverySaga.ACCEPTANCE)).isEqualTo(1);
    }

    @Test
    void cancelsWhatIsNotCollectedInTime() {
        given(ordered(), accepted())
                .whenTimeElapses(PERIODS.collection())
                .expectDispatchedCommands(
                        end(PickupEndReason.NOT_AUTHORISED_IN_TIME, PERIODS.collection()),
                        end(PickupEndReason.NOT_COLLECTED_IN_TIME, PERIODS.collection()));
        assertThat(overdue(DeliverySaga.COLLECTION)).isEqualTo(1);
    }

    @Test
    void tellsSomebodyForAsLongAsTheWarehouseDoesNotAnswer() throws Exception {
        given(ordered(), cancellationRequested(PickupEndReason.OWNER, 1, 2), ended(PickupEndReason.OWNER, 1))
                .andThenTimeElapses(PERIODS.cancellation())
                .whenTimeElapses(PERIODS.cancellation())
                .expectNoDispatchedCommands()
                .expectActiveSagas(1);
        assertThat(overdue(DeliverySaga.CANCELLATION)).isEqualTo(2);
    }

    @Test
    void isContentWhenTheWarehouseShippedWhatItShouldHaveKeptBack() {
        given(
                        ordered(),
                        cancellationRequested(PickupEndReason.OWNER, 1, 2),
                        ended(PickupEndReason.OWNER, 1),
                        collected(2))
                .whenTimeElapses(PERIODS.cancellation())
                .expectNoDispatchedCommands()
                .expectActiveSagas(1);
        assertThat(overdue(DeliverySaga.CANCELLATION)).isZero();
    }

    @Test
    void callsBackWhatIsNotDeliveredInTime() {
        given(ordered(), collected(1, 2))
                .whenTimeElapses(PERIODS.delivery())
                .expectDispatchedCommands(
                        end(PickupEndReason.NOT_AUTHORISED_IN_TIME, PERIODS.delivery()),
                        end(PickupEndReason.NOT_COLLECTED_IN_TIME, PERIODS.delivery()),
                        new GiveUpDelivery(PICKUP, NOW.plus(PERIODS.delivery())));
        assertThat(overdue(DeliverySaga.DELIVERY)).isEqualTo(1);
    }

    @Test
    void givesUpWhatDoesNotComeBackInTime() {
        given(ordered(), returnRequested(FailureReason.OTHER, 1, 2))
                .whenTimeElapses(PERIODS.returning())
                .expectDispatchedCommands(
                        end(PickupEndReason.NOT_AUTHORISED_IN_TIME, PERIODS.returning()), new GiveUpReturn(PICKUP));
        assertThat(overdue(DeliverySaga.RETURN)).isEqualTo(1);
    }

    @Test
    void endsWithACancellationOfEverything() {
        given(ordered()).whenPublishingA(ended(PickupEndReason.OWNER, 1, 2)).expectActiveSagas(0);
    }

    @Test
    void endsWhenPartIsDeliveredAndTheRestReturned() {
        given(ordered(), authorised(), requested(), accepted(), collected(1, 2), completed(1))
                .andThenAPublished(returnRequested(FailureReason.NOBODY_HOME, 2))
                .whenPublishingA(ended(PickupEndReason.RETURNED, 2))
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
        assertThat(overdue(DeliverySaga.AUTHORISATION)).isZero();
    }
}
