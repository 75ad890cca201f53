package io.jiucang.order;

import static io.jiucang.order.OrderFixtures.AGREEMENT;
import static io.jiucang.order.OrderFixtures.BUYER;
import static io.jiucang.order.OrderFixtures.NOW;
import static io.jiucang.order.OrderFixtures.ORDER;
import static io.jiucang.order.OrderFixtures.PAYMENT;
import static io.jiucang.order.OrderFixtures.PAY_BY;
import static io.jiucang.order.OrderFixtures.PLAN;
import static io.jiucang.order.OrderFixtures.REFUND;
import static io.jiucang.order.OrderFixtures.SERIALS;
import static io.jiucang.order.OrderFixtures.UNIT_PRICE;
import static io.jiucang.order.OrderFixtures.VAULT;
import static io.jiucang.order.OrderFixtures.because;
import static io.jiucang.order.OrderFixtures.cancellationRequested;
import static io.jiucang.order.OrderFixtures.cancelled;
import static io.jiucang.order.OrderFixtures.confirmed;
import static io.jiucang.order.OrderFixtures.intent;
import static io.jiucang.order.OrderFixtures.paid;
import static io.jiucang.order.OrderFixtures.placeOrder;
import static io.jiucang.order.OrderFixtures.placed;
import static io.jiucang.order.OrderFixtures.plan;
import static io.jiucang.order.OrderFixtures.refundDue;
import static io.jiucang.order.OrderFixtures.tokens;

import io.jiucang.events.OrderEvent.CancellationReason;
import io.jiucang.events.OrderEvent.CancellationRefused;
import io.jiucang.events.OrderEvent.CasesWithdrawn;
import io.jiucang.events.OrderEvent.CustodyAgreement;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
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
import io.jiucang.order.OrderCommand.RequestCancellation;
import io.jiucang.order.OrderCommand.WithdrawCases;
import io.jiucang.order.OrderRejected.Reason;
import io.jiucang.starter.wallet.Act;
import io.jiucang.starter.wallet.Intent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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

        private void refuses(PlaceOrder command, Reason reason) {
            fixture.givenNoPriorActivity()
                    .when(command)
                    .expectException(because(reason))
                    .expectNoEvents();
        }

        private PlaceOrder during(Instant from, Instant until) {
            SalesPlan plan = new SalesPlan(PLAN, VAULT, UNIT_PRICE, 6, from, until);
            return placeOrder(plan, 3, 0, true, AGREEMENT, intent(PLAN, 3, AGREEMENT.sha256()));
        }

        private PlaceOrder of(long quantity, long alreadyOrdered) {
            return placeOrder(
                    plan(), quantity, alreadyOrdered, true, AGREEMENT, intent(PLAN, quantity, AGREEMENT.sha256()));
        }

        private PlaceOrder accepting(CustodyAgreement agreement) {
            return placeOrder(plan(), 3, 0, true, agreement, intent(PLAN, 3, agreement.sha256()));
        }

        private PlaceOrder signedFor(Intent intent) {
            return placeOrder(plan(), 3, 0, true, AGREEMENT, intent);
        }

        @Test
        void takesAPurchaseUpToTheBuyersLimit() {
            fixture.givenNoPriorActivity().when(placeOrder()).expectEvents(placed());
        }

        @Test
        void sellsFromTheFirstInstant() {
            fixture.givenNoPriorActivity().when(during(NOW, NOW.plusNanos(1))).expectEvents(placed());
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
        void refusesNoCases() {
            refuses(of(0, 0), Reason.QUANTITY_INVALID);
            refuses(of(-1, 0), Reason.QUANTITY_INVALID);
        }

        @Test
        void refusesMoreCasesThanMoneyCanCount() {
            SalesPlan dear = new SalesPlan(PLAN, VAULT, Money.cny(Long.MAX_VALUE), 6, NOW, NOW.plusSeconds(1));
            refuses(
                    placeOrder(dear, 2, 0, true, AGREEMENT, intent(PLAN, 2, AGREEMENT.sha256())),
                    Reason.QUANTITY_INVALID);
        }

        @Test
        void refusesMoreThanTheBuyersLimit() {
            refuses(of(7, 0), Reason.BUYER_LIMIT_EXCEEDED);
            refuses(of(3, 4), Reason.BUYER_LIMIT_EXCEEDED);
        }

        @Test
        void refusesABuyerOfUnprovenAge() {
            refuses(
                    placeOrder(plan(), 3, 0, false, AGREEMENT, intent(PLAN, 3, AGREEMENT.sha256())),
                    Reason.AGE_NOT_PROVEN);
        }

        @Test
        void refusesAnotherVersionOfTheAgreement() {
            refuses(accepting(new CustodyAgreement("2025-01", AGREEMENT.sha256())), Reason.AGREEMENT_OUTDATED);
        }

        @Test
        void refusesAnotherTextOfTheAgreement() {
            refuses(accepting(new CustodyAgreement("2026-01", "cd".repeat(32))), Reason.AGREEMENT_MISMATCH);
        }

        @Test
        void refusesAnIntentForAnotherPlan() {
            refuses(signedFor(intent(new PlanId(Ids.next()), 3, AGREEMENT.sha256())), Reason.INTENT_MISMATCH);
        }

        @Test
        void refusesAnIntentForAnotherQuantity() {
            refuses(signedFor(intent(PLAN, 2, AGREEMENT.sha256())), Reason.INTENT_MISMATCH);
        }

        @Test
        void refusesAnIntentOnOtherTerms() {
            refuses(signedFor(intent(PLAN, 3, "cd".repeat(32))), Reason.INTENT_MISMATCH);
        }

        @Test
        void refusesAnIntentThatNamesNoOrder() {
            refuses(
                    signedFor(new Intent(
                            BUYER, Act.ORDER, null, List.of(), null, null, Map.of(), AGREEMENT.sha256(), "jws")),
                    Reason.INTENT_MISMATCH);
        }
    }

    @Nested
    class WhilePlaced {

        private final ConfirmOrder confirm = new ConfirmOrder(ORDER, SERIALS, PAY_BY);

        @Test
        void isConfirmedWithItsTotal() {
            answers(confirm, after(placed()), confirmed());
        }

        @Test
        void isNotConfirmedWithMoreOrFewerCases() {
            refuses(
                    new ConfirmOrder(ORDER, List.of(new SerialRange(1, 4)), PAY_BY),
                    Reason.CASES_NOT_COVERED,
                    placed());
        }

        @Test
        void isCancelledInsteadOfConfirmedIfItsBuyerAskedForThat() {
            answers(
                    confirm,
                    after(placed(), cancellationRequested(CancellationReason.BUYER)),
                    cancelled(CancellationReason.BUYER));
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
                    after(placed(), cancellationRequested(CancellationReason.BUYER)),
                    new OrderDeclined(ORDER, BUYER, RefusalReason.SOLD_OUT));
        }

        @Test
        void isNotDeclinedOnceConfirmed() {
            refuses(new DeclineOrder(ORDER, RefusalReason.SOLD_OUT), Reason.ORDER_NOT_PLACED, placed(), confirmed());
        }

        @Test
        void isGivenUpIfNobodyAnswers() {
            answers(new GiveUpReservation(ORDER), after(placed()), cancelled(CancellationReason.RESERVATION_OVERDUE));
        }

        @Test
        void isGivenUpForItsBuyersReasonIfThereWasOne() {
            answers(
                    new GiveUpReservation(ORDER),
                    after(placed(), cancellationRequested(CancellationReason.BUYER)),
                    cancelled(CancellationReason.BUYER));
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
            answers(
                    new RecordPayment(ORDER, PAYMENT),
                    after(placed(), confirmed(), cancellationRequested(CancellationReason.PAYMENT_OVERDUE)),
                    paid());
        }

        @Test
        void isNotPaidBeforeItIsConfirmedNorTwice() {
            refuses(new RecordPayment(ORDER, PAYMENT), Reason.ORDER_NOT_CONFIRMED, placed());
            refuses(new RecordPayment(ORDER, PAYMENT), Reason.ORDER_NOT_CONFIRMED, placed(), confirmed(), paid());
        }

        @Test
        void asksThePaymentToCloseWhenTheMoneyIsOverdue() {
            answers(
                    new GiveUpPayment(ORDER, NOW),
                    after(placed(), confirmed()),
                    cancellationRequested(CancellationReason.PAYMENT_OVERDUE));
        }

        @Test
        void doesNotAskThePaymentTwice() {
            refuses(
                    new GiveUpPayment(ORDER, NOW),
                    Reason.CANCELLATION_PENDING,
                    placed(),
                    confirmed(),
                    cancellationRequested(CancellationReason.BUYER));
        }

        @Test
        void isNotOverdueOncePaid() {
            refuses(new GiveUpPayment(ORDER, NOW), Reason.ORDER_NOT_CONFIRMED, placed(), confirmed(), paid());
        }

        @ParameterizedTest
        @EnumSource(names = {"BUYER", "PAYMENT_OVERDUE"})
        void isCancelledForTheReasonThePaymentWasAsked(CancellationReason reason) {
            answers(
                    new CancelUnpaid(ORDER, ClosingReason.ORDER_CANCELLED),
                    after(placed(), confirmed(), cancellationRequested(reason)),
                    cancelled(reason));
        }

        @Test
        void isCancelledIfTheAmountWasWrong() {
            answers(
                    new CancelUnpaid(ORDER, ClosingReason.WRONG_AMOUNT),
                    after(placed(), confirmed()),
                    cancelled(CancellationReason.PAYMENT_FAILED));
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
    class OnceRequestedByItsBuyer {

        private final RequestCancellation request = new RequestCancellation(ORDER, NOW);

        @Test
        void isToBeCancelledWhilePlacedConfirmedOrPaid() {
            answers(request, after(placed()), cancellationRequested(CancellationReason.BUYER));
            answers(request, after(placed(), confirmed()), cancellationRequested(CancellationReason.BUYER));
            answers(request, after(placed(), confirmed(), paid()), cancellationRequested(CancellationReason.BUYER));
        }

        @Test
        void isNotToBeCancelledTwice() {
            refuses(
                    request,
                    Reason.CANCELLATION_PENDING,
                    placed(),
                    confirmed(),
                    cancellationRequested(CancellationReason.BUYER),
                    paid());
        }

        @Test
        void mayBeCancelledAfterAPaymentThatWasNearlyOverdue() {
            answers(
                    request,
                    after(placed(), confirmed(), cancellationRequested(CancellationReason.PAYMENT_OVERDUE), paid()),
                    cancellationRequested(CancellationReason.BUYER));
        }

        @Test
        void isNotToBeCancelledOnceCasesHaveLeftTheirBins() {
            refuses(
                    request,
                    Reason.CANCELLATION_TOO_LATE,
                    placed(),
                    confirmed(),
                    paid(),
                    cancellationRequested(CancellationReason.BUYER),
                    new CancellationRefused(ORDER));
        }

        @Test
        void isNotToBeCancelledOnceItHasEnded() {
            refuses(request, Reason.ORDER_ENDED, placed(), new OrderDeclined(ORDER, BUYER, RefusalReason.SOLD_OUT));
            refuses(request, Reason.ORDER_ENDED, placed(), cancelled(CancellationReason.BUYER));
            refuses(request, Reason.ORDER_ENDED, placed(), confirmed(), paid(), new OrderFulfilled(ORDER, BUYER, 3));
        }
    }

    @Nested
    class WhilePaid {

        private final Object pending = cancellationRequested(CancellationReason.BUYER);

        @Test
        void isCancelledAndRefundedIfTheReleaseWasStopped() {
            answers(
                    new CancelPaid(ORDER, REFUND),
                    after(placed(), confirmed(), paid(), pending),
                    cancelled(CancellationReason.BUYER),
                    refundDue(3, CancellationReason.BUYER));
        }

        @Test
        void isCancelledByAWishThatCrossedThePayment() {
            answers(
                    new CancelPaid(ORDER, REFUND),
                    after(placed(), confirmed(), pending, paid()),
                    cancelled(CancellationReason.BUYER),
                    refundDue(3, CancellationReason.BUYER));
        }

        @Test
        void isRefundedOnlyWhatWasNotRefundedBefore() {
            answers(
                    new CancelPaid(ORDER, REFUND),
                    after(placed(), confirmed(), paid(), new CasesWithdrawn(ORDER, PLAN, VAULT, tokens(7)), pending),
                    cancelled(CancellationReason.BUYER),
                    refundDue(2, CancellationReason.BUYER));
        }

        @Test
        void isNotCancelledUnasked() {
            refuses(new CancelPaid(ORDER, REFUND), Reason.CANCELLATION_NOT_PENDING, placed(), confirmed(), paid());
        }

        @Test
        void isNotCancelledForAnOverdueThatThePaymentOvertook() {
            refuses(
                    new CancelPaid(ORDER, REFUND),
                    Reason.CANCELLATION_NOT_PENDING,
                    placed(),
                    confirmed(),
                    cancellationRequested(CancellationReason.PAYMENT_OVERDUE),
                    paid());
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
                    refundDue(2, CancellationReason.RELEASE_REFUSED));
        }

        @Test
        void isCancelledIfNoCaseCanBeSupplied() {
            answers(
                    new WithdrawCases(ORDER, tokens(7, 8, 11), REFUND),
                    after(placed(), confirmed(), paid()),
                    cancelled(CancellationReason.RELEASE_REFUSED),
                    refundDue(3, CancellationReason.RELEASE_REFUSED));
        }

        @Test
        void isCancelledWithTheLastCaseThatCannotBeSupplied() {
            answers(
                    new WithdrawCases(ORDER, tokens(7), REFUND),
                    after(placed(), confirmed(), paid(), new CasesWithdrawn(ORDER, PLAN, VAULT, tokens(8, 11))),
                    cancelled(CancellationReason.RELEASE_REFUSED),
                    refundDue(1, CancellationReason.RELEASE_REFUSED));
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
