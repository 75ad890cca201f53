package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseFixtures.BIN;
import static io.jiucang.warehouse.WarehouseFixtures.ORDER;
import static io.jiucang.warehouse.WarehouseFixtures.PICKUP;
import static io.jiucang.warehouse.WarehouseFixtures.RELEASE;
import static io.jiucang.warehouse.WarehouseFixtures.SCAN;
import static io.jiucang.warehouse.WarehouseFixtures.SITE;
import static io.jiucang.warehouse.WarehouseFixtures.box;
import static io.jiucang.warehouse.WarehouseFixtures.dispatched;
import static io.jiucang.warehouse.WarehouseFixtures.picked;
import static io.jiucang.warehouse.WarehouseFixtures.rejectedFor;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_ALREADY_KNOWN;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_DAMAGED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_NOT_RELEASED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_NOT_SHIPPED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_RELEASED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_SHIPPED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_UNKNOWN;

import io.jiucang.events.WarehouseEvent.CaseDamaged;
import io.jiucang.events.WarehouseEvent.CaseShelved;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.warehouse.WarehouseCommand.DispatchCase;
import io.jiucang.warehouse.WarehouseCommand.PickCase;
import io.jiucang.warehouse.WarehouseCommand.ReportDamage;
import io.jiucang.warehouse.WarehouseCommand.ReshelveCase;
import io.jiucang.warehouse.WarehouseCommand.ShelveCase;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.Test;

class StockCaseTest {

    private static final BoxCode BOX = box(1);
    private static final CaseShelved SHELVED = new CaseShelved(BOX, SITE, BIN);
    private static final CaseDamaged DAMAGED = new CaseDamaged(BOX, SITE, BIN, "瓶身破裂");
    private static final CaseReshelved RESHELVED = new CaseReshelved(BOX, SITE, "R-01", PICKUP);

    private final AggregateTestFixture<StockCase> stockCase = new AggregateTestFixture<>(StockCase.class);

    @Test
    void shelvesACase() {
        stockCase.givenNoPriorActivity().when(new ShelveCase(BOX, SITE, BIN)).expectEvents(SHELVED);
    }

    @Test
    void shelvesNoCaseTwice() {
        stockCase
                .given(SHELVED)
                .when(new ShelveCase(BOX, SITE, "B-01-1"))
                .expectException(rejectedFor(BOX_ALREADY_KNOWN));
    }

    @Test
    void shelvesNoCaseAgainThatWasReleased() {
        stockCase
                .given(SHELVED, picked(1))
                .when(new ShelveCase(BOX, SITE, BIN))
                .expectException(rejectedFor(BOX_ALREADY_KNOWN));
    }

    @Test
    void picksASoundCase() {
        stockCase
                .given(SHELVED)
                .when(new PickCase(BOX, RELEASE, SCAN))
                .expectEvents(picked(1))
                .expectResultMessagePayload(picked(1));
    }

    @Test
    void picksNoCaseThatWasNeverShelved() {
        stockCase
                .givenNoPriorActivity()
                .when(new PickCase(BOX, RELEASE, SCAN))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_UNKNOWN));
    }

    @Test
    void picksNoCaseTwice() {
        stockCase
                .given(SHELVED, picked(1))
                .when(new PickCase(BOX, RELEASE, SCAN))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_RELEASED));
        stockCase
                .given(SHELVED, picked(1), dispatched(1))
                .when(new PickCase(BOX, RELEASE, SCAN))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_SHIPPED));
    }

    @Test
    void picksNoDamagedCase() {
        stockCase
                .given(SHELVED, DAMAGED)
                .when(new PickCase(BOX, RELEASE, SCAN))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_DAMAGED));
    }

    @Test
    void keepsADamagedCaseWithItsBin() {
        stockCase.given(SHELVED).when(new ReportDamage(BOX, "瓶身破裂")).expectEvents(DAMAGED);
    }

    @Test
    void reportsNoDamageOfACaseThatWasNeverShelved() {
        stockCase.givenNoPriorActivity().when(new ReportDamage(BOX, "x")).expectException(rejectedFor(BOX_UNKNOWN));
    }

    @Test
    void reportsNoDamageTwice() {
        stockCase.given(SHELVED, DAMAGED).when(new ReportDamage(BOX, "x")).expectException(rejectedFor(BOX_DAMAGED));
    }

    @Test
    void reportsDamageOfACaseInCustodyWhereItStands() {
        stockCase.given(SHELVED, picked(1)).when(new ReportDamage(BOX, "瓶身破裂")).expectEvents(DAMAGED);
        stockCase
                .given(SHELVED, picked(1), dispatched(1), RESHELVED)
                .when(new ReportDamage(BOX, "漏酒"))
                .expectEvents(new CaseDamaged(BOX, SITE, "R-01", "漏酒"));
    }

    @Test
    void reportsNoDamageOfACaseThatIsOut() {
        stockCase
                .given(SHELVED, picked(1), dispatched(1))
                .when(new ReportDamage(BOX, "x"))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_SHIPPED));
    }

    @Test
    void dispatchesACaseInCustody() {
        stockCase
                .given(SHELVED, picked(1))
                .when(new DispatchCase(BOX, PICKUP, SCAN))
                .expectEvents(dispatched(1))
                .expectResultMessagePayload(dispatched(1));
        stockCase
                .given(SHELVED, picked(1), dispatched(1), RESHELVED)
                .when(new DispatchCase(BOX, PICKUP, SCAN))
                .expectEvents(new CaseDispatched(BOX, SITE, "R-01", PICKUP, SCAN));
    }

    @Test
    void dispatchesNoCaseThatStandsForNoToken() {
        stockCase
                .givenNoPriorActivity()
                .when(new DispatchCase(BOX, PICKUP, SCAN))
                .expectException(rejectedFor(BOX_UNKNOWN));
        stockCase
                .given(SHELVED)
                .when(new DispatchCase(BOX, PICKUP, SCAN))
                .expectException(rejectedFor(BOX_NOT_RELEASED));
        stockCase
                .given(SHELVED, DAMAGED)
                .when(new DispatchCase(BOX, PICKUP, SCAN))
                .expectException(rejectedFor(BOX_DAMAGED));
    }

    @Test
    void dispatchesNoCaseThatWasDamagedInCustody() {
        stockCase
                .given(SHELVED, picked(1), DAMAGED)
                .when(new DispatchCase(BOX, PICKUP, SCAN))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_DAMAGED));
    }

    @Test
    void dispatchesNoCaseThatIsOut() {
        stockCase
                .given(SHELVED, picked(1), dispatched(1))
                .when(new DispatchCase(BOX, PICKUP, SCAN))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_SHIPPED));
    }

    @Test
    void standsInABinAgainWhenItComesBack() {
        stockCase
                .given(SHELVED, picked(1), dispatched(1))
                .when(new ReshelveCase(BOX, SITE, "R-01", PICKUP))
                .expectEvents(RESHELVED);
    }

    @Test
    void comesBackFromNoPickupButTheOneItLeftFor() {
        stockCase
                .given(SHELVED, picked(1))
                .when(new ReshelveCase(BOX, SITE, "R-01", PICKUP))
                .expectException(rejectedFor(BOX_NOT_SHIPPED));
        stockCase
                .given(SHELVED, picked(1), dispatched(1))
                .when(new ReshelveCase(BOX, SITE, "R-01", new PickupId(ORDER.value())))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_NOT_SHIPPED));
    }

    @Test
    void isNoSoundStockForReleasesEvenWhenItIsBack() {
        stockCase
                .given(SHELVED, picked(1), dispatched(1), RESHELVED)
                .when(new PickCase(BOX, RELEASE, SCAN))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_RELEASED));
    }
}
