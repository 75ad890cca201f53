package io.jiucang.order;

import static io.jiucang.order.OrderFixtures.AGREEMENT;
import static io.jiucang.order.OrderFixtures.BUYER;
import static io.jiucang.order.OrderFixtures.CANCELLATION;
import static io.jiucang.order.OrderFixtures.LONGEST_PAY_BY;
import static io.jiucang.order.OrderFixtures.NOW;
import static io.jiucang.order.OrderFixtures.ORDER;
import static io.jiucang.order.OrderFixtures.PAYMENT;
import static io.jiucang.order.OrderFixtures.PAY_BY;
import static io.jiucang.order.OrderFixtures.PLAN;
import static io.jiucang.order.OrderFixtures.REFUND;
import static io.jiucang.order.OrderFixtures.SERIALS;
import static io.jiucang.order.OrderFixtures.STATEMENT;
import static io.jiucang.order.OrderFixtures.UNIT_PRICE;
import static io.jiucang.order.OrderFixtures.VAULT;
import static io.jiucang.order.OrderFixtures.because;
import static io.jiucang.order.OrderFixtures.cancelled;
import static io.jiucang.order.OrderFixtures.confirmed;
import static io.jiucang.order.OrderFixtures.ended;
import static io.jiucang.order.OrderFixtures.offer;
import static io.jiucang.order.OrderFixtures.overdue;
import static io.jiucang.order.OrderFixtures.paid;
import static io.jiucang.order.OrderFixtures.placeOrder;
import static io.jiucang.order.OrderFixtures.placed;
import static io.jiucang.order.OrderFixtures.refundDue;
import static io.jiucang.order.OrderFixtures.statement;
import static io.jiucang.order.OrderFixtures.tokens;

import io.jiucang.events.OrderEvent.CancellationRefused;
import io.jiucang.events.OrderEvent.CasesWithdrawn;
import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Hash;
import io.jiucang.order.OrderCommand.CancelOrder;
import io.jiucang.order.OrderCommand.CancelPaid;
import io.jiucang.order.OrderCommand.CancelUnpaid;
import io.jiucang.order.OrderCommand.ConfirmOrder;
import io.jiucang.order.OrderCommand.DeclineOrder;
import io.jiucang.order.OrderCommand.FulfilOrder;
import io.jiucang.order.OrderCommand.GiveUpPayment;
import io.jiucang.order.OrderCommand.GiveUpReservation;
import io.jiucang.order.OrderCommand.PlaceOrder;
import io.jiucang.order.OrderCommand.RecordPayment;
import io.jiucang.order.OrderCommand.RefuseCancellation;
import io.jiucang.order.OrderCommand.WithdrawCases;
import io.jiucang.order.OrderRejected.Reason;
import io.jiucang.starter.test.ForgedStatements;
import io.jiucang.title.Rule;
import io.jiucang.title.Ruling;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OrderTest {

    private final AggregateTestFixture<Order> fixture = new AggregateTestFixture<>(Order.class);

    private void refuses(OrderCommand command, Reason reason, Object... given) {
        fixture.given(List.of(given))
                .when(command)
                .expectException(because(reason))
                .expectNoEvents();
    }

    private void answers(OrderCommand command, List<?> given, Object... events) {
        fixture.given(given).when(command).expectEvents(events);
    }

    private static List<Object> after(Object... events) {
        return new ArrayList<>(Arrays.asList(events));
    }

    @Nested
    class Placing {

        /** As each statement is another order's. */
        private static AggregateTestFixture<Order> fresh() {
            return new AggregateTestFixture<>(Order.class);
        }

        private void refuses(PlaceOrder command, Reason reason) {
            fresh().givenNoPriorActivity()
                    .when(command)
                    .expectException(because(reason))
                    .expectNoEvents();
        }

        private void takes(PlaceOrder command) {
            fresh().givenNoPriorActivity()
                    .when(command)
                    .expectEvents(new OrderPlaced(command.orderId(), command.statement()));
        }

        private PlaceOrder during(Instant from, Instant until) {
            return placeOrder(offer(100, 6, from, until), STATEMENT);
        }

        private PlaceOrder paying(Money total) {
            return placeOrder(offer(), statement(3, total, AGREEMENT, PAY_BY));
        }

        private PlaceOrder payingBy(Instant payBy) {
            return placeOrder(offer(), statement(3, UNIT_PRICE.times(3), AGREEMENT, payBy));
        }

        @Test
        void takesWhatItsBuyerSigned() {
            takes(placeOrder());
        }

        @Test
        void sellsFromTheFirstInstant() {
            takes(during(NOW, NOW.plusNanos(1)));
        }

        @Test
        void refusesBeforeTheSale() {
            refuses(during(NOW.plusNanos(1), NOW.plusSeconds(1)), Reason.SALE_NOT_OPEN);
        }

        @Test
        void refusesFromTheInstantTheSaleEnds() {
            refuses(during(NOW.minusSeconds(1), NOW), Reason.SALE_CLOSED);
        }

        @Test
        void sellsAllThatIsOfferedAndNoMore() {
            takes(placeOrder(offer(3, 6, NOW, PAY_BY), STATEMENT));
            refuses(placeOrder(offer(2, 6, NOW, PAY_BY), STATEMENT), Reason.QUANTITY_INVALID);
        }

        /** What could be paid for, and never sold. */
        @Test
        void sellsNoMoreThanOneSaleHasRoomFor() {
            takes(ofMany(10_000));
            refuses(ofMany(10_001), Reason.QUANTITY_INVALID);
        }

        private PlaceOrder ofMany(long cases) {
            return placeOrder(
                    offer(20_000, 20_000, NOW, PAY_BY), statement(cases, UNIT_PRICE.times(cases), AGREEMENT, PAY_BY));
        }

        @Test
        void refusesATotalThatIsOneFenOff() {
            Money total = UNIT_PRICE.times(3);
            refuses(paying(Money.cny(total.minorUnits() - 1)), Reason.TOTAL_MISMATCH);
            refuses(paying(Money.cny(total.minorUnits() + 1)), Reason.TOTAL_MISMATCH);
        }

        @Test
        void refusesAnotherAgreementThanTheOffers() {
            Hash other = Hash.ofHex("cd".repeat(32));
            refuses(placeOrder(offer(), statement(3, UNIT_PRICE.times(3), other, PAY_BY)), Reason.AGREEMENT_MISMATCH);
        }

        @Test
        void letsItsBuyerPayAsLateAsTheOfferSaysAndNoLater() {
            takes(payingBy(NOW.plus(LONGEST_PAY_BY)));
            takes(payingBy(NOW.plusSeconds(1)));
            refuses(payingBy(NOW.plus(LONGEST_PAY_BY).plusSeconds(1)), Reason.PAY_BY_INVALID);
            refuses(payingBy(NOW), Reason.PAY_BY_INVALID);
        }

        @Test
        void takesNoMoreThanTheBuyersLimit() {
            takes(placeOrder(offer(), STATEMENT, true, 3));
            refuses(placeOrder(offer(), STATEMENT, true, 4), Reason.BUYER_LIMIT_EXCEEDED);
        }

        @Test
        void refusesABuyerOfUnprovenAge() {
            refuses(placeOrder(offer(), STATEMENT, false, 0), Reason.AGE_NOT_PROVEN);
        }

        /** The ledger's clock, or what it knows of the wallet, may lag behind ours. */
        @Test
        void refusesWhatTheLawWouldHoldVoid() {
            Ruling ruling = new Ruling.Voided(Rule.INTENT, "before the offer's window");
            refuses(placeOrder(offer(), STATEMENT, ruling, true, 0), Reason.ORDER_VOID);
        }

        @Test
        void placesOneOrderForOneStatement() {
            OrderTest.this.refuses(placeOrder(), Reason.ORDER_EXISTS, placed());
            String resigned = ForgedStatements.withTheOtherSignature(STATEMENT);
            OrderTest.this.refuses(placeOrder(offer(), resigned), Reason.ORDER_EXISTS, placed());
            OrderTest.this.refuses(placeOrder(), Reason.ORDER_EXISTS, placed(), ended(EndReason.BUYER));
        }
    }

    @Nested
    class WhilePlaced {

        private final ConfirmOrder confirm = new ConfirmOrder(ORDER, SERIALS);

        @Test
        void isConfirmedWithItsTotal() {
            answers(confirm, after(placed()), confirmed());
        }

        @Test
        void isNotConfirmedWithMoreOrFewerCases() {
            refuses(new ConfirmOrder(ORDER, List.of(new SerialRange(1, 4))), Reason.CASES_NOT_COVERED, placed());
        }

        @Test
        void isCancelledInsteadOfConfirmedIfItsBuyerAskedForThat() {
            answers(confirm, after(placed(), cancelled()), ended(EndReason.BUYER));
        }

        @Test
        void isNotConfirmedTwice() {
            refuses(confirm, Reason.ORDER_NOT_PLACED, placed(), confirmed());
        }

        @ParameterizedTest
        @EnumSource
        void isDeclined(RefusalReason reason) {
            answers(new DeclineOrder(ORDER, reason), after(placed()), new OrderDeclined(ORDER, BUYER, reason));
        }

        @Test
        void isDeclinedEvenIfItsBuyerAskedToCancel() {
            answers(
                    new DeclineOrder(ORDER, RefusalReason.SOLD_OUT),
                    after(placed(), cancelled()),
                    new OrderDeclined(ORDER, BUYER, RefusalReason.SOLD_OUT));
        }

        @Test
        void isNotDeclinedOnceConfirmed() {
            refuses(new DeclineOrder(ORDER, RefusalReason.SOLD_OUT), Reason.ORDER_NOT_PLACED, placed(), confirmed());
        }

        @Test
        void isGivenUpIfNobodyAnswers() {
            answers(new GiveUpReservation(ORDER), after(placed()), ended(EndReason.RESERVATION_OVERDUE));
        }

        @Test
        void isGivenUpForItsBuyersReasonIfThereWasOne() {
            answers(new GiveUpReservation(ORDER), after(placed(), cancelled()), ended(EndReason.BUYER));
        }

        @Test
        void isNotGivenUpOnceConfirmed() {
            refuses(new GiveUpReservation(ORDER), Reason.ORDER_NOT_PLACED, placed(), confirmed());
        }
    }

    @Nested
    class WhileConfirmed {

        @Test
        void isPaid() {
            answers(new RecordPayment(ORDER, PAYMENT), after(placed(), confirmed()), paid());
        }

        @Test
        void isPaidThoughItsCancellationIsPending() {
            answers(new RecordPayment(ORDER, PAYMENT), after(placed(), confirmed(), overdue()), paid());
        }

        @Test
        void isNotPaidBeforeItIsConfirmedNorTwice() {
            refuses(new RecordPayment(ORDER, PAYMENT), Reason.ORDER_NOT_CONFIRMED, placed());
            refuses(new RecordPayment(ORDER, PAYMENT), Reason.ORDER_NOT_CONFIRMED, placed(), confirmed(), paid());
        }

        @Test
        void asksThePaymentToCloseWhenTheMoneyIsOverdue() {
            answers(new GiveUpPayment(ORDER), after(placed(), confirmed()), overdue());
        }

        @Test
        void doesNotAskThePaymentTwice() {
            refuses(new GiveUpPayment(ORDER), Reason.CANCELLATION_PENDING, placed(), confirmed(), cancelled());
        }

        @Test
        void isNotOverdueOncePaid() {
            refuses(new GiveUpPayment(ORDER), Reason.ORDER_NOT_CONFIRMED, placed(), confirmed(), paid());
        }

        @Test
        void isCancelledForTheReasonThePaymentWasAsked() {
            CancelUnpaid closed = new CancelUnpaid(ORDER, ClosingReason.ORDER_CANCELLED);
            answers(closed, after(placed(), confirmed(), cancelled()), ended(EndReason.BUYER));
            answers(closed, after(placed(), confirmed(), overdue()), ended(EndReason.PAYMENT_OVERDUE));
        }

        @Test
        void isCancelledIfTheAmountWasWrong() {
            answers(
                    new CancelUnpaid(ORDER, ClosingReason.WRONG_AMOUNT),
                    after(placed(), confirmed()),
                    ended(EndReason.PAYMENT_FAILED));
        }

        @Test
        void isCancelledIfItWasPaidTooLate() {
            answers(
                    new CancelUnpaid(ORDER, ClosingReason.LATE),
                    after(placed(), confirmed()),
                    ended(EndReason.PAYMENT_OVERDUE));
        }

        @Test
        void isNotCancelledUnasked() {
            refuses(
                    new CancelUnpaid(ORDER, ClosingReason.ORDER_CANCELLED),
                    Reason.CANCELLATION_NOT_PENDING,
                    placed(),
                    confirmed());
        }

        @Test
        void isNotCancelledAsUnpaidOncePaid() {
            refuses(
                    new CancelUnpaid(ORDER, ClosingReason.WRONG_AMOUNT),
                    Reason.ORDER_NOT_CONFIRMED,
                    placed(),
                    confirmed(),
                    paid());
        }
    }

    @Nested
    class OnItsBuyersWord {

        private final CancelOrder cancel = new CancelOrder(ORDER, CANCELLATION);

        @Test
        void isToBeCancelledWhilePlacedConfirmedOrPaid() {
            answers(cancel, after(placed()), cancelled());
            answers(cancel, after(placed(), confirmed()), cancelled());
            answers(cancel, after(placed(), confirmed(), paid()), cancelled());
        }

        @Test
        void isNotToBeCancelledTwice() {
            refuses(cancel, Reason.CANCELLATION_PENDING, placed(), confirmed(), cancelled(), paid());
        }

        @Test
        void mayBeCancelledAfterAPaymentThatWasNearlyOverdue() {
            answers(cancel, after(placed(), confirmed(), overdue(), paid()), cancelled());
        }

        @Test
        void isNotToBeCancelledOnceCasesHaveLeftTheirBins() {
            refuses(
                    cancel,
                    Reason.CANCELLATION_TOO_LATE,
                    placed(),
                    confirmed(),
                    paid(),
                    cancelled(),
                    new CancellationRefused(ORDER));
        }

        @Test
        void isNotToBeCancelledOnceItHasEnded() {
            refuses(cancel, Reason.ORDER_ENDED, placed(), new OrderDeclined(ORDER, BUYER, RefusalReason.SOLD_OUT));
            refuses(cancel, Reason.ORDER_ENDED, placed(), ended(EndReason.BUYER));
            refuses(cancel, Reason.ORDER_ENDED, placed(), confirmed(), paid(), new OrderFulfilled(ORDER, BUYER, 3));
        }
    }

    @Nested
    class WhilePaid {

        private final Object pending = cancelled();

        @Test
        void isCancelledAndRefundedIfItWasLetHaveNoSaleAsItsBuyerWished() {
            answers(
                    new CancelPaid(ORDER, REFUND),
                    after(placed(), confirmed(), paid(), pending),
                    ended(EndReason.BUYER),
                    refundDue(3, EndReason.BUYER));
        }

        @Test
        void isCancelledByAWishThatCrossedThePayment() {
            answers(
                    new CancelPaid(ORDER, REFUND),
                    after(placed(), confirmed(), pending, paid()),
                    ended(EndReason.BUYER),
                    refundDue(3, EndReason.BUYER));
        }

        @Test
        void isCancelledAndRefundedUnaskedIfTheLawLetsItHaveNoSale() {
            answers(
                    new CancelPaid(ORDER, REFUND),
                    after(placed(), confirmed(), paid()),
                    ended(EndReason.SALE_REFUSED),
                    refundDue(3, EndReason.SALE_REFUSED));
        }

        @Test
        void isNotCancelledForAnOverdueThatThePaymentOvertook() {
            answers(
                    new CancelPaid(ORDER, REFUND),
                    after(placed(), confirmed(), overdue(), paid()),
                    ended(EndReason.SALE_REFUSED),
                    refundDue(3, EndReason.SALE_REFUSED));
            answers(
                    new WithdrawCases(ORDER, tokens(7, 8, 11), REFUND),
                    after(placed(), confirmed(), overdue(), paid()),
                    ended(EndReason.RELEASE_REFUSED),
                    refundDue(3, EndReason.RELEASE_REFUSED));
        }

        @Test
        void isCancelledAndRefundedIfItsSaleIsUndoneAsItsBuyerWished() {
            answers(
                    new WithdrawCases(ORDER, tokens(7, 8, 11), REFUND),
                    after(placed(), confirmed(), paid(), pending),
                    ended(EndReason.BUYER),
                    refundDue(3, EndReason.BUYER));
        }

        @Test
        void isRefundedOnlyWhatWasNotRefundedBefore() {
            answers(
                    new WithdrawCases(ORDER, tokens(8, 11), REFUND),
                    after(placed(), confirmed(), paid(), new CasesWithdrawn(ORDER, PLAN, VAULT, tokens(7)), pending),
                    ended(EndReason.BUYER),
                    refundDue(2, EndReason.BUYER));
            answers(
                    new CancelPaid(ORDER, REFUND),
                    after(placed(), confirmed(), paid(), new CasesWithdrawn(ORDER, PLAN, VAULT, tokens(7)), pending),
                    ended(EndReason.BUYER),
                    refundDue(2, EndReason.BUYER));
        }

        @Test
        void isNotRefundedUnpaid() {
            refuses(new CancelPaid(ORDER, REFUND), Reason.ORDER_NOT_PAID, placed(), confirmed(), pending);
        }

        @Test
        void goesOnIfTheReleaseCouldNotBeStopped() {
            answers(
                    new RefuseCancellation(ORDER),
                    after(placed(), confirmed(), paid(), pending),
                    new CancellationRefused(ORDER));
        }

        @Test
        void refusesNoCancellationThatNobodyAskedFor() {
            refuses(new RefuseCancellation(ORDER), Reason.CANCELLATION_NOT_PENDING, placed(), confirmed(), paid());
            refuses(new RefuseCancellation(ORDER), Reason.ORDER_NOT_PAID, placed(), confirmed(), pending);
        }

        @Test
        void isRefundedTheCasesThatCannotBeSupplied() {
            answers(
                    new WithdrawCases(ORDER, tokens(8, 11), REFUND),
                    after(placed(), confirmed(), paid()),
                    new CasesWithdrawn(ORDER, PLAN, VAULT, tokens(8, 11)),
                    refundDue(2, EndReason.RELEASE_REFUSED));
        }

        @Test
        void isCancelledIfNoCaseCanBeSupplied() {
            answers(
                    new WithdrawCases(ORDER, tokens(7, 8, 11), REFUND),
                    after(placed(), confirmed(), paid()),
                    ended(EndReason.RELEASE_REFUSED),
                    refundDue(3, EndReason.RELEASE_REFUSED));
        }

        @Test
        void isCancelledWithTheLastCaseThatCannotBeSupplied() {
            answers(
                    new WithdrawCases(ORDER, tokens(7), REFUND),
                    after(placed(), confirmed(), paid(), new CasesWithdrawn(ORDER, PLAN, VAULT, tokens(8, 11))),
                    ended(EndReason.RELEASE_REFUSED),
                    refundDue(1, EndReason.RELEASE_REFUSED));
        }

        @Test
        void losesNoCaseThatIsNotItsOwnNorOneTwice() {
            refuses(
                    new WithdrawCases(ORDER, tokens(9), REFUND),
                    Reason.CASES_NOT_COVERED,
                    placed(),
                    confirmed(),
                    paid());
            refuses(
                    new WithdrawCases(ORDER, List.of(new TokenId(new VaultId(Ids.next()), 7)), REFUND),
                    Reason.CASES_NOT_COVERED,
                    placed(),
                    confirmed(),
                    paid());
            refuses(
                    new WithdrawCases(ORDER, tokens(7, 8), REFUND),
                    Reason.CASES_NOT_COVERED,
                    placed(),
                    confirmed(),
                    paid(),
                    new CasesWithdrawn(ORDER, PLAN, VAULT, tokens(7)));
        }

        @Test
        void losesNoCaseUnpaid() {
            refuses(new WithdrawCases(ORDER, tokens(7), REFUND), Reason.ORDER_NOT_PAID, placed(), confirmed());
        }

        @Test
        void isFulfilledWithEveryCaseItCovers() {
            answers(
                    new FulfilOrder(ORDER, 3),
                    after(placed(), confirmed(), paid()),
                    new OrderFulfilled(ORDER, BUYER, 3));
            answers(
                    new FulfilOrder(ORDER, 2),
                    after(placed(), confirmed(), paid(), new CasesWithdrawn(ORDER, PLAN, VAULT, tokens(7))),
                    new OrderFulfilled(ORDER, BUYER, 2));
        }

        @Test
        void isNotFulfilledWithFewer() {
            refuses(new FulfilOrder(ORDER, 2), Reason.CASES_OUTSTANDING, placed(), confirmed(), paid());
        }

        @Test
        void isNotFulfilledUnpaid() {
            refuses(new FulfilOrder(ORDER, 3), Reason.ORDER_NOT_PAID, placed(), confirmed());
        }
    }
}
