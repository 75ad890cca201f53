package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseFixtures.BIN;
import static io.jiucang.warehouse.WarehouseFixtures.GTIN;
import static io.jiucang.warehouse.WarehouseFixtures.ORDER;
import static io.jiucang.warehouse.WarehouseFixtures.RELEASE;
import static io.jiucang.warehouse.WarehouseFixtures.SALE;
import static io.jiucang.warehouse.WarehouseFixtures.SCAN;
import static io.jiucang.warehouse.WarehouseFixtures.SITE;
import static io.jiucang.warehouse.WarehouseFixtures.STATEMENT;
import static io.jiucang.warehouse.WarehouseFixtures.VAULT;
import static io.jiucang.warehouse.WarehouseFixtures.box;
import static io.jiucang.warehouse.WarehouseFixtures.picked;
import static io.jiucang.warehouse.WarehouseFixtures.rejectedFor;
import static io.jiucang.warehouse.WarehouseFixtures.released;
import static io.jiucang.warehouse.WarehouseFixtures.requested;
import static io.jiucang.warehouse.WarehouseFixtures.servedBy;
import static io.jiucang.warehouse.WarehouseFixtures.token;
import static io.jiucang.warehouse.WarehouseFixtures.tokens;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_AT_OTHER_SITE;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_CANCELLED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_FINISHED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_NOT_CANCELLED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_UNKNOWN;
import static io.jiucang.warehouse.WarehouseRejected.Reason.TOKEN_NOT_WAITING;

import io.jiucang.events.WarehouseEvent.CaseStated;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.WarehouseEvent.ReleaseCancelled;
import io.jiucang.events.value.TokenId;
import io.jiucang.warehouse.WarehouseCommand.CancelRelease;
import io.jiucang.warehouse.WarehouseCommand.ReleaseCases;
import io.jiucang.warehouse.WarehouseCommand.RequestRelease;
import io.jiucang.warehouse.WarehouseCommand.StateCases;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.Test;

class ReleaseTest {

    private static final RequestRelease REQUEST =
            new RequestRelease(RELEASE, ORDER, VAULT, SITE, GTIN, tokens(3), SALE);
    private static final CancelRelease CANCEL = new CancelRelease(RELEASE);
    private static final ReleaseCancelled CANCELLED = new ReleaseCancelled(RELEASE, ORDER);
    private static final ReleaseCancellationRefused CANCELLATION_REFUSED =
            new ReleaseCancellationRefused(RELEASE, ORDER);

    /** Each said once: no two statements are the same. */
    private static final Map<String, CaseStated> WORDS = new HashMap<>();

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
    void givesEachTokenTheBoxThatTheDockSays() {
        release.given(requested(3))
                .when(releaseOf(Map.of(token(3), picked(8), token(1), picked(5))))
                .expectEvents(released(servedBy(1, 5), servedBy(3, 8)))
                .expectResultMessagePayload(released(servedBy(1, 5), servedBy(3, 8)));
    }

    @Test
    void goesOnWhereTheLastPostEnded() {
        release.given(requested(3), released(servedBy(1, 8), servedBy(2, 5)))
                .when(releaseOf(Map.of(token(3), picked(9))))
                .expectEvents(released(servedBy(3, 9)));
    }

    @Test
    void releasesNothingThatWasNotRequested() {
        release.givenNoPriorActivity()
                .when(releaseOf(Map.of(token(1), picked(1))))
                .expectNoEvents()
                .expectException(rejectedFor(RELEASE_UNKNOWN));
    }

    @Test
    void takesNoBoxOfAnotherSite() {
        CasePicked elsewhere = new CasePicked(box(2), "宜宾酒库", BIN, RELEASE, SCAN);
        release.given(requested(3))
                .when(releaseOf(Map.of(token(1), picked(1), token(2), elsewhere)))
                .expectNoEvents()
                .expectException(rejectedFor(BOX_AT_OTHER_SITE));
    }

    @Test
    void takesNoBoxForATokenThatDoesNotWait() {
        for (long serial : new long[] {1, 3}) {
            release.given(requested(2), released(servedBy(1, 1)))
                    .when(releaseOf(Map.of(token(2), picked(2), token(serial), picked(3))))
                    .expectNoEvents()
                    .expectException(rejectedFor(TOKEN_NOT_WAITING));
        }
    }

    @Test
    void takesNoBoxOnceEveryTokenIsServed() {
        release.given(requested(1), released(servedBy(1, 1)))
                .when(releaseOf(Map.of(token(1), picked(2))))
                .expectNoEvents()
                .expectException(rejectedFor(RELEASE_FINISHED));
    }

    @Test
    void takesNoBoxOnceCancelled() {
        release.given(requested(1), CANCELLED)
                .when(releaseOf(Map.of(token(1), picked(2))))
                .expectNoEvents()
                .expectException(rejectedFor(RELEASE_CANCELLED));
    }

    @Test
    void takesNoBoxOnceRefused() {
        release.given(requested(2), refused(1, 2))
                .when(releaseOf(Map.of(token(1), picked(2))))
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
    void isRefusedForTheTokensThatTheDockSays() {
        release.given(requested(3), released(servedBy(1, 1)))
                .when(state(refused(2)))
                .expectEvents(refused(2));
        release.given(requested(3), released(servedBy(1, 1)), refused(2))
                .when(releaseOf(Map.of(token(3), picked(3))))
                .expectEvents(released(servedBy(3, 3)));
        release.given(requested(2), refused(2))
                .when(state(refused(2)))
                .expectNoEvents()
                .expectException(rejectedFor(TOKEN_NOT_WAITING));
    }

    @Test
    void refusesNothingThatWasNotRequested() {
        release.givenNoPriorActivity().when(state(refused(1))).expectException(rejectedFor(RELEASE_UNKNOWN));
    }

    @Test
    void isNotRefusedOnceFinished() {
        release.given(requested(1), released(servedBy(1, 1)))
                .when(state(refused(1)))
                .expectException(rejectedFor(RELEASE_FINISHED));
    }

    @Test
    void isNotRefusedOnceCancelled() {
        release.given(requested(1), CANCELLED).when(state(refused(1))).expectException(rejectedFor(RELEASE_CANCELLED));
    }

    @Test
    void waitsOnceCancelledForTheWordThatNothingWasReleased() {
        release.given(requested(3), CANCELLED).when(state(notReleased(1, 3))).expectEvents(notReleased(1, 3));
        release.given(requested(3), CANCELLED, notReleased(1, 3))
                .when(state(notReleased(2)))
                .expectEvents(notReleased(2));
        release.given(requested(3), CANCELLED, notReleased(1, 3))
                .when(state(notReleased(3)))
                .expectNoEvents()
                .expectException(rejectedFor(TOKEN_NOT_WAITING));
    }

    /** What a dock has said it will not release, no sale can be granted by. */
    @Test
    void takesNoSuchWordUnlessTheBuyerCancelled() {
        release.given(requested(1))
                .when(state(notReleased(1)))
                .expectNoEvents()
                .expectException(rejectedFor(RELEASE_NOT_CANCELLED));
        release.givenNoPriorActivity().when(state(notReleased(1))).expectException(rejectedFor(RELEASE_UNKNOWN));
    }

    private static ReleaseCases releaseOf(Map<TokenId, CasePicked> cases) {
        return new ReleaseCases(RELEASE, STATEMENT, cases);
    }

    private static StateCases state(CaseStated word) {
        return new StateCases(RELEASE, word);
    }

    private static CaseStated refused(long... serials) {
        return WORDS.computeIfAbsent(
                "refused" + Arrays.toString(serials), its -> WarehouseFixtures.refused(RELEASE, of(serials)));
    }

    private static CaseStated notReleased(long... serials) {
        return WORDS.computeIfAbsent(
                "kept" + Arrays.toString(serials), its -> WarehouseFixtures.notReleased(RELEASE, of(serials)));
    }

    private static List<TokenId> of(long... serials) {
        return Arrays.stream(serials).mapToObj(WarehouseFixtures::token).toList();
    }
}
