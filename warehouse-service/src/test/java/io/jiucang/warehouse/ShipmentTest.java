package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseFixtures.BIN;
import static io.jiucang.warehouse.WarehouseFixtures.COURIER;
import static io.jiucang.warehouse.WarehouseFixtures.PICKUP;
import static io.jiucang.warehouse.WarehouseFixtures.SCAN;
import static io.jiucang.warehouse.WarehouseFixtures.SITE;
import static io.jiucang.warehouse.WarehouseFixtures.box;
import static io.jiucang.warehouse.WarehouseFixtures.rejectedFor;
import static io.jiucang.warehouse.WarehouseFixtures.token;
import static io.jiucang.warehouse.WarehouseFixtures.tokens;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_AT_OTHER_SITE;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_NOT_IN_PICKUP;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_NOT_SHIPPED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_SHIPPED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.SHIPMENT_CANCELLED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.SHIPMENT_UNKNOWN;

import io.jiucang.events.BoxCode;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.warehouse.ShipmentEvent.ReturnExpected;
import io.jiucang.warehouse.ShipmentEvent.ShipmentCancelled;
import io.jiucang.warehouse.ShipmentEvent.ShipmentRequested;
import io.jiucang.warehouse.WarehouseCommand.CancelShipment;
import io.jiucang.warehouse.WarehouseCommand.ExpectReturn;
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
    private static final List<StoredCase> CASES =
            List.of(new StoredCase(token(1), box(1), SITE, BIN), new StoredCase(token(2), box(2), SITE, BIN));
    private static final RequestShipment REQUEST = new RequestShipment(PICKUP, "顺丰", CASES, ACCEPT_BY);
    private static final ShipmentRequested REQUESTED = new ShipmentRequested(PICKUP, "顺丰", CASES, ACCEPT_BY);

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
    void shipsCaseByCase() {
        shipment.given(REQUESTED).when(ship(2)).expectEvents(shipped(2)).expectResultMessagePayload(shipped(2));
        shipment.given(REQUESTED, shipped(2)).when(ship(1)).expectEvents(shipped(1));
    }

    @Test
    void shipsNothingThatNobodyRequested() {
        shipment.givenNoPriorActivity().when(ship(1)).expectNoEvents().expectException(rejectedFor(SHIPMENT_UNKNOWN));
    }

    @Test
    void shipsNoBoxThatIsNotInThePickup() {
        shipment.given(REQUESTED).when(ship(1, 3)).expectNoEvents().expectException(rejectedFor(BOX_NOT_IN_PICKUP));
    }

    @Test
    void shipsNoBoxTwice() {
        shipment.given(REQUESTED, shipped(1))
                .when(ship(2, 1))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_SHIPPED));
        shipment.given(REQUESTED, shipped(1), returned(1)).when(ship(1)).expectException(rejectedFor(BOX_SHIPPED));
    }

    @Test
    void shipsNoBoxFromAnotherSite() {
        CaseDispatched elsewhere = new CaseDispatched(box(1), "elsewhere", BIN, PICKUP, SCAN);

        shipment.given(REQUESTED)
                .when(new ShipCases(PICKUP, COURIER, List.of(elsewhere)))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_AT_OTHER_SITE));
    }

    @Test
    void shipsNothingThatWasCancelled() {
        shipment.given(REQUESTED, new ShipmentCancelled(PICKUP, tokens(1)))
                .when(ship(1))
                .expectNoEvents()
                .expectException(rejectedFor(SHIPMENT_CANCELLED));
    }

    @Test
    void cancelsOnlyWhatWaits() {
        shipment.given(REQUESTED, shipped(1))
                .when(new CancelShipment(PICKUP, tokens(2)))
                .expectEvents(new ShipmentCancelled(PICKUP, List.of(token(2))));
        shipment.given(REQUESTED, shipped(1, 2))
                .when(new CancelShipment(PICKUP, tokens(2)))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
        shipment.givenNoPriorActivity()
                .when(new CancelShipment(PICKUP, tokens(2)))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
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
