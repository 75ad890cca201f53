package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseFixtures.BIN;
import static io.jiucang.warehouse.WarehouseFixtures.COURIER;
import static io.jiucang.warehouse.WarehouseFixtures.PICKUP;
import static io.jiucang.warehouse.WarehouseFixtures.SCAN;
import static io.jiucang.warehouse.WarehouseFixtures.SITE;
import static io.jiucang.warehouse.WarehouseFixtures.box;
import static io.jiucang.warehouse.WarehouseFixtures.rejectedFor;
import static io.jiucang.warehouse.WarehouseFixtures.stored;
import static io.jiucang.warehouse.WarehouseFixtures.token;
import static io.jiucang.warehouse.WarehouseFixtures.tokens;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_AT_OTHER_SITE;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_NOT_IN_PICKUP;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_NOT_SHIPPED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_SHIPPED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.SHIPMENT_CANCELLED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.SHIPMENT_UNKNOWN;
import static io.jiucang.warehouse.WarehouseRejected.Reason.TOKEN_NOT_LOCKED;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ShipmentCancellationRefused;
import io.jiucang.events.WarehouseEvent.ShipmentCancelled;
import io.jiucang.events.value.BoxCode;
import io.jiucang.warehouse.ShipmentEvent.LockNoted;
import io.jiucang.warehouse.ShipmentEvent.ReturnExpected;
import io.jiucang.warehouse.ShipmentEvent.ShipmentRequested;
import io.jiucang.warehouse.ShipmentEvent.UnlockNoted;
import io.jiucang.warehouse.WarehouseCommand.CancelShipment;
import io.jiucang.warehouse.WarehouseCommand.ExpectReturn;
import io.jiucang.warehouse.WarehouseCommand.NoteLock;
import io.jiucang.warehouse.WarehouseCommand.NoteUnlock;
import io.jiucang.warehouse.WarehouseCommand.RequestShipment;
import io.jiucang.warehouse.WarehouseCommand.ReturnCases;
import io.jiucang.warehouse.WarehouseCommand.ShipCases;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.Test;

class ShipmentTest {

    private static final Instant ACCEPT_BY = Instant.parse("2026-11-24T04:00:00Z");
    private static final List<StoredCase> CASES = List.of(stored(1), stored(2));
    private static final RequestShipment REQUEST = new RequestShipment(PICKUP, "顺丰", CASES, ACCEPT_BY);
    private static final ShipmentRequested REQUESTED = new ShipmentRequested(PICKUP, "顺丰", CASES, ACCEPT_BY);

    private static final LockNoted LOCKED_1 = new LockNoted(PICKUP, token(1));
    private static final LockNoted LOCKED_2 = new LockNoted(PICKUP, token(2));
    private static final UnlockNoted UNLOCKED_1 = new UnlockNoted(PICKUP, token(1));
    private static final ShipmentCancelled CANCELLED_1 = new ShipmentCancelled(PICKUP, List.of(token(1)));

    private final AggregateTestFixture<Shipment> shipment = new AggregateTestFixture<>(Shipment.class);

    @Test
    void isRequestedOnceHoweverOftenTheDeliveryIs() {
        shipment.givenNoPriorActivity().when(REQUEST).expectEvents(REQUESTED);
        shipment.given(REQUESTED)
                .when(REQUEST)
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void isNotRequestedAnyMoreOnceItIsCancelled() {
        shipment.given(CANCELLED_1)
                .when(REQUEST)
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void notesEachLockOnce() {
        NoteLock lock = new NoteLock(PICKUP, token(1));

        shipment.givenNoPriorActivity().when(lock).expectEvents(LOCKED_1);
        shipment.given(REQUESTED).when(lock).expectEvents(LOCKED_1);
        shipment.given(LOCKED_1).when(lock).expectSuccessfulHandlerExecution().expectNoEvents();
        shipment.given(LOCKED_1, UNLOCKED_1).when(lock).expectEvents(LOCKED_1);
    }

    @Test
    void notesTheEndOfALockOnlyWhereThereIsOne() {
        NoteUnlock unlock = new NoteUnlock(PICKUP, token(1));

        shipment.given(LOCKED_1, LOCKED_2).when(unlock).expectEvents(UNLOCKED_1);
        shipment.given(LOCKED_2, REQUESTED)
                .when(unlock)
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
        shipment.givenNoPriorActivity()
                .when(unlock)
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void shipsCaseByCase() {
        shipment.given(LOCKED_1, LOCKED_2, REQUESTED)
                .when(ship(2))
                .expectEvents(shipped(2))
                .expectResultMessagePayload(shipped(2));
        shipment.given(LOCKED_1, LOCKED_2, REQUESTED, shipped(2)).when(ship(1)).expectEvents(shipped(1));
    }

    @Test
    void shipsWhetherTheLockOrTheRequestWasHeardFirst() {
        shipment.given(LOCKED_1, REQUESTED).when(ship(1)).expectEvents(shipped(1));
        shipment.given(REQUESTED, LOCKED_1).when(ship(1)).expectEvents(shipped(1));
        shipment.given(LOCKED_1, REQUESTED, UNLOCKED_1, LOCKED_1).when(ship(1)).expectEvents(shipped(1));
    }

    @Test
    void shipsNothingThatNobodyRequested() {
        shipment.givenNoPriorActivity().when(ship(1)).expectNoEvents().expectException(rejectedFor(SHIPMENT_UNKNOWN));
        shipment.given(LOCKED_1).when(ship(1)).expectNoEvents().expectException(rejectedFor(SHIPMENT_UNKNOWN));
    }

    @Test
    void shipsNothingWhoseTokenIsNotLockedForIt() {
        shipment.given(REQUESTED).when(ship(1)).expectNoEvents().expectException(rejectedFor(TOKEN_NOT_LOCKED));
        shipment.given(LOCKED_2, REQUESTED)
                .when(ship(2, 1))
                .expectNoEvents()
                .expectException(rejectedFor(TOKEN_NOT_LOCKED));
        shipment.given(LOCKED_1, REQUESTED, UNLOCKED_1)
                .when(ship(1))
                .expectNoEvents()
                .expectException(rejectedFor(TOKEN_NOT_LOCKED));
        shipment.given(LOCKED_1, UNLOCKED_1, REQUESTED)
                .when(ship(1))
                .expectNoEvents()
                .expectException(rejectedFor(TOKEN_NOT_LOCKED));
    }

    @Test
    void shipsNoBoxThatIsNotInThePickup() {
        shipment.given(LOCKED_1, REQUESTED)
                .when(ship(1, 3))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_NOT_IN_PICKUP));
    }

    @Test
    void shipsNoBoxTwice() {
        shipment.given(LOCKED_1, LOCKED_2, REQUESTED, shipped(1))
                .when(ship(2, 1))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_SHIPPED));
        shipment.given(LOCKED_1, REQUESTED, shipped(1), returned(1))
                .when(ship(1))
                .expectException(rejectedFor(BOX_SHIPPED));
    }

    @Test
    void shipsNoBoxFromAnotherSite() {
        CaseDispatched elsewhere = new CaseDispatched(box(1), "elsewhere", BIN, PICKUP, SCAN);

        shipment.given(LOCKED_1, REQUESTED)
                .when(new ShipCases(PICKUP, COURIER, List.of(elsewhere)))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_AT_OTHER_SITE));
    }

    @Test
    void shipsNothingThatWasCancelled() {
        shipment.given(LOCKED_1, REQUESTED, CANCELLED_1)
                .when(ship(1))
                .expectNoEvents()
                .expectException(rejectedFor(SHIPMENT_CANCELLED));
    }

    @Test
    void keepsBackWhatHasNotLeft() {
        shipment.given(LOCKED_1, REQUESTED)
                .when(new CancelShipment(PICKUP, tokens(2)))
                .expectEvents(new ShipmentCancelled(PICKUP, tokens(2)));
    }

    @Test
    void refusesToKeepBackWhatHasLeft() {
        CancelShipment cancel = new CancelShipment(PICKUP, List.of(token(1)));
        ShipmentCancellationRefused refused = new ShipmentCancellationRefused(PICKUP, List.of(token(1)));

        shipment.given(REQUESTED, shipped(1)).when(cancel).expectEvents(refused);
        shipment.given(REQUESTED, shipped(1), new ReturnExpected(PICKUP, List.of(token(1))))
                .when(cancel)
                .expectEvents(refused);
        shipment.given(REQUESTED, shipped(1), returned(1)).when(cancel).expectEvents(refused);
    }

    @Test
    void answersForEachCaseOfACancellation() {
        shipment.given(REQUESTED, shipped(1))
                .when(new CancelShipment(PICKUP, tokens(2)))
                .expectEvents(
                        new ShipmentCancelled(PICKUP, List.of(token(2))),
                        new ShipmentCancellationRefused(PICKUP, List.of(token(1))));
    }

    @Test
    void answersACancellationThatComesAgainTheSame() {
        shipment.given(REQUESTED, CANCELLED_1)
                .when(new CancelShipment(PICKUP, List.of(token(1))))
                .expectEvents(CANCELLED_1);
    }

    @Test
    void keepsBackWhatWasNeverRequested() {
        shipment.givenNoPriorActivity()
                .when(new CancelShipment(PICKUP, List.of(token(1))))
                .expectEvents(CANCELLED_1);
    }

    @Test
    void expectsBackOnlyWhatIsOut() {
        shipment.given(REQUESTED, shipped(1))
                .when(new ExpectReturn(PICKUP, tokens(2)))
                .expectEvents(new ReturnExpected(PICKUP, tokens(1)));
        shipment.given(REQUESTED, shipped(1), returned(1))
                .when(new ExpectReturn(PICKUP, tokens(2)))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void takesBackWhatIsOutAnnouncedOrNot() {
        shipment.given(REQUESTED, shipped(1, 2), new ReturnExpected(PICKUP, tokens(1)))
                .when(takeBack(1, 2))
                .expectEvents(returned(1, 2))
                .expectResultMessagePayload(returned(1, 2));
    }

    @Test
    void takesBackNothingThatIsNotOut() {
        shipment.givenNoPriorActivity().when(takeBack(1)).expectException(rejectedFor(SHIPMENT_UNKNOWN));
        shipment.given(REQUESTED).when(takeBack(1)).expectException(rejectedFor(BOX_NOT_SHIPPED));
        shipment.given(REQUESTED, shipped(1)).when(takeBack(3)).expectException(rejectedFor(BOX_NOT_IN_PICKUP));
        shipment.given(REQUESTED, shipped(1), returned(1))
                .when(takeBack(1))
                .expectException(rejectedFor(BOX_NOT_SHIPPED));
    }

    private static ShipCases ship(int... boxes) {
        return new ShipCases(
                PICKUP,
                COURIER,
                Arrays.stream(boxes).mapToObj(WarehouseFixtures::dispatched).toList());
    }

    private static CasesShipped shipped(int... boxes) {
        return new CasesShipped(PICKUP, COURIER, cases(boxes));
    }

    private static ReturnCases takeBack(int... boxes) {
        List<BoxCode> codes =
                Arrays.stream(boxes).mapToObj(WarehouseFixtures::box).toList();
        return new ReturnCases(PICKUP, SITE, "R-01", codes);
    }

    private static CasesReturned returned(int... boxes) {
        return new CasesReturned(PICKUP, SITE, "R-01", cases(boxes));
    }

    private static List<DeliveredCase> cases(int... boxes) {
        return Arrays.stream(boxes)
                .mapToObj(box -> new DeliveredCase(token(box), box(box)))
                .toList();
    }
}
