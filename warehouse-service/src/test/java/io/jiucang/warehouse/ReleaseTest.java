package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseFixtures.BIN;
import static io.jiucang.warehouse.WarehouseFixtures.GTIN;
import static io.jiucang.warehouse.WarehouseFixtures.ORDER;
import static io.jiucang.warehouse.WarehouseFixtures.OTHER_GTIN;
import static io.jiucang.warehouse.WarehouseFixtures.PLAN;
import static io.jiucang.warehouse.WarehouseFixtures.RELEASE;
import static io.jiucang.warehouse.WarehouseFixtures.SCAN;
import static io.jiucang.warehouse.WarehouseFixtures.SITE;
import static io.jiucang.warehouse.WarehouseFixtures.VAULT;
import static io.jiucang.warehouse.WarehouseFixtures.box;
import static io.jiucang.warehouse.WarehouseFixtures.picked;
import static io.jiucang.warehouse.WarehouseFixtures.rejectedFor;
import static io.jiucang.warehouse.WarehouseFixtures.released;
import static io.jiucang.warehouse.WarehouseFixtures.requested;
import static io.jiucang.warehouse.WarehouseFixtures.servedBy;
import static io.jiucang.warehouse.WarehouseFixtures.tokens;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_AT_OTHER_SITE;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_CANCELLED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_FINISHED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_UNKNOWN;
import static io.jiucang.warehouse.WarehouseRejected.Reason.TOO_MANY_BOXES;
import static io.jiucang.warehouse.WarehouseRejected.Reason.WRONG_PRODUCT;

import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.WarehouseEvent.ReleaseCancelled;
import io.jiucang.events.WarehouseEvent.ReleaseRefused;
import io.jiucang.events.value.BoxCode;
import io.jiucang.warehouse.WarehouseCommand.CancelRelease;
import io.jiucang.warehouse.WarehouseCommand.RefuseRelease;
import io.jiucang.warehouse.WarehouseCommand.ReleaseCases;
import io.jiucang.warehouse.WarehouseCommand.RequestRelease;
import java.util.Arrays;
import java.util.List;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.Test;

class ReleaseTest {

    private static final RequestRelease REQUEST =
            new RequestRelease(RELEASE, ORDER, PLAN, VAULT, SITE, GTIN, tokens(3));
    private static final CancelRelease CANCEL = new CancelRelease(RELEASE);
    private static final RefuseRelease REFUSE = new RefuseRelease(RELEASE, "全部破损");
    private static final ReleaseCancelled CANCELLED = new ReleaseCancelled(RELEASE, ORDER);
    private static final ReleaseCancellationRefused CANCELLATION_REFUSED =
            new ReleaseCancellationRefused(RELEASE, ORDER);

    private final AggregateTestFixture<Release> release = new AggregateTestFixture<>(Release.class);

    @Test
    void isRequestedForEveryTokenOfTheSale() {
        release.givenNoPriorActivity().when(REQUEST).expectEvents(requested(3));
    }

    @Test
    void isRequestedOnceHoweverOftenTheSaleIsTold() {
        release.given(requested(3))
                .when(REQUEST)
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void givesEachBoxToTheNextTokenInTheOrderOfScanning() {
        release.given(requested(3))
                .when(releaseOf(picked(8), picked(5)))
                .expectEvents(released(servedBy(1, 8), servedBy(2, 5)))
                .expectResultMessagePayload(released(servedBy(1, 8), servedBy(2, 5)));
    }

    @Test
    void goesOnWhereTheLastPostEnded() {
        release.given(requested(3), released(servedBy(1, 8), servedBy(2, 5)))
                .when(releaseOf(picked(9)))
                .expectEvents(released(servedBy(3, 9)));
    }

    @Test
    void releasesNothingThatWasNotRequested() {
        release.givenNoPriorActivity()
                .when(releaseOf(picked(1)))
                .expectNoEvents()
                .expectException(rejectedFor(RELEASE_UNKNOWN));
    }

    @Test
    void takesNoBoxOfAnotherProduct() {
        CasePicked other = new CasePicked(new BoxCode(OTHER_GTIN, "B1"), SITE, BIN, RELEASE, SCAN);
        release.given(requested(3))
                .when(releaseOf(picked(1), other))
                .expectNoEvents()
                .expectException(rejectedFor(WRONG_PRODUCT));
    }

    @Test
    void takesNoBoxOfAnotherSite() {
        CasePicked elsewhere = new CasePicked(box(2), "宜宾酒库", BIN, RELEASE, SCAN);
        release.given(requested(3))
                .when(releaseOf(picked(1), elsewhere))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_AT_OTHER_SITE));
    }

    @Test
    void takesNoMoreBoxesThanTokensWait() {
        release.given(requested(2), released(servedBy(1, 1)))
                .when(releaseOf(picked(2), picked(3)))
                .expectNoEvents()
                .expectException(rejectedFor(TOO_MANY_BOXES));
    }

    @Test
    void takesNoBoxOnceEveryTokenIsServed() {
        release.given(requested(1), released(servedBy(1, 1)))
                .when(releaseOf(picked(2)))
                .expectNoEvents()
                .expectException(rejectedFor(RELEASE_FINISHED));
    }

    @Test
    void takesNoBoxOnceCancelled() {
        release.given(requested(1), CANCELLED)
                .when(releaseOf(picked(2)))
                .expectNoEvents()
                .expectException(rejectedFor(RELEASE_CANCELLED));
    }

    @Test
    void takesNoBoxOnceRefused() {
        release.given(requested(2), refused(1, 2))
                .when(releaseOf(picked(2)))
                .expectNoEvents()
                .expectException(rejectedFor(RELEASE_FINISHED));
    }

    @Test
    void isCancelledBeforeACaseHasLeft() {
        release.given(requested(3)).when(CANCEL).expectEvents(CANCELLED);
    }

    @Test
    void refusesCancellationOnceACaseHasLeft() {
        release.given(requested(3), released(servedBy(1, 1))).when(CANCEL).expectEvents(CANCELLATION_REFUSED);
    }

    @Test
    void refusesCancellationOnceEveryCaseHasLeft() {
        release.given(requested(1), released(servedBy(1, 1))).when(CANCEL).expectEvents(CANCELLATION_REFUSED);
    }

    @Test
    void refusesCancellationAfterARefusalOfTheRest() {
        release.given(requested(2), released(servedBy(1, 1)), refused(2))
                .when(CANCEL)
                .expectEvents(CANCELLATION_REFUSED);
    }

    @Test
    void answersEachCancellationOfAReleaseThatHasBegun() {
        release.given(requested(2), released(servedBy(1, 1)), CANCELLATION_REFUSED)
                .when(CANCEL)
                .expectEvents(CANCELLATION_REFUSED);
    }

    @Test
    void hasNothingToCancelAfterARefusalOfEverything() {
        release.given(requested(1), refused(1))
                .when(CANCEL)
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void isCancelledOnce() {
        release.given(requested(1), CANCELLED)
                .when(CANCEL)
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void cancelsNothingThatWasNotRequested() {
        release.givenNoPriorActivity().when(CANCEL).expectNoEvents().expectException(rejectedFor(RELEASE_UNKNOWN));
    }

    @Test
    void isRefusedForTheTokensThatStillWait() {
        release.given(requested(3), released(servedBy(1, 1))).when(REFUSE).expectEvents(refused(2, 3));
    }

    @Test
    void refusesNothingThatWasNotRequested() {
        release.givenNoPriorActivity().when(REFUSE).expectException(rejectedFor(RELEASE_UNKNOWN));
    }

    @Test
    void isNotRefusedOnceFinished() {
        release.given(requested(1), released(servedBy(1, 1)))
                .when(REFUSE)
                .expectException(rejectedFor(RELEASE_FINISHED));
    }

    @Test
    void isNotRefusedOnceCancelled() {
        release.given(requested(1), CANCELLED).when(REFUSE).expectException(rejectedFor(RELEASE_CANCELLED));
    }

    private static ReleaseCases releaseOf(CasePicked... cases) {
        return new ReleaseCases(RELEASE, List.of(cases));
    }

    private static ReleaseRefused refused(long... serials) {
        return new ReleaseRefused(
                RELEASE,
                ORDER,
                Arrays.stream(serials).mapToObj(WarehouseFixtures::token).toList(),
                REFUSE.description());
    }
}
