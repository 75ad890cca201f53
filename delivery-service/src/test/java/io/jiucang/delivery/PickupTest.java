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
import static io.jiucang.delivery.DeliveryFixtures.cancellationRequested;
import static io.jiucang.delivery.DeliveryFixtures.cancelled;
import static io.jiucang.delivery.DeliveryFixtures.cases;
import static io.jiucang.delivery.DeliveryFixtures.code;
import static io.jiucang.delivery.DeliveryFixtures.codes;
import static io.jiucang.delivery.DeliveryFixtures.collected;
import static io.jiucang.delivery.DeliveryFixtures.complete;
import static io.jiucang.delivery.DeliveryFixtures.completed;
import static io.jiucang.delivery.DeliveryFixtures.hashlocks;
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
import io.jiucang.delivery.PickupCommand.KeepBackCases;
import io.jiucang.delivery.PickupCommand.RequestDelivery;
import io.jiucang.delivery.PickupCommand.ReturnCases;
import io.jiucang.events.DeliveryEvent.AddressDestroyed;
import io.jiucang.events.DeliveryEvent.CasesLost;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryAccepted;
import io.jiucang.events.DeliveryEvent.DeliveryFailed;
import io.jiucang.events.DeliveryEvent.FailureReason;
import io.jiucang.events.DeliveryEvent.PickupCancellation;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.wallet.Act;
import io.jiucang.starter.wallet.DeliveryProof;
import io.jiucang.starter.wallet.Intent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

    /** On a fixture of its own, so that a test may ask more than one question. */
    private static ResultValidator<Pickup> when(List<?> life, PickupCommand command) {
        AggregateTestFixture<Pickup> fixture = new AggregateTestFixture<>(Pickup.class);
        return life.isEmpty()
                ? fixture.givenNoPriorActivity().when(command)
                : fixture.given(life).when(command);
    }

    private static ResultValidator<Pickup> when(Pickup.Status status, PickupCommand command) {
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
                new CustodyCase(token(1), box(1), "luzhou-1", null, NOW, false, true),
                new CustodyCase(token(1), null, "luzhou-1", null, NOW, false, true),
                new CustodyCase(token(1), box(1), null, "A-1", NOW, false, true))) {
            when(List.of(), orderPickup(tokens(1), nowhere)).expectException(because(Reason.CASE_NOT_IN_STORAGE));
        }
    }

    @Test
    void refusesACaseTheWarehouseFoundDamaged() {
        CustodyCase damaged = new CustodyCase(token(1), box(1), "luzhou-1", "A-1", NOW, true, true);
        when(List.of(), orderPickup(tokens(1), damaged)).expectException(because(Reason.CASE_DAMAGED));
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
        List<TokenId> both = tokens(1, 2);
        Map<String, String> locks = hashlocks(both);
        String lock = code(1).sha256();
        return Stream.of(
                intent("wang", id, CARRIER, both, locks, hash),
                intent(OWNER, Ids.next(), CARRIER, both, locks, hash),
                intent(OWNER, id, "ems", both, locks, hash),
                intent(OWNER, id, CARRIER, tokens(1), locks, hash),
                intent(OWNER, id, CARRIER, tokens(1, 2, 3), locks, hash),
                intent(OWNER, id, CARRIER, tokens(1, 1), locks, hash),
                intent(OWNER, id, CARRIER, both, Map.of(), hash),
                intent(OWNER, id, CARRIER, both, hashlocks(tokens(1)), hash),
                intent(OWNER, id, CARRIER, both, hashlocks(tokens(1, 3)), hash),
                intent(OWNER, id, CARRIER, both, hashlocks(tokens(1, 2, 3)), hash),
                intent(OWNER, id, CARRIER, both, locks(lock, lock), hash),
                intent(OWNER, id, CARRIER, both, locks(lock, code(2).text()), hash),
                intent(OWNER, id, CARRIER, both, locks(lock, code(2).sha256().toUpperCase(Locale.ROOT)), hash),
                intent(OWNER, id, CARRIER, both, locks, "0".repeat(64)),
                new Intent(OWNER, Act.PICKUP, List.of(), null, null, Map.of(), null, "jws"));
    }

    private static Map<String, String> locks(String first, String second) {
        return Map.of(token(1).toString(), first, token(2).toString(), second);
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
        when(life, complete(1)).expectException(because(Reason.NOT_THE_COURIER));
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
    void goesOnWithACaseThatLeftBeforeItCouldBeKeptBack() {
        when(
                        with(Pickup.Status.ACCEPTED, cancellationRequested(PickupCancellation.OWNER, 1, 2)),
                        new CollectCases(PICKUP, COURIER, cases(1)))
                .expectEvents(collected(1));
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
    void contradictsAWarehouseThatShipsWhatItKeptBack() {
        when(
                        with(
                                Pickup.Status.ACCEPTED,
                                cancellationRequested(PickupCancellation.OWNER, 1, 2),
                                cancelled(PickupCancellation.OWNER, 1)),
                        new CollectCases(PICKUP, COURIER, cases(1, 2)))
                .expectException(because(Reason.DELIVERY_NOT_OPEN));
        when(Pickup.Status.ENDED, new CollectCases(PICKUP, COURIER, cases(1)))
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
        when(Pickup.Status.COLLECTED, complete(2, 1)).expectEvents(completed(2, 1), addressDestroyed());
    }

    @Test
    void isDeliveredInPartsEachCaseForItsOwnCode() {
        when(Pickup.Status.COLLECTED, complete(1)).expectEvents(completed(1));
        when(with(Pickup.Status.COLLECTED, completed(1)), complete(2)).expectEvents(completed(2), addressDestroyed());
    }

    @Test
    void isDeliveredAtTheSecondAttempt() {
        when(with(Pickup.Status.COLLECTED, new DeliveryFailed(PICKUP, 1, FailureReason.NOBODY_HOME)), complete(1, 2))
                .expectEvents(completed(1, 2), addressDestroyed());
    }

    @ParameterizedTest
    @EnumSource(names = {"ORDERED", "AUTHORISED", "REQUESTED", "ACCEPTED", "RETURNING"})
    void isNotDeliveredBeforeItIsOutOrOnItsWayBack(Pickup.Status status) {
        when(status, complete(1)).expectException(because(Reason.CASES_NOT_COLLECTED));
    }

    @Test
    void isNotDeliveredTwice() {
        when(Pickup.Status.ENDED, complete(1)).expectException(because(Reason.PICKUP_ENDED));
        when(with(Pickup.Status.COLLECTED, completed(1)), complete(1)).expectException(because(Reason.BOX_NOT_OUT));
    }

    @Test
    void isDeliveredByNobodyElse() {
        when(Pickup.Status.COLLECTED, new CompleteDelivery(PICKUP, "thief", proof(PICKUP, tokens(1)), NOW))
                .expectException(because(Reason.NOT_THE_COURIER));
    }

    @Test
    void handsOverNoBoxThatIsNotInIt() {
        when(Pickup.Status.COLLECTED, complete(1, 3)).expectException(because(Reason.BOX_NOT_IN_PICKUP));
    }

    @Test
    void handsOverNoBoxThatIsStillInTheWarehouse() {
        when(with(Pickup.Status.ACCEPTED, collected(1)), complete(2)).expectException(because(Reason.BOX_NOT_OUT));
    }

    static Stream<DeliveryProof> foreignProofs() {
        List<TokenId> first = tokens(1);
        Map<TokenId, HandoverCode> code = codes(first);
        return Stream.of(
                proof(new PickupId(Ids.next()), first),
                proof(PICKUP, List.of()),
                proof(PICKUP, tokens(2), boxes(1), code, true),
                proof(PICKUP, tokens(1, 2), boxes(1), code, true),
                proof(PICKUP, first, boxes(2), code, true),
                proof(PICKUP, first, boxes(1, 1), code, true),
                proof(PICKUP, tokens(1, 1), boxes(1, 1), code, true),
                proof(PICKUP, first, List.of(), code, true),
                proof(PICKUP, first, boxes(1), Map.of(), true),
                proof(PICKUP, first, boxes(1), codes(tokens(2)), true),
                proof(PICKUP, first, boxes(1), codes(tokens(1, 2)), true));
    }

    @ParameterizedTest
    @MethodSource("foreignProofs")
    void refusesAProofOfSomethingElse(DeliveryProof proof) {
        when(Pickup.Status.COLLECTED, complete(proof)).expectException(because(Reason.PROOF_MISMATCH));
    }

    @Test
    void handsEachCaseOverForItsOwnCodeOnly() {
        Map<TokenId, HandoverCode> swapped = Map.of(token(1), code(2), token(2), code(1));
        when(Pickup.Status.COLLECTED, complete(proof(PICKUP, tokens(1, 2), boxes(1, 2), swapped, true)))
                .expectException(because(Reason.HANDOVER_CODE_WRONG));
        Map<TokenId, HandoverCode> guessed = Map.of(token(1), code(1), token(2), code(3));
        when(Pickup.Status.COLLECTED, complete(proof(PICKUP, tokens(1, 2), boxes(1, 2), guessed, true)))
                .expectException(because(Reason.HANDOVER_CODE_WRONG));
    }

    @Test
    void handsOverToAdultsOnly() {
        when(Pickup.Status.COLLECTED, complete(proof(PICKUP, tokens(1), boxes(1), codes(tokens(1)), false)))
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
        for (List<?> life : List.of(
                until(Pickup.Status.ACCEPTED),
                with(Pickup.Status.ACCEPTED, cancellationRequested(PickupCancellation.OWNER, 1, 2)))) {
            when(life, new ReturnCases(PICKUP, cases(1), NOW)).expectException(because(Reason.CASES_NOT_COLLECTED));
        }
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
    void isCancelledAtOnceBeforeAnythingWasAskedOfTheWarehouse() {
        when(Pickup.Status.ORDERED, cancel(PickupCancellation.OWNER))
                .expectEvents(cancelled(PickupCancellation.OWNER, 1, 2));
        when(Pickup.Status.AUTHORISED, cancel(PickupCancellation.OWNER))
                .expectEvents(cancelled(PickupCancellation.OWNER, 1, 2), addressDestroyed());
    }

    @ParameterizedTest
    @EnumSource(names = {"REQUESTED", "ACCEPTED"})
    void asksTheWarehouseOnceItMayBeGivingCasesAway(Pickup.Status status) {
        when(status, cancel(PickupCancellation.OWNER))
                .expectEvents(cancellationRequested(PickupCancellation.OWNER, 1, 2));
    }

    @Test
    void isNotCancelledOnceACaseHasLeft() {
        for (List<?> life : List.of(
                with(Pickup.Status.ACCEPTED, collected(1)),
                with(
                        Pickup.Status.ACCEPTED,
                        collected(1),
                        cancellationRequested(PickupCancellation.NOT_COLLECTED_IN_TIME, 2)),
                until(Pickup.Status.RETURNING))) {
            when(life, cancel(PickupCancellation.OWNER)).expectException(because(Reason.PICKUP_COLLECTED));
        }
        when(Pickup.Status.ENDED, cancel(PickupCancellation.OWNER)).expectException(because(Reason.PICKUP_ENDED));
    }

    @Test
    void asksTheWarehouseOnce() {
        List<?> asked = with(Pickup.Status.REQUESTED, cancellationRequested(PickupCancellation.OWNER, 1, 2));
        when(asked, cancel(PickupCancellation.OWNER)).expectException(because(Reason.CANCELLATION_PENDING));
        for (PickupCancellation late :
                List.of(PickupCancellation.NOT_ACCEPTED_IN_TIME, PickupCancellation.NOT_COLLECTED_IN_TIME)) {
            when(asked, cancel(late)).expectException(because(Reason.DEADLINE_LAPSED));
        }
    }

    private static KeepBackCases keepBack(long... serials) {
        return new KeepBackCases(PICKUP, tokens(serials), NOW);
    }

    @Test
    void endsWithWhatTheWarehouseKeepsBack() {
        List<?> asked =
                with(Pickup.Status.REQUESTED, cancellationRequested(PickupCancellation.NOT_ACCEPTED_IN_TIME, 1, 2));
        when(asked, keepBack(1, 2))
                .expectEvents(cancelled(PickupCancellation.NOT_ACCEPTED_IN_TIME, 1, 2), addressDestroyed());
    }

    @Test
    void goesOnWithWhatTheWarehouseCouldNotKeepBack() {
        List<?> asked =
                with(Pickup.Status.ACCEPTED, cancellationRequested(PickupCancellation.OWNER, 1, 2), collected(2));
        when(asked, keepBack(1)).expectEvents(cancelled(PickupCancellation.OWNER, 1));
        when(with(Pickup.Status.COLLECTED, cancelled(PickupCancellation.OWNER, 1)), complete(2))
                .expectEvents(completed(2), addressDestroyed());
    }

    @Test
    void contradictsAWarehouseThatKeepsBackWhatItShippedOrWasNotAskedFor() {
        List<?> asked =
                with(Pickup.Status.ACCEPTED, cancellationRequested(PickupCancellation.OWNER, 1, 2), collected(2));
        when(asked, keepBack(1, 2)).expectException(because(Reason.CANCELLATION_NOT_REQUESTED));
        when(asked, keepBack(3)).expectException(because(Reason.CANCELLATION_NOT_REQUESTED));
        when(Pickup.Status.ACCEPTED, keepBack(1)).expectException(because(Reason.CANCELLATION_NOT_REQUESTED));
    }

    @ParameterizedTest
    @CsvSource({
        "NOT_AUTHORISED_IN_TIME, ORDERED",
        "LOCK_REFUSED, AUTHORISED",
        "LOCK_OVERDUE, AUTHORISED",
        "NOT_ACCEPTED_IN_TIME, REQUESTED"
    })
    void isCancelledByADeadlineOnlyWhileItWaitsForThat(PickupCancellation reason, Pickup.Status waiting) {
        for (Pickup.Status status : Pickup.Status.values()) {
            ResultValidator<Pickup> result = when(status, cancel(reason));
            if (status != waiting) {
                result.expectException(because(Reason.DEADLINE_LAPSED));
            } else if (status == Pickup.Status.ORDERED) {
                result.expectEvents(cancelled(reason, 1, 2));
            } else if (status == Pickup.Status.AUTHORISED) {
                result.expectEvents(cancelled(reason, 1, 2), addressDestroyed());
            } else {
                result.expectEvents(cancellationRequested(reason, 1, 2));
            }
        }
    }

    @Test
    void goesOnWithWhatWasCollectedInTime() {
        List<?> collectedInPart = with(Pickup.Status.ACCEPTED, collected(1));
        when(collectedInPart, cancel(PickupCancellation.NOT_COLLECTED_IN_TIME))
                .expectEvents(cancellationRequested(PickupCancellation.NOT_COLLECTED_IN_TIME, 2));
        for (Pickup.Status status : List.of(
                Pickup.Status.ORDERED,
                Pickup.Status.AUTHORISED,
                Pickup.Status.COLLECTED,
                Pickup.Status.RETURNING,
                Pickup.Status.ENDED)) {
            when(status, cancel(PickupCancellation.NOT_COLLECTED_IN_TIME))
                    .expectException(because(Reason.DEADLINE_LAPSED));
        }
    }

    @Test
    void endsWhenTheRestIsNotCollected() {
        when(
                        with(
                                Pickup.Status.ACCEPTED,
                                collected(1),
                                completed(1),
                                cancellationRequested(PickupCancellation.NOT_COLLECTED_IN_TIME, 2)),
                        keepBack(2))
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
