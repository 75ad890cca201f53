package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryFixtures.ACCEPT_BY;
import static io.jiucang.delivery.DeliveryFixtures.CARRIER;
import static io.jiucang.delivery.DeliveryFixtures.COURIER;
import static io.jiucang.delivery.DeliveryFixtures.ENVELOPE;
import static io.jiucang.delivery.DeliveryFixtures.NOW;
import static io.jiucang.delivery.DeliveryFixtures.OWNER;
import static io.jiucang.delivery.DeliveryFixtures.PICKUP;
import static io.jiucang.delivery.DeliveryFixtures.accepted;
import static io.jiucang.delivery.DeliveryFixtures.addressDestroyed;
import static io.jiucang.delivery.DeliveryFixtures.authorise;
import static io.jiucang.delivery.DeliveryFixtures.authorised;
import static io.jiucang.delivery.DeliveryFixtures.because;
import static io.jiucang.delivery.DeliveryFixtures.box;
import static io.jiucang.delivery.DeliveryFixtures.boxes;
import static io.jiucang.delivery.DeliveryFixtures.cancelled;
import static io.jiucang.delivery.DeliveryFixtures.cases;
import static io.jiucang.delivery.DeliveryFixtures.collected;
import static io.jiucang.delivery.DeliveryFixtures.complete;
import static io.jiucang.delivery.DeliveryFixtures.completed;
import static io.jiucang.delivery.DeliveryFixtures.inCustody;
import static io.jiucang.delivery.DeliveryFixtures.intent;
import static io.jiucang.delivery.DeliveryFixtures.orderPickup;
import static io.jiucang.delivery.DeliveryFixtures.ordered;
import static io.jiucang.delivery.DeliveryFixtures.proof;
import static io.jiucang.delivery.DeliveryFixtures.requested;
import static io.jiucang.delivery.DeliveryFixtures.returnRequested;
import static io.jiucang.delivery.DeliveryFixtures.token;
import static io.jiucang.delivery.DeliveryFixtures.tokens;

import io.jiucang.delivery.DeliveryRejected.Reason;
import io.jiucang.delivery.PickupCommand.AcceptDelivery;
import io.jiucang.delivery.PickupCommand.CancelPickup;
import io.jiucang.delivery.PickupCommand.CollectCases;
import io.jiucang.delivery.PickupCommand.CompleteDelivery;
import io.jiucang.delivery.PickupCommand.FailDelivery;
import io.jiucang.delivery.PickupCommand.GiveUpDelivery;
import io.jiucang.delivery.PickupCommand.GiveUpReturn;
import io.jiucang.delivery.PickupCommand.RequestDelivery;
import io.jiucang.delivery.PickupCommand.ReturnCases;
import io.jiucang.events.DeliveryEvent.AddressDestroyed;
import io.jiucang.events.DeliveryEvent.CasesLost;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryAccepted;
import io.jiucang.events.DeliveryEvent.DeliveryFailed;
import io.jiucang.events.DeliveryEvent.FailureReason;
import io.jiucang.events.DeliveryEvent.PickupCancellation;
import io.jiucang.events.Ids;
import io.jiucang.events.TokenId;
import io.jiucang.starter.Intent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.axonframework.test.aggregate.ResultValidator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PickupTest {

    private final AggregateTestFixture<Pickup> fixture = new AggregateTestFixture<>(Pickup.class);

    private static List<Object> until(Pickup.Status status) {
        int steps = switch (status) {
            case ORDERED -> 1;
            case AUTHORISED -> 2;
            case REQUESTED -> 3;
            case ACCEPTED -> 4;
            case COLLECTED, RETURNING, ENDED -> 5;
        };
        List<Object> lived =
                new ArrayList<>(List.<Object>of(ordered(), authorised(), requested(), accepted(), collected(1, 2))
                        .subList(0, steps));
        if (status == Pickup.Status.RETURNING) {
            lived.addAll(List.of(returnRequested(FailureReason.OTHER, 1, 2), addressDestroyed()));
        } else if (status == Pickup.Status.ENDED) {
            lived.addAll(List.of(completed(1, 2), addressDestroyed()));
        }
        return lived;
    }

    private ResultValidator<Pickup> when(List<?> life, PickupCommand command) {
        return life.isEmpty()
                ? fixture.givenNoPriorActivity().when(command)
                : fixture.given(life).when(command);
    }

    private ResultValidator<Pickup> when(Pickup.Status status, PickupCommand command) {
        return when(until(status), command);
    }

    private static List<?> with(Pickup.Status status, Object... more) {
        return Stream.concat(until(status).stream(), Arrays.stream(more)).toList();
    }

    // Order

    @Test
    void tellsWhereTheCasesStandAndWhatItCosts() {
        when(List.of(), orderPickup(tokens(1, 2), inCustody(2), inCustody(1))).expectEvents(ordered());
    }

    static Stream<List<TokenId>> noTokens() {
        return Stream.of(
                List.of(),
                List.of(token(1), token(1)),
                LongStream.rangeClosed(1, Pickup.MOST_CASES + 1)
                        .mapToObj(DeliveryFixtures::token)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("noTokens")
    void refusesNoneTooManyOrRepeatedTokens(List<TokenId> tokens) {
        when(List.of(), orderPickup(tokens, inCustody(1))).expectException(because(Reason.TOKENS_INVALID));
    }

    @Test
    void refusesAnothersToken() {
        when(List.of(), orderPickup(tokens(1, 2), inCustody(1))).expectException(because(Reason.TOKEN_NOT_FOUND));
    }

    @Test
    void refusesALockedOrBurnedToken() {
        CustodyCase locked = new CustodyCase(token(1), box(1), "luzhou-1", "A-1", NOW, false, false);
        when(List.of(), orderPickup(tokens(1), locked)).expectException(because(Reason.TOKEN_NOT_HELD));
    }

    @Test
    void refusesACaseThatStandsNowhere() {
        for (CustodyCase nowhere : List.of(
                new CustodyCase(token(1), box(1), "luzhou-1", "A-1", NOW, true, true),
                new CustodyCase(token(1), null, "luzhou-1", null, NOW, true, false),
                new CustodyCase(token(1), box(1), null, "A-1", NOW, true, false))) {
            new AggregateTestFixture<>(Pickup.class)
                    .givenNoPriorActivity()
                    .when(orderPickup(tokens(1), nowhere))
                    .expectException(because(Reason.CASE_NOT_IN_STORAGE));
        }
    }

    // Authorisation

    @Test
    void takesTheOwnersWordInAnyOrderOfTokens() {
        when(Pickup.Status.ORDERED, authorise(intent())).expectEvents(authorised());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ORDERED")
    void isAuthorisedOnce(Pickup.Status status) {
        when(status, authorise(intent())).expectException(because(Reason.PICKUP_NOT_ORDERED));
    }

    static Stream<Intent> foreignIntents() {
        String id = PICKUP.value();
        String hash = ENVELOPE.sha256();
        return Stream.of(
                intent("wang", id, CARRIER, tokens(1, 2), hash),
                intent(OWNER, Ids.next(), CARRIER, tokens(1, 2), hash),
                intent(OWNER, id, "ems", tokens(1, 2), hash),
                intent(OWNER, id, CARRIER, tokens(1), hash),
                intent(OWNER, id, CARRIER, tokens(1, 2, 3), hash),
                intent(OWNER, id, CARRIER, tokens(1, 1), hash),
                intent(OWNER, id, CARRIER, tokens(1, 2), "0".repeat(64)),
                new Intent(OWNER, "pickup", null, List.of(), null, null, null, "jws"));
    }

    @ParameterizedTest
    @MethodSource("foreignIntents")
    void refusesAWordForSomethingElse(Intent intent) {
        when(Pickup.Status.ORDERED, authorise(intent)).expectException(because(Reason.INTENT_MISMATCH));
    }

    // Dispatch

    @Test
    void isRequestedOnceItsTokensAreLocked() {
        when(Pickup.Status.AUTHORISED, new RequestDelivery(PICKUP, ACCEPT_BY)).expectEvents(requested());
    }

    @Test
    void isNotRequestedUnauthorised() {
        when(Pickup.Status.ORDERED, new RequestDelivery(PICKUP, ACCEPT_BY))
                .expectException(because(Reason.PICKUP_NOT_AUTHORISED));
    }

    @Test
    void isAcceptedByACourier() {
        when(Pickup.Status.REQUESTED, new AcceptDelivery(PICKUP, COURIER)).expectEvents(accepted());
    }

    @Test
    void isTakenOverByAColleague() {
        List<Object> life = until(Pickup.Status.COLLECTED);
        life.add(new DeliveryAccepted(PICKUP, CARRIER, "colleague"));
        when(life, complete(1, 1)).expectException(because(Reason.NOT_THE_COURIER));
    }

    @Test
    void isNotAcceptedTwiceByTheSameCourier() {
        when(Pickup.Status.ACCEPTED, new AcceptDelivery(PICKUP, COURIER))
                .expectException(because(Reason.DELIVERY_ACCEPTED));
    }

    @ParameterizedTest
    @EnumSource(names = {"ORDERED", "AUTHORISED", "RETURNING", "ENDED"})
    void isNotAcceptedTooEarlyOrTooLate(Pickup.Status status) {
        when(status, new AcceptDelivery(PICKUP, "colleague")).expectException(because(Reason.DELIVERY_NOT_OPEN));
    }

    @Test
    void isCollectedInParts() {
        when(Pickup.Status.ACCEPTED, new CollectCases(PICKUP, COURIER, cases(2)))
                .expectEvents(collected(2));
    }

    @Test
    void passesOverWhatWasCollectedBefore() {
        when(with(Pickup.Status.ACCEPTED, collected(2)), new CollectCases(PICKUP, COURIER, cases(1, 2)))
                .expectEvents(collected(1));
    }

    @Test
    void callsBackACaseThatLeftWhileItWasCancelled() {
        when(
                        with(Pickup.Status.ACCEPTED, cancelled(PickupCancellation.OWNER, 1, 2), addressDestroyed()),
                        new CollectCases(PICKUP, COURIER, cases(1)))
                .expectEvents(returnRequested(FailureReason.OTHER, 1));
    }

    @Test
    void callsBackACaseThatLeavesWhenTheOthersAreOnTheirWayBack() {
        when(
                        with(
                                Pickup.Status.ACCEPTED,
                                collected(1),
                                returnRequested(FailureReason.OTHER, 1),
                                addressDestroyed()),
                        new CollectCases(PICKUP, COURIER, cases(2)))
                .expectEvents(collected(2), returnRequested(FailureReason.OTHER, 2));
    }

    @Test
    void contradictsAWarehouseThatShipsWhatNobodyRequested() {
        when(Pickup.Status.AUTHORISED, new CollectCases(PICKUP, COURIER, cases(1)))
                .expectException(because(Reason.DELIVERY_NOT_OPEN));
    }

    @Test
    void contradictsAWarehouseThatShipsAnotherBox() {
        when(Pickup.Status.ACCEPTED, new CollectCases(PICKUP, COURIER, List.of(new DeliveredCase(token(1), box(9)))))
                .expectException(because(Reason.BOX_NOT_IN_PICKUP));
    }

    // Delivery

    @Test
    void isDeliveredAndForgetsTheAddress() {
        when(Pickup.Status.COLLECTED, complete(1, 2, 1)).expectEvents(completed(2, 1), addressDestroyed());
    }

    @Test
    void isDeliveredInPartsEachWithItsOwnCode() {
        when(Pickup.Status.COLLECTED, complete(1, 1)).expectEvents(completed(1));
        when(with(Pickup.Status.COLLECTED, completed(1)), complete(1, 2))
                .expectException(because(Reason.HANDOVER_CODE_USED));
        when(with(Pickup.Status.COLLECTED, completed(1)), complete(2, 2))
                .expectEvents(completed(2), addressDestroyed());
    }

    @Test
    void isDeliveredAtTheSecondAttempt() {
        when(with(Pickup.Status.COLLECTED, new DeliveryFailed(PICKUP, 1, FailureReason.NOBODY_HOME)), complete(2, 1, 2))
                .expectEvents(completed(1, 2), addressDestroyed());
    }

    @ParameterizedTest
    @EnumSource(names = {"ORDERED", "AUTHORISED", "REQUESTED", "ACCEPTED", "RETURNING"})
    void isNotDeliveredBeforeItIsOutOrOnItsWayBack(Pickup.Status status) {
        when(status, complete(1, 1)).expectException(because(Reason.CASES_NOT_COLLECTED));
    }

    @Test
    void isNotDeliveredTwice() {
        when(Pickup.Status.ENDED, complete(2, 1)).expectException(because(Reason.PICKUP_ENDED));
        when(with(Pickup.Status.COLLECTED, completed(1)), complete(2, 1)).expectException(because(Reason.BOX_NOT_OUT));
    }

    @Test
    void isDeliveredByNobodyElse() {
        when(
                        Pickup.Status.COLLECTED,
                        new CompleteDelivery(
                                PICKUP, "thief", boxes(1), 1, proof(PICKUP.value(), tokens(1), boxes(1), true), NOW))
                .expectException(because(Reason.NOT_THE_COURIER));
    }

    @Test
    void handsOverNoBoxThatIsNotInIt() {
        when(Pickup.Status.COLLECTED, complete(1, 1, 3)).expectException(because(Reason.BOX_NOT_IN_PICKUP));
    }

    @Test
    void handsOverNoBoxThatIsStillInTheWarehouse() {
        when(with(Pickup.Status.ACCEPTED, collected(1)), complete(1, 2)).expectException(because(Reason.BOX_NOT_OUT));
        when(Pickup.Status.COLLECTED, complete(1)).expectException(because(Reason.BOX_NOT_OUT));
    }

    static Stream<DeliveryProof> foreignProofs() {
        return Stream.of(
                proof(Ids.next(), tokens(1), boxes(1), true),
                proof(PICKUP.value(), tokens(2), boxes(1), true),
                proof(PICKUP.value(), tokens(1, 2), boxes(1), true),
                proof(PICKUP.value(), tokens(1), boxes(2), true),
                proof(PICKUP.value(), tokens(1), boxes(1, 1), true),
                proof(PICKUP.value(), tokens(1), List.of(), true));
    }

    @ParameterizedTest
    @MethodSource("foreignProofs")
    void refusesAProofOfSomethingElse(DeliveryProof proof) {
        when(Pickup.Status.COLLECTED, new CompleteDelivery(PICKUP, COURIER, boxes(1), 1, proof, NOW))
                .expectException(because(Reason.PROOF_MISMATCH));
    }

    @Test
    void handsOverToAdultsOnly() {
        when(
                        Pickup.Status.COLLECTED,
                        new CompleteDelivery(
                                PICKUP, COURIER, boxes(1), 1, proof(PICKUP.value(), tokens(1), boxes(1), false), NOW))
                .expectException(because(Reason.AGE_NOT_CHECKED));
    }

    // Failure and return

    private static FailDelivery fail(FailureReason reason) {
        return new FailDelivery(PICKUP, COURIER, reason, 3, NOW);
    }

    @ParameterizedTest
    @EnumSource(names = {"NOBODY_HOME", "RECIPIENT_UNDER_AGE", "HANDOVER_CODE_WRONG", "OTHER"})
    void isTriedAgain(FailureReason reason) {
        when(Pickup.Status.COLLECTED, fail(reason)).expectEvents(new DeliveryFailed(PICKUP, 1, reason));
    }

    @ParameterizedTest
    @EnumSource(names = {"REFUSED_BY_RECIPIENT", "ADDRESS_UNREADABLE", "CASE_DAMAGED"})
    void goesBackAtOnceWhenNothingElseHelps(FailureReason reason) {
        when(Pickup.Status.COLLECTED, fail(reason))
                .expectEvents(new DeliveryFailed(PICKUP, 1, reason), returnRequested(reason, 1, 2), addressDestroyed());
    }

    @Test
    void goesBackAfterItsLastAttemptWithWhatWasNotDelivered() {
        when(
                        with(
                                Pickup.Status.COLLECTED,
                                new DeliveryFailed(PICKUP, 1, FailureReason.NOBODY_HOME),
                                completed(1),
                                new DeliveryFailed(PICKUP, 2, FailureReason.NOBODY_HOME)),
                        fail(FailureReason.NOBODY_HOME))
                .expectEvents(
                        new DeliveryFailed(PICKUP, 3, FailureReason.NOBODY_HOME),
                        returnRequested(FailureReason.NOBODY_HOME, 2),
                        addressDestroyed());
    }

    @Test
    void failsOnlyWhileItIsOut() {
        when(Pickup.Status.ACCEPTED, fail(FailureReason.OTHER)).expectException(because(Reason.CASES_NOT_COLLECTED));
        when(Pickup.Status.RETURNING, fail(FailureReason.OTHER)).expectException(because(Reason.CASES_NOT_COLLECTED));
        when(Pickup.Status.ENDED, fail(FailureReason.OTHER)).expectException(because(Reason.PICKUP_ENDED));
        when(with(Pickup.Status.ACCEPTED, collected(1), completed(1)), fail(FailureReason.OTHER))
                .expectException(because(Reason.CASES_NOT_COLLECTED));
    }

    @Test
    void failsByItsCourierAlone() {
        when(Pickup.Status.COLLECTED, new FailDelivery(PICKUP, "thief", FailureReason.OTHER, 3, NOW))
                .expectException(because(Reason.NOT_THE_COURIER));
    }

    @Test
    void endsWhenEverythingStandsInTheWarehouseAgain() {
        when(Pickup.Status.RETURNING, new ReturnCases(PICKUP, cases(1, 2), NOW))
                .expectEvents(cancelled(PickupCancellation.RETURNED, 1, 2));
    }

    @Test
    void comesBackInParts() {
        when(Pickup.Status.RETURNING, new ReturnCases(PICKUP, cases(1), NOW))
                .expectEvents(cancelled(PickupCancellation.RETURNED, 1));
        when(
                        with(Pickup.Status.RETURNING, cancelled(PickupCancellation.RETURNED, 1)),
                        new ReturnCases(PICKUP, cases(1), NOW))
                .expectNoEvents();
    }

    @Test
    void comesBackUnasked() {
        when(Pickup.Status.COLLECTED, new ReturnCases(PICKUP, cases(1, 2), NOW))
                .expectEvents(cancelled(PickupCancellation.RETURNED, 1, 2), addressDestroyed());
    }

    @Test
    void cannotComeBackBeforeItLeft() {
        when(Pickup.Status.ACCEPTED, new ReturnCases(PICKUP, cases(1), NOW))
                .expectException(because(Reason.CASES_NOT_COLLECTED));
    }

    @Test
    void cannotComeBackAfterItsDelivery() {
        when(Pickup.Status.ENDED, new ReturnCases(PICKUP, cases(1), NOW))
                .expectException(because(Reason.CASES_DELIVERED));
    }

    @Test
    void cannotComeBackAsAnotherBox() {
        when(Pickup.Status.RETURNING, new ReturnCases(PICKUP, List.of(new DeliveredCase(token(1), box(2))), NOW))
                .expectException(because(Reason.BOX_NOT_IN_PICKUP));
    }

    @Test
    void isCalledBackWhenTheCourierComesToNoResult() {
        when(Pickup.Status.COLLECTED, new GiveUpDelivery(PICKUP, NOW))
                .expectEvents(returnRequested(FailureReason.OTHER, 1, 2), addressDestroyed());
        when(Pickup.Status.RETURNING, new GiveUpDelivery(PICKUP, NOW)).expectException(because(Reason.DEADLINE_LAPSED));
    }

    @Test
    void isLostWhenItComesNeitherThereNorBack() {
        CasesLost lost = new CasesLost(PICKUP, OWNER, COURIER, cases(1, 2));
        when(Pickup.Status.RETURNING, new GiveUpReturn(PICKUP)).expectEvents(lost);
        when(with(Pickup.Status.RETURNING, lost), new ReturnCases(PICKUP, cases(2), NOW))
                .expectEvents(cancelled(PickupCancellation.RETURNED, 2));
        when(with(Pickup.Status.RETURNING, lost), new GiveUpReturn(PICKUP))
                .expectException(because(Reason.DEADLINE_LAPSED));
    }

    // Cancellation

    private static CancelPickup cancel(PickupCancellation reason) {
        return new CancelPickup(PICKUP, reason, NOW);
    }

    @Test
    void isCancelledByItsOwnerBeforeThereIsAnAddress() {
        when(Pickup.Status.ORDERED, cancel(PickupCancellation.OWNER))
                .expectEvents(cancelled(PickupCancellation.OWNER, 1, 2));
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTHORISED", "REQUESTED", "ACCEPTED"})
    void isCancelledByItsOwnerAndForgetsTheAddress(Pickup.Status status) {
        when(status, cancel(PickupCancellation.OWNER))
                .expectEvents(cancelled(PickupCancellation.OWNER, 1, 2), addressDestroyed());
    }

    @Test
    void isNotCancelledOnceACaseHasLeft() {
        when(with(Pickup.Status.ACCEPTED, collected(1)), cancel(PickupCancellation.OWNER))
                .expectException(because(Reason.PICKUP_COLLECTED));
        when(Pickup.Status.RETURNING, cancel(PickupCancellation.OWNER))
                .expectException(because(Reason.PICKUP_COLLECTED));
        when(Pickup.Status.ENDED, cancel(PickupCancellation.OWNER)).expectException(because(Reason.PICKUP_ENDED));
    }

    @ParameterizedTest
    @CsvSource({
        "NOT_AUTHORISED_IN_TIME, ORDERED",
        "LOCK_REFUSED, AUTHORISED",
        "LOCK_OVERDUE, AUTHORISED",
        "NOT_ACCEPTED_IN_TIME, REQUESTED",
        "NOT_COLLECTED_IN_TIME, ACCEPTED"
    })
    void isCancelledByADeadlineOnlyWhileItWaitsForThat(PickupCancellation reason, Pickup.Status waiting) {
        for (Pickup.Status status : Pickup.Status.values()) {
            ResultValidator<Pickup> result = new AggregateTestFixture<>(Pickup.class)
                    .given(until(status))
                    .when(cancel(reason));
            if (status == waiting && status == Pickup.Status.ORDERED) {
                result.expectEvents(cancelled(reason, 1, 2));
            } else if (status == waiting) {
                result.expectEvents(cancelled(reason, 1, 2), addressDestroyed());
            } else if (reason != PickupCancellation.NOT_COLLECTED_IN_TIME
                    || status.compareTo(Pickup.Status.COLLECTED) >= 0) {
                result.expectException(because(Reason.DEADLINE_LAPSED));
            }
        }
    }

    @Test
    void goesOnWithWhatWasCollectedInTime() {
        when(with(Pickup.Status.ACCEPTED, collected(1)), cancel(PickupCancellation.NOT_COLLECTED_IN_TIME))
                .expectEvents(cancelled(PickupCancellation.NOT_COLLECTED_IN_TIME, 2));
    }

    @Test
    void endsWhenTheRestIsNotCollected() {
        when(with(Pickup.Status.ACCEPTED, collected(1), completed(1)), cancel(PickupCancellation.NOT_COLLECTED_IN_TIME))
                .expectEvents(cancelled(PickupCancellation.NOT_COLLECTED_IN_TIME, 2), addressDestroyed());
    }

    @Test
    void knowsTheTimeFromItsCommandsAlone() {
        Instant later = NOW.plusSeconds(1);
        when(Pickup.Status.AUTHORISED, new CancelPickup(PICKUP, PickupCancellation.OWNER, later))
                .expectEvents(
                        cancelled(PickupCancellation.OWNER, 1, 2),
                        new AddressDestroyed(PICKUP, ENVELOPE.sha256(), later));
    }
}
