package io.jiucang.order;

import static io.jiucang.order.OrderFixtures.BUYER;
import static io.jiucang.order.OrderFixtures.LONGEST_PAY_BY;
import static io.jiucang.order.OrderFixtures.NOW;
import static io.jiucang.order.OrderFixtures.ORDER;
import static io.jiucang.order.OrderFixtures.PAYMENT;
import static io.jiucang.order.OrderFixtures.PAY_BY;
import static io.jiucang.order.OrderFixtures.PLAN;
import static io.jiucang.order.OrderFixtures.REFUND;
import static io.jiucang.order.OrderFixtures.SERIALS;
import static io.jiucang.order.OrderFixtures.SETTINGS;
import static io.jiucang.order.OrderFixtures.VAULT;
import static io.jiucang.order.OrderFixtures.confirmed;
import static io.jiucang.order.OrderFixtures.ended;
import static io.jiucang.order.OrderFixtures.paid;
import static io.jiucang.order.OrderFixtures.placed;
import static io.jiucang.order.OrderFixtures.saleRecorded;
import static io.jiucang.order.OrderFixtures.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.SaleRefused;
import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.MerkleTree;
import io.jiucang.order.OrderCommand.CancelPaid;
import io.jiucang.order.OrderCommand.CancelUnpaid;
import io.jiucang.order.OrderCommand.ConfirmOrder;
import io.jiucang.order.OrderCommand.DeclineOrder;
import io.jiucang.order.OrderCommand.FulfilOrder;
import io.jiucang.order.OrderCommand.GiveUpPayment;
import io.jiucang.order.OrderCommand.GiveUpReservation;
import io.jiucang.order.OrderCommand.RecordPayment;
import io.jiucang.order.OrderCommand.RefuseCancellation;
import io.jiucang.order.OrderCommand.WithdrawCases;
import io.jiucang.starter.law.Anchored;
import io.jiucang.starter.law.AnchoredAt;
import io.jiucang.title.Rule;
import io.jiucang.title.Ruling;
import io.jiucang.title.event.Cite;
import io.jiucang.title.statement.DerivedId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.test.saga.ContinuedGivenState;
import org.axonframework.test.saga.SagaTestFixture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PurchaseSagaTest {

    private static final ReleaseId RELEASE = new ReleaseId(ORDER.value());
    private static final Cite SALE = new Cite(7, MerkleTree.emptyRoot());
    private static final Cite END = new Cite(9, MerkleTree.leafHash(new byte[] {9}));
    private static final RefundId ENDS_REFUND = new RefundId(DerivedId.of("refund", END.leaf()));

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final SagaTestFixture<PurchaseSaga> fixture = new SagaTestFixture<>(PurchaseSaga.class);

    @BeforeEach
    void resources() {
        fixture.registerResource(SETTINGS);
        fixture.registerResource(Clock.fixed(NOW, ZoneOffset.UTC));
        fixture.registerResource(meters);
    }

    private ContinuedGivenState given(Object... events) {
        ContinuedGivenState given = fixture.givenCurrentTime(NOW);
        for (Object event : events) {
            given = given.andThenAPublished(event);
        }
        return given;
    }

    private static TokensReserved reserved() {
        return new TokensReserved(VAULT, PLAN, ORDER, BUYER, SERIALS);
    }

    private static TokenGranted granted(long serial) {
        BoxCode box = new BoxCode("19521141111014", Long.toString(serial));
        return new TokenGranted(
                tokens(serial).getFirst(),
                ORDER,
                BUYER,
                box,
                SALE.told(),
                SALE.told(),
                SALE.leaf().hex());
    }

    private static EventMessage<?> undone(long... serials) {
        return undone(Map.of(), serials);
    }

    /** @param except of the serials, those for which it is void */
    private static EventMessage<?> undone(Map<TokenId, Ruling.Voided> except, long... serials) {
        Map<TokenId, String> prev = tokens(serials).stream()
                .collect(Collectors.toMap(token -> token, token -> SALE.leaf().hex()));
        SaleUndone event = new SaleUndone(ORDER, prev, SALE.told(), List.of(SALE.told()));
        return new GenericEventMessage<>(
                Ids.next(),
                event,
                Map.of(AnchoredAt.METADATA, new Anchored(END, new Ruling.Valid(List.of(), except))),
                NOW);
    }

    /** A message whose id the refund it makes due will bear. */
    private static EventMessage<?> saleRefused() {
        SaleRefused event = new SaleRefused(VAULT, ORDER, "S7: the buyer cancelled");
        return new GenericEventMessage<>(REFUND.value(), event, Map.of(), NOW);
    }

    @Test
    void waitsForItsCasesButNotForever() {
        given().whenPublishingA(placed())
                .expectActiveSagas(1)
                .expectAssociationWith("orderId", ORDER)
                .expectNoDispatchedCommands()
                .expectScheduledDeadlineWithName(SETTINGS.reservationPeriod(), PurchaseSaga.RESERVATION_OVERDUE);
    }

    @Test
    void confirmsTheOrderWhenItsCasesAreReserved() {
        given(placed())
                .whenPublishingA(reserved())
                .expectDispatchedCommands(new ConfirmOrder(ORDER, SERIALS))
                .expectActiveSagas(1);
    }

    @Test
    void leavesOthersReservationsAlone() {
        given(placed())
                .whenPublishingA(new TokensReserved(VAULT, PLAN, new OrderId(Ids.next()), BUYER, SERIALS))
                .expectNoDispatchedCommands();
    }

    @Test
    void waitsForTheMoneyButNotForever() {
        given(placed(), reserved())
                .whenPublishingA(confirmed())
                .expectScheduledDeadlineWithName(PAY_BY, PurchaseSaga.PAYMENT_OVERDUE);
    }

    @Test
    void recordsThePayment() {
        given(placed(), reserved(), confirmed())
                .whenPublishingA(saleRecorded())
                .expectDispatchedCommands(new RecordPayment(ORDER, PAYMENT));
    }

    @Test
    void fulfilsTheOrderWithItsLastTitle() {
        given(placed(), reserved(), confirmed(), saleRecorded(), paid(), granted(7), granted(11))
                .whenPublishingA(granted(8))
                .expectDispatchedCommands(new FulfilOrder(ORDER, 3));
    }

    @Test
    void waitsForEveryTitle() {
        given(placed(), reserved(), confirmed(), saleRecorded(), paid(), granted(7))
                .whenPublishingA(granted(8))
                .expectNoDispatchedCommands();
    }

    @Test
    void endsWhenTheOrderIsFulfilled() {
        given(placed(), reserved(), confirmed(), saleRecorded(), paid())
                .whenPublishingA(new OrderFulfilled(ORDER, BUYER, 3))
                .expectActiveSagas(0);
    }

    @ParameterizedTest
    @EnumSource
    void declinesTheOrderWhenTheReservationIsRefused(RefusalReason reason) {
        given(placed())
                .whenPublishingA(new ReservationRefused(VAULT, PLAN, ORDER, BUYER, reason))
                .expectDispatchedCommands(new DeclineOrder(ORDER, reason));
    }

    @Test
    void endsWhenTheOrderIsDeclined() {
        given(placed())
                .whenPublishingA(new OrderDeclined(ORDER, BUYER, RefusalReason.SOLD_OUT))
                .expectActiveSagas(0);
    }

    @ParameterizedTest
    @EnumSource
    void endsWhenTheOrderIsCancelled(EndReason reason) {
        given(placed(), reserved(), confirmed()).whenPublishingA(ended(reason)).expectActiveSagas(0);
    }

    @Test
    void givesUpAReservationThatNobodyAnswers() {
        given(placed())
                .whenTimeElapses(SETTINGS.reservationPeriod())
                .expectDispatchedCommands(new GiveUpReservation(ORDER));
    }

    @Test
    void givesUpAPaymentThatDoesNotCome() {
        given(placed(), confirmed())
                .whenTimeElapses(LONGEST_PAY_BY)
                .expectDispatchedCommands(new GiveUpReservation(ORDER), new GiveUpPayment(ORDER));
    }

    @Test
    void letsADeadlineLapseThatTheOrderIsPast() {
        fixture.setCallbackBehavior((command, metaData) -> {
            throw new OrderRejected(OrderRejected.Reason.ORDER_NOT_PLACED, "confirmed");
        });
        given(placed())
                .whenTimeElapses(SETTINGS.reservationPeriod())
                .expectTriggeredDeadlinesWithName(PurchaseSaga.RESERVATION_OVERDUE)
                .expectActiveSagas(1);
    }

    @Test
    void doesNothingAtADeadlineOnceItHasEnded() {
        given(placed(), reserved(), confirmed(), ended(EndReason.BUYER))
                .whenTimeElapses(Duration.ofDays(30))
                .expectNoDispatchedCommands();
    }

    @ParameterizedTest
    @EnumSource
    void cancelsTheOrderWhenItsPaymentIsClosed(ClosingReason reason) {
        given(placed(), reserved(), confirmed())
                .whenPublishingA(new PaymentClosed(PAYMENT, ORDER, reason))
                .expectDispatchedCommands(new CancelUnpaid(ORDER, reason));
    }

    @Test
    void cancelsThePaidOrderThatTheLawLetsHaveNoSale() {
        given(placed(), reserved(), confirmed(), saleRecorded(), paid())
                .whenPublishingA(saleRefused())
                .expectDispatchedCommands(new CancelPaid(ORDER, REFUND));
    }

    @Test
    void refusesTheCancellationWhenTheWarehouseCannotStop() {
        given(placed(), reserved(), confirmed(), saleRecorded(), paid())
                .whenPublishingA(new ReleaseCancellationRefused(RELEASE, ORDER))
                .expectDispatchedCommands(new RefuseCancellation(ORDER));
    }

    @Test
    void withdrawsTheCasesWhoseSaleIsUndone() {
        given(placed(), reserved(), confirmed(), saleRecorded(), paid())
                .whenPublishingA(undone(11, 7))
                .expectDispatchedCommands(new WithdrawCases(ORDER, tokens(7, 11), ENDS_REFUND));
    }

    @Test
    void withdrawsNoCaseWhoseSaleIsUndoneInVain() {
        Ruling.Voided granted = new Ruling.Voided(Rule.UNDOING, "granted");
        given(placed(), reserved(), confirmed(), saleRecorded(), paid(), granted(8))
                .whenPublishingA(undone(Map.of(tokens(8).getFirst(), granted), 7, 8))
                .expectDispatchedCommands(new WithdrawCases(ORDER, tokens(7), ENDS_REFUND));
    }

    @Test
    void fulfilsTheOrderWithoutTheWithdrawnCasesWhicheverComesLast() {
        given(placed(), reserved(), confirmed(), saleRecorded(), paid(), undone(7), granted(8))
                .whenPublishingA(granted(11))
                .expectDispatchedCommands(new FulfilOrder(ORDER, 2));
    }

    @Test
    void fulfilsTheOrderWhenTheLastOpenCaseIsWithdrawn() {
        given(placed(), reserved(), confirmed(), saleRecorded(), paid(), granted(8), granted(11))
                .whenPublishingA(undone(7))
                .expectDispatchedCommands(new WithdrawCases(ORDER, tokens(7), ENDS_REFUND), new FulfilOrder(ORDER, 2));
    }

    @Test
    void leavesItToTheOrderToEndWhenEveryCaseIsWithdrawn() {
        given(placed(), reserved(), confirmed(), saleRecorded(), paid())
                .whenPublishingA(undone(7, 8, 11))
                .expectDispatchedCommands(new WithdrawCases(ORDER, tokens(7, 8, 11), ENDS_REFUND));
    }

    @Test
    void waitsForTheSaleBeforeWhatFollowsFromIt() {
        for (Object early :
                new Object[] {granted(7), saleRefused(), new ReleaseCancellationRefused(RELEASE, ORDER), undone(7)}) {
            SagaTestFixture<PurchaseSaga> fresh = new SagaTestFixture<>(PurchaseSaga.class);
            fresh.registerResource(SETTINGS);
            var result = fresh.givenAPublished(placed())
                    .andThenAPublished(confirmed())
                    .whenPublishingA(early)
                    .expectNoDispatchedCommands();
            assertThatThrownBy(result::expectSuccessfulHandlerExecution)
                    .hasMessageContaining("came before SaleRecorded");
        }
    }

    @Test
    void tellsTheOperatorOfAnOverdueFulfilmentAndGoesOnWaiting() {
        given(placed(), reserved(), confirmed(), saleRecorded(), paid())
                .whenTimeElapses(SETTINGS.fulfilmentPeriod())
                .expectActiveSagas(1);
        assertThat(meters.counter("jiucang.order.fulfilment.overdue").count()).isEqualTo(1);
    }
}
