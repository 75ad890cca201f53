package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryFixtures.ACCEPT_BY;
import static io.jiucang.delivery.DeliveryFixtures.CANCELLATION;
import static io.jiucang.delivery.DeliveryFixtures.CARRIER;
import static io.jiucang.delivery.DeliveryFixtures.COURIER;
import static io.jiucang.delivery.DeliveryFixtures.ENVELOPE;
import static io.jiucang.delivery.DeliveryFixtures.HOLD;
import static io.jiucang.delivery.DeliveryFixtures.NOW;
import static io.jiucang.delivery.DeliveryFixtures.OWNER;
import static io.jiucang.delivery.DeliveryFixtures.PHONE;
import static io.jiucang.delivery.DeliveryFixtures.PICKUP;
import static io.jiucang.delivery.DeliveryFixtures.PROOF;
import static io.jiucang.delivery.DeliveryFixtures.STATEMENT;
import static io.jiucang.delivery.DeliveryFixtures.UNTIL;
import static io.jiucang.delivery.DeliveryFixtures.VALID;
import static io.jiucang.delivery.DeliveryFixtures.VOID;
import static io.jiucang.delivery.DeliveryFixtures.accepted;
import static io.jiucang.delivery.DeliveryFixtures.addressDestroyed;
import static io.jiucang.delivery.DeliveryFixtures.authorise;
import static io.jiucang.delivery.DeliveryFixtures.authorised;
import static io.jiucang.delivery.DeliveryFixtures.because;
import static io.jiucang.delivery.DeliveryFixtures.box;
import static io.jiucang.delivery.DeliveryFixtures.cancel;
import static io.jiucang.delivery.DeliveryFixtures.cancellationRequested;
import static io.jiucang.delivery.DeliveryFixtures.cancelled;
import static io.jiucang.delivery.DeliveryFixtures.cases;
import static io.jiucang.delivery.DeliveryFixtures.code;
import static io.jiucang.delivery.DeliveryFixtures.codes;
import static io.jiucang.delivery.DeliveryFixtures.collected;
import static io.jiucang.delivery.DeliveryFixtures.complete;
import static io.jiucang.delivery.DeliveryFixtures.completed;
import static io.jiucang.delivery.DeliveryFixtures.ended;
import static io.jiucang.delivery.DeliveryFixtures.inCustody;
import static io.jiucang.delivery.DeliveryFixtures.orderPickup;
import static io.jiucang.delivery.DeliveryFixtures.ordered;
import static io.jiucang.delivery.DeliveryFixtures.pickupOf;
import static io.jiucang.delivery.DeliveryFixtures.requested;
import static io.jiucang.delivery.DeliveryFixtures.returnRequested;
import static io.jiucang.delivery.DeliveryFixtures.statement;
import static io.jiucang.delivery.DeliveryFixtures.token;
import static io.jiucang.delivery.DeliveryFixtures.tokens;

import io.jiucang.delivery.DeliveryRejected.Reason;
import io.jiucang.delivery.PickupCommand.AcceptDelivery;
import io.jiucang.delivery.PickupCommand.CancelPickup;
import io.jiucang.delivery.PickupCommand.CollectCases;
import io.jiucang.delivery.PickupCommand.CompleteDelivery;
import io.jiucang.delivery.PickupCommand.EndPickup;
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
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.simulators.device.Device;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.HoldId;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    void takesTheOwnersWord() {
        when(Pickup.Status.ORDERED, authorise(STATEMENT)).expectEvents(authorised());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ORDERED")
    void isAuthorisedOnce(Pickup.Status status) {
        when(status, authorise(STATEMENT)).expectException(because(Reason.PICKUP_NOT_ORDERED));
    }

    static Stream<String> statementsOfSomethingElse() {
        Device wangs = Device.create("test", "test.jiucang.example/ledger", Clock.fixed(NOW, ZoneOffset.UTC));
        String envelope = ENVELOPE.compact();
        return Stream.of(
                statement(wangs, PICKUP, CARRIER, envelope, tokens(1, 2), UNTIL),
                statement(PHONE, new PickupId(Ids.next()), CARRIER, envelope, tokens(1, 2), UNTIL),
                statement(PHONE, PICKUP, "ems", envelope, tokens(1, 2), UNTIL),
                statement(PHONE, PICKUP, CARRIER, "another", tokens(1, 2), UNTIL),
                statement(PHONE, PICKUP, CARRIER, envelope, tokens(1), UNTIL),
                statement(PHONE, PICKUP, CARRIER, envelope, tokens(1, 3), UNTIL),
                statement(PHONE, PICKUP, CARRIER, envelope, tokens(1, 2, 3), UNTIL));
    }

    @ParameterizedTest
    @MethodSource("statementsOfSomethingElse")
    void refusesAWordForSomethingElse(String statement) {
        when(Pickup.Status.ORDERED, authorise(statement)).expectException(because(Reason.PICKUP_MISMATCH));
    }

    @Test
    void takesNoWordThatTheLawWouldGiveNoEffect() {
        when(Pickup.Status.ORDERED, authorise(STATEMENT, VOID)).expectException(because(Reason.PICKUP_VOID));
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
                        with(Pickup.Status.ACCEPTED, cancellationRequested(PickupEndReason.OWNER, 1, 2)),
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
                                cancellationRequested(PickupEndReason.OWNER, 1, 2),
                                ended(PickupEndReason.OWNER, 1)),
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
        when(Pickup.Status.COLLECTED, complete(1, 2)).expectEvents(completed(1, 2), addressDestroyed());
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
        when(with(Pickup.Status.COLLECTED, completed(1)), complete(1)).expectException(because(Reason.CASE_NOT_OUT));
    }

    @Test
    void isDeliveredByNobodyElse() {
        when(
                        Pickup.Status.COLLECTED,
                        new CompleteDelivery(PICKUP, "thief", complete(1).proof(), PROOF, NOW))
                .expectException(because(Reason.NOT_THE_COURIER));
    }

    @Test
    void handsOverNoCaseThatIsStillInTheWarehouse() {
        when(with(Pickup.Status.ACCEPTED, collected(1)), complete(2)).expectException(because(Reason.CASE_NOT_OUT));
        when(with(Pickup.Status.ACCEPTED, collected(1)), complete(1, 2)).expectException(because(Reason.CASE_NOT_OUT));
    }

    @Test
    void refusesAProofOfAnotherPickup() {
        HoldId other = pickupOf(statement(new PickupId(Ids.next()), tokens(1, 2), UNTIL))
                .holdId();
        when(Pickup.Status.COLLECTED, complete(new Act.Delivery(other, codes(tokens(1)), true)))
                .expectException(because(Reason.PROOF_MISMATCH));
    }

    @Test
    void handsEachCaseOverForItsOwnCodeOnly() {
        for (Map<TokenId, HandoverCode> wrong : List.of(
                Map.of(token(1), code(2), token(2), code(1)),
                Map.of(token(1), code(1), token(2), code(3)),
                Map.of(token(1), code(1), token(3), code(3)))) {
            when(Pickup.Status.COLLECTED, complete(new Act.Delivery(HOLD, wrong, true)))
                    .expectException(because(Reason.HANDOVER_CODE_WRONG));
        }
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
                .expectEvents(ended(PickupEndReason.RETURNED, 1, 2));
    }

    @Test
    void comesBackInParts() {
        when(Pickup.Status.RETURNING, new ReturnCases(PICKUP, cases(1), NOW))
                .expectEvents(ended(PickupEndReason.RETURNED, 1));
        when(with(Pickup.Status.RETURNING, ended(PickupEndReason.RETURNED, 1)), new ReturnCases(PICKUP, cases(1), NOW))
                .expectNoEvents();
    }

    @Test
    void comesBackUnasked() {
        when(Pickup.Status.COLLECTED, new ReturnCases(PICKUP, cases(1, 2), NOW))
                .expectEvents(ended(PickupEndReason.RETURNED, 1, 2), addressDestroyed());
    }

    @Test
    void cannotComeBackBeforeItLeft() {
        for (List<?> life : List.of(
                until(Pickup.Status.ACCEPTED),
                with(Pickup.Status.ACCEPTED, cancellationRequested(PickupEndReason.OWNER, 1, 2)))) {
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
                .expectEvents(ended(PickupEndReason.RETURNED, 2));
        when(with(Pickup.Status.RETURNING, lost), new GiveUpReturn(PICKUP))
                .expectException(because(Reason.DEADLINE_LAPSED));
    }

    // Cancellation

    private static EndPickup end(PickupEndReason reason) {
        return new EndPickup(PICKUP, reason, NOW);
    }

    @Test
    void isCancelledAtOnceBeforeAnythingWasAskedOfTheWarehouse() {
        when(Pickup.Status.AUTHORISED, cancel())
                .expectEvents(cancelled(), ended(PickupEndReason.OWNER, 1, 2), addressDestroyed());
    }

    @Test
    void isNotCancelledBeforeThereIsAnything() {
        when(Pickup.Status.ORDERED, cancel()).expectException(because(Reason.PICKUP_NOT_AUTHORISED));
    }

    @Test
    void isCancelledByAWordAboutItsOwnHoldThatHasEffect() {
        HoldId other = pickupOf(statement(PICKUP, tokens(1, 2), UNTIL)).holdId();
        when(Pickup.Status.AUTHORISED, new CancelPickup(PICKUP, other, CANCELLATION, VALID, NOW))
                .expectException(because(Reason.PICKUP_MISMATCH));
        when(Pickup.Status.AUTHORISED, new CancelPickup(PICKUP, HOLD, CANCELLATION, VOID, NOW))
                .expectException(because(Reason.PICKUP_VOID));
    }

    @ParameterizedTest
    @EnumSource(names = {"REQUESTED", "ACCEPTED"})
    void asksTheWarehouseOnceItMayBeGivingCasesAway(Pickup.Status status) {
        when(status, cancel()).expectEvents(cancelled(), cancellationRequested(PickupEndReason.OWNER, 1, 2));
    }

    @Test
    void isNotCancelledOnceACaseHasLeft() {
        for (List<?> life : List.of(
                with(Pickup.Status.ACCEPTED, collected(1)),
                with(
                        Pickup.Status.ACCEPTED,
                        collected(1),
                        cancellationRequested(PickupEndReason.NOT_COLLECTED_IN_TIME, 2)),
                until(Pickup.Status.RETURNING))) {
            when(life, cancel()).expectException(because(Reason.PICKUP_COLLECTED));
        }
        when(Pickup.Status.ENDED, cancel()).expectException(because(Reason.PICKUP_ENDED));
    }

    @Test
    void asksTheWarehouseOnce() {
        List<?> asked = with(Pickup.Status.REQUESTED, cancelled(), cancellationRequested(PickupEndReason.OWNER, 1, 2));
        when(asked, cancel()).expectException(because(Reason.CANCELLATION_PENDING));
        for (PickupEndReason late : List.of(
                PickupEndReason.NOT_ACCEPTED_IN_TIME,
                PickupEndReason.NOT_COLLECTED_IN_TIME,
                PickupEndReason.DATE_PASSED)) {
            when(asked, end(late)).expectException(because(Reason.DEADLINE_LAPSED));
        }
    }

    private static KeepBackCases keepBack(long... serials) {
        return new KeepBackCases(PICKUP, tokens(serials), NOW);
    }

    @Test
    void endsWithWhatTheWarehouseKeepsBack() {
        List<?> asked =
                with(Pickup.Status.REQUESTED, cancellationRequested(PickupEndReason.NOT_ACCEPTED_IN_TIME, 1, 2));
        when(asked, keepBack(1, 2)).expectEvents(ended(PickupEndReason.NOT_ACCEPTED_IN_TIME, 1, 2), addressDestroyed());
    }

    @Test
    void goesOnWithWhatTheWarehouseCouldNotKeepBack() {
        List<?> asked = with(Pickup.Status.ACCEPTED, cancellationRequested(PickupEndReason.OWNER, 1, 2), collected(2));
        when(asked, keepBack(1)).expectEvents(ended(PickupEndReason.OWNER, 1));
        when(with(Pickup.Status.COLLECTED, ended(PickupEndReason.OWNER, 1)), complete(2))
                .expectEvents(completed(2), addressDestroyed());
    }

    @Test
    void contradictsAWarehouseThatKeepsBackWhatItShippedOrWasNotAskedFor() {
        List<?> asked = with(Pickup.Status.ACCEPTED, cancellationRequested(PickupEndReason.OWNER, 1, 2), collected(2));
        when(asked, keepBack(1, 2)).expectException(because(Reason.CANCELLATION_NOT_REQUESTED));
        when(asked, keepBack(3)).expectException(because(Reason.CANCELLATION_NOT_REQUESTED));
        when(Pickup.Status.ACCEPTED, keepBack(1)).expectException(because(Reason.CANCELLATION_NOT_REQUESTED));
    }

    @ParameterizedTest
    @CsvSource({
        "NOT_AUTHORISED_IN_TIME, ORDERED",
        "VOID, AUTHORISED",
        "LOCK_REFUSED, AUTHORISED",
        "LOCK_OVERDUE, AUTHORISED",
        "NOT_ACCEPTED_IN_TIME, REQUESTED"
    })
    void isEndedOnlyWhileItWaitsForThat(PickupEndReason reason, Pickup.Status waiting) {
        for (Pickup.Status status : Pickup.Status.values()) {
            ResultValidator<Pickup> result = when(status, end(reason));
            if (status != waiting) {
                result.expectException(because(Reason.DEADLINE_LAPSED));
            } else if (status == Pickup.Status.ORDERED) {
                result.expectEvents(ended(reason, 1, 2));
            } else if (status == Pickup.Status.AUTHORISED) {
                result.expectEvents(ended(reason, 1, 2), addressDestroyed());
            } else {
                result.expectEvents(cancellationRequested(reason, 1, 2));
            }
        }
    }

    @Test
    void goesOnWithWhatWasCollectedInTime() {
        List<?> collectedInPart = with(Pickup.Status.ACCEPTED, collected(1));
        when(collectedInPart, end(PickupEndReason.NOT_COLLECTED_IN_TIME))
                .expectEvents(cancellationRequested(PickupEndReason.NOT_COLLECTED_IN_TIME, 2));
        for (Pickup.Status status : List.of(
                Pickup.Status.ORDERED,
                Pickup.Status.AUTHORISED,
                Pickup.Status.COLLECTED,
                Pickup.Status.RETURNING,
                Pickup.Status.ENDED)) {
            when(status, end(PickupEndReason.NOT_COLLECTED_IN_TIME)).expectException(because(Reason.DEADLINE_LAPSED));
        }
    }

    /** Behind the owner's date nothing may be shipped; what is on the road goes on. */
    @Test
    void endsAtItsDateAsFarAsNothingHasLeft() {
        when(Pickup.Status.AUTHORISED, end(PickupEndReason.DATE_PASSED))
                .expectEvents(ended(PickupEndReason.DATE_PASSED, 1, 2), addressDestroyed());
        when(with(Pickup.Status.ACCEPTED, collected(1)), end(PickupEndReason.DATE_PASSED))
                .expectEvents(cancellationRequested(PickupEndReason.DATE_PASSED, 2));
        for (Pickup.Status status :
                List.of(Pickup.Status.ORDERED, Pickup.Status.COLLECTED, Pickup.Status.RETURNING, Pickup.Status.ENDED)) {
            when(status, end(PickupEndReason.DATE_PASSED)).expectException(because(Reason.DEADLINE_LAPSED));
        }
    }

    @Test
    void endsWhenTheRestIsNotCollected() {
        when(
                        with(
                                Pickup.Status.ACCEPTED,
                                collected(1),
                                completed(1),
                                cancellationRequested(PickupEndReason.NOT_COLLECTED_IN_TIME, 2)),
                        keepBack(2))
                .expectEvents(ended(PickupEndReason.NOT_COLLECTED_IN_TIME, 2), addressDestroyed());
    }

    @Test
    void knowsTheTimeFromItsCommandsAlone() {
        Instant later = NOW.plusSeconds(1);
        when(Pickup.Status.AUTHORISED, new EndPickup(PICKUP, PickupEndReason.DATE_PASSED, later))
                .expectEvents(
                        ended(PickupEndReason.DATE_PASSED, 1, 2),
                        new AddressDestroyed(PICKUP, ENVELOPE.sha256(), later));
    }
}
