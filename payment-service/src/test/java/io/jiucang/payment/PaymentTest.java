package io.jiucang.payment;

import static io.jiucang.payment.PaymentFixtures.AT;
import static io.jiucang.payment.PaymentFixtures.BUYER;
import static io.jiucang.payment.PaymentFixtures.CANCELLED;
import static io.jiucang.payment.PaymentFixtures.CODE_URL;
import static io.jiucang.payment.PaymentFixtures.DUE;
import static io.jiucang.payment.PaymentFixtures.IN_TIME;
import static io.jiucang.payment.PaymentFixtures.OPENED;
import static io.jiucang.payment.PaymentFixtures.ORDER;
import static io.jiucang.payment.PaymentFixtures.OTHER_REFUND;
import static io.jiucang.payment.PaymentFixtures.PAYMENT;
import static io.jiucang.payment.PaymentFixtures.PAY_BY;
import static io.jiucang.payment.PaymentFixtures.PLAN;
import static io.jiucang.payment.PaymentFixtures.PRICE;
import static io.jiucang.payment.PaymentFixtures.REFUND;
import static io.jiucang.payment.PaymentFixtures.SERIALS;
import static io.jiucang.payment.PaymentFixtures.VALID;
import static io.jiucang.payment.PaymentFixtures.VAULT;
import static io.jiucang.payment.PaymentFixtures.capture;
import static io.jiucang.payment.PaymentFixtures.captured;
import static io.jiucang.payment.PaymentFixtures.expect;
import static io.jiucang.payment.PaymentFixtures.priceReturned;
import static io.jiucang.payment.PaymentFixtures.refund;
import static io.jiucang.payment.PaymentFixtures.rejectedFor;
import static io.jiucang.payment.PaymentFixtures.returned;
import static io.jiucang.payment.PaymentFixtures.sale;
import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_ALREADY_MADE;
import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_CLOSED;
import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_OVERDUE;
import static io.jiucang.payment.PaymentRejected.Reason.REFUND_EXCEEDS_PAYMENT;
import static io.jiucang.payment.PaymentRejected.Reason.REFUND_NOT_FAILED;
import static io.jiucang.payment.PaymentRejected.Reason.REFUND_NOT_FOUND;
import static io.jiucang.payment.PaymentRejected.Reason.RETURN_VOID;

import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.ReceiptReturned;
import io.jiucang.events.PaymentEvent.RefundCompleted;
import io.jiucang.events.PaymentEvent.RefundFailed;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.PaymentEvent.RefundRequested;
import io.jiucang.events.PaymentEvent.ReturnReason;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.value.Money;
import io.jiucang.payment.PaymentCommand.ClosePayment;
import io.jiucang.payment.PaymentCommand.CompleteRefund;
import io.jiucang.payment.PaymentCommand.FailRefund;
import io.jiucang.payment.PaymentCommand.OpenPayment;
import io.jiucang.payment.PaymentCommand.PayBack;
import io.jiucang.payment.PaymentCommand.RecordCapture;
import io.jiucang.payment.PaymentCommand.RetryRefund;
import io.jiucang.payment.PaymentCommand.ReturnReceipt;
import io.jiucang.payment.PaymentCommand.ReturnUnwantedMoney;
import io.jiucang.payment.PaymentProvider.Capture;
import io.jiucang.title.Rule;
import io.jiucang.title.Ruling;
import java.time.Instant;
import java.util.Currency;
import java.util.List;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaymentTest {

    private static final RefundRequested REQUESTED = refund(REFUND, PRICE, RefundReason.ORDER_CANCELLED, "T1");
    private static final RefundFailed FAILED = new RefundFailed(PAYMENT, ORDER, REFUND, "NOT_ENOUGH");
    private static final RefundCompleted COMPLETED = new RefundCompleted(PAYMENT, ORDER, REFUND, PRICE);

    private static final Money CENT = Money.cny(1);
    private static final Money HALF = Money.cny(118_800);
    private static final Ruling VOID = new Ruling.Voided(Rule.MONEY_BACK, "sold on");

    private final AggregateTestFixture<Payment> payment = new AggregateTestFixture<>(Payment.class);

    private static OpenPayment open(Instant now) {
        return new OpenPayment(PAYMENT, "wechatpay", CODE_URL, now);
    }

    private static RecordCapture record(String transactionId, Money amount) {
        return new RecordCapture(PAYMENT, capture(transactionId, amount));
    }

    private static ReturnUnwantedMoney anchored(PaymentCaptured captured) {
        return new ReturnUnwantedMoney(PAYMENT, captured, AT, REFUND, returned -> VALID);
    }

    @Test
    void isDueOnceHoweverOftenItsOrderIsConfirmed() {
        payment.givenNoPriorActivity().when(expect(PAYMENT)).expectEvents(DUE);
        new AggregateTestFixture<>(Payment.class)
                .given(DUE)
                .when(expect(PAYMENT))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void opensOnceHoweverOftenItIsAsked() {
        payment.given(DUE).when(open(IN_TIME)).expectEvents(OPENED);
        new AggregateTestFixture<>(Payment.class)
                .given(DUE, OPENED)
                .when(open(IN_TIME))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void refusesToOpenWhenOverdue() {
        payment.given(DUE).when(open(PAY_BY)).expectException(rejectedFor(PAYMENT_OVERDUE));
    }

    @Test
    void refusesToOpenAClosedPayment() {
        payment.given(DUE, CANCELLED).when(open(IN_TIME)).expectException(rejectedFor(PAYMENT_CLOSED));
    }

    @Test
    void refusesToOpenAPaymentAlreadyMade() {
        payment.given(DUE, OPENED, captured("T1", PRICE), sale("T1"))
                .when(open(IN_TIME))
                .expectException(rejectedFor(PAYMENT_ALREADY_MADE));
    }

    @Test
    void becomesASaleByTheRightAmount() {
        payment.given(DUE, OPENED).when(record("T1", PRICE)).expectEvents(captured("T1", PRICE), sale("T1"));
    }

    @Test
    void becomesASaleEvenIfTheOpeningWasNotRecorded() {
        payment.given(DUE).when(record("T1", PRICE)).expectEvents(captured("T1", PRICE), sale("T1"));
    }

    @Test
    void takesNoNoticeOfWhatItWasToldBefore() {
        payment.given(DUE, OPENED, captured("T1", PRICE), sale("T1"))
                .when(record("T1", PRICE))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @ParameterizedTest
    @CsvSource({"CNY, 237599", "CNY, 237601", "USD, 237600"})
    void closesOnAWrongAmountOrCurrency(String currency, long amount) {
        Money wrong = new Money(Currency.getInstance(currency), amount);
        payment.given(DUE, OPENED)
                .when(record("T1", wrong))
                .expectEvents(captured("T1", wrong), new PaymentClosed(PAYMENT, ORDER, ClosingReason.WRONG_AMOUNT));
    }

    /** S3: by {@code payBy} is in time. */
    @Test
    void becomesNoSaleASecondTooLate() {
        Capture inTime = new Capture("T1", PRICE, PAY_BY, "0".repeat(64));
        payment.given(DUE, OPENED)
                .when(new RecordCapture(PAYMENT, inTime))
                .expectEvents(
                        new PaymentCaptured(PAYMENT, ORDER, PRICE, "T1", PAY_BY, "0".repeat(64)),
                        new SaleRecorded(PAYMENT, ORDER, BUYER, PLAN, VAULT, SERIALS, PRICE, "T1", PAY_BY));
        Instant later = PAY_BY.plusSeconds(1);
        new AggregateTestFixture<>(Payment.class)
                .given(DUE, OPENED)
                .when(new RecordCapture(PAYMENT, new Capture("T1", PRICE, later, "0".repeat(64))))
                .expectEvents(
                        new PaymentCaptured(PAYMENT, ORDER, PRICE, "T1", later, "0".repeat(64)),
                        new PaymentClosed(PAYMENT, ORDER, ClosingReason.LATE));
    }

    @Test
    void recordsASecondCaptureAndWhatComesTooLate() {
        payment.given(DUE, OPENED, captured("T1", PRICE), sale("T1"))
                .when(record("T2", PRICE))
                .expectEvents(captured("T2", PRICE));
        new AggregateTestFixture<>(Payment.class)
                .given(DUE, OPENED, CANCELLED)
                .when(record("T1", PRICE))
                .expectEvents(captured("T1", PRICE));
    }

    @Test
    void returnsWhatIsNotWantedOnceTheLedgerHasIt() {
        payment.given(DUE, CANCELLED, captured("T1", PRICE))
                .when(anchored(captured("T1", PRICE)))
                .expectEvents(returned(captured("T1", PRICE), ReturnReason.LATE));
        new AggregateTestFixture<>(Payment.class)
                .given(DUE, captured("T1", CENT), new PaymentClosed(PAYMENT, ORDER, ClosingReason.WRONG_AMOUNT))
                .when(anchored(captured("T1", CENT)))
                .expectEvents(returned(captured("T1", CENT), ReturnReason.WRONG_AMOUNT));
        new AggregateTestFixture<>(Payment.class)
                .given(DUE, captured("T1", PRICE), sale("T1"), captured("T2", PRICE))
                .when(anchored(captured("T2", PRICE)))
                .expectEvents(returned(captured("T2", PRICE), ReturnReason.DOUBLE));
    }

    @Test
    void returnsNoSale() {
        payment.given(DUE, captured("T1", PRICE), sale("T1"))
                .when(anchored(captured("T1", PRICE)))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void returnsWhatIsNotWantedOnce() {
        payment.given(DUE, CANCELLED, captured("T1", PRICE), returned(captured("T1", PRICE), ReturnReason.LATE))
                .when(anchored(captured("T1", PRICE)))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    /** Whoever has our key can tell them. */
    @Test
    void returnsNoCaptureThatItHasNotRecorded() {
        for (PaymentCaptured others : List.of(captured("T2", PRICE), captured("T1", PRICE.times(2)))) {
            new AggregateTestFixture<>(Payment.class)
                    .given(DUE, CANCELLED, captured("T1", PRICE))
                    .when(anchored(others))
                    .expectSuccessfulHandlerExecution()
                    .expectNoEvents();
        }
    }

    @Test
    void refusesToReturnWhatTheLawWouldCallVoid() {
        payment.given(DUE, CANCELLED, captured("T1", PRICE))
                .when(new ReturnUnwantedMoney(PAYMENT, captured("T1", PRICE), AT, REFUND, returned -> VOID))
                .expectException(rejectedFor(RETURN_VOID));
    }

    @Test
    void paysBackOnceTheLedgerHasItsReturn() {
        ReceiptReturned returned = returned(captured("T1", PRICE), ReturnReason.LATE);
        RefundRequested refund = refund(REFUND, PRICE, RefundReason.LATE_PAYMENT, "T1");
        payment.given(DUE, CANCELLED, captured("T1", PRICE), returned)
                .when(new PayBack(PAYMENT, returned, VALID))
                .expectEvents(refund);
        new AggregateTestFixture<>(Payment.class)
                .given(DUE, CANCELLED, captured("T1", PRICE), returned, refund)
                .when(new PayBack(PAYMENT, returned, VALID))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void refusesToPayBackOnAVoidReturn() {
        ReceiptReturned returned = returned(captured("T1", PRICE), ReturnReason.LATE);
        payment.given(DUE, CANCELLED, captured("T1", PRICE), returned)
                .when(new PayBack(PAYMENT, returned, VOID))
                .expectException(rejectedFor(RETURN_VOID));
    }

    /** However valid: whoever has our key can return what was sold, before the sale is told. */
    @Test
    void paysNothingBackOnAReturnThatItHasNotTold() {
        payment.given(DUE, captured("T1", PRICE), sale("T1"))
                .when(new PayBack(PAYMENT, returned(captured("T1", PRICE), ReturnReason.DOUBLE), VALID))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
        new AggregateTestFixture<>(Payment.class)
                .given(DUE, CANCELLED, captured("T1", PRICE), returned(captured("T1", PRICE), ReturnReason.LATE))
                .when(new PayBack(PAYMENT, returned(captured("T1", PRICE.times(2)), ReturnReason.LATE), VALID))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void closesWithItsOrder() {
        payment.given(DUE, OPENED).when(new ClosePayment(PAYMENT)).expectEvents(CANCELLED);
    }

    @Test
    void doesNotCloseOnceItIsASale() {
        payment.given(DUE, OPENED, captured("T1", PRICE), sale("T1"))
                .when(new ClosePayment(PAYMENT))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void closesOnce() {
        payment.given(DUE, OPENED, CANCELLED)
                .when(new ClosePayment(PAYMENT))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void returnsThePriceOfCasesThatEnded() {
        payment.given(DUE, captured("T1", PRICE), sale("T1"))
                .when(new ReturnReceipt(PAYMENT, priceReturned(REFUND, HALF), VALID))
                .expectEvents(priceReturned(REFUND, HALF));
    }

    @Test
    void returnsThePriceOnceForEachEnd() {
        ReceiptReturned first = priceReturned(REFUND, HALF);
        ReceiptReturned second = priceReturned(OTHER_REFUND, HALF);
        payment.given(DUE, captured("T1", PRICE), sale("T1"), first)
                .when(new ReturnReceipt(PAYMENT, first, VALID))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
        new AggregateTestFixture<>(Payment.class)
                .given(DUE, captured("T1", PRICE), sale("T1"), first)
                .when(new ReturnReceipt(PAYMENT, second, VALID))
                .expectEvents(second);
    }

    @Test
    void returnsASaleWholeWhoseOrderEnded() {
        ReceiptReturned whole = returned(captured("T1", PRICE), ReturnReason.ORDER_ENDED);
        payment.given(DUE, captured("T1", PRICE), sale("T1"))
                .when(new ReturnReceipt(PAYMENT, whole, VALID))
                .expectEvents(whole);
    }

    @Test
    void refusesToReturnAPriceThatTheLawWouldCallVoid() {
        payment.given(DUE, captured("T1", PRICE), sale("T1"))
                .when(new ReturnReceipt(PAYMENT, priceReturned(REFUND, HALF), VOID))
                .expectException(rejectedFor(RETURN_VOID));
    }

    @Test
    void returnsNoPriceOfACaptureThatItHasNotRecorded() {
        payment.given(DUE, captured("T2", CENT))
                .when(new ReturnReceipt(PAYMENT, priceReturned(REFUND, HALF), VALID))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void paysTheSaleBackInParts() {
        ReceiptReturned second = priceReturned(OTHER_REFUND, HALF);
        payment.given(
                        DUE,
                        captured("T1", PRICE),
                        sale("T1"),
                        priceReturned(REFUND, HALF),
                        refund(REFUND, HALF, RefundReason.CASES_WITHDRAWN, "T1"),
                        second)
                .when(new PayBack(PAYMENT, second, VALID))
                .expectEvents(refund(OTHER_REFUND, HALF, RefundReason.CASES_WITHDRAWN, "T1"));
    }

    @Test
    void paysTheWholeSaleBackThoughADuplicateWasPaidBackToo() {
        ReceiptReturned whole = priceReturned(OTHER_REFUND, PRICE);
        payment.given(
                        DUE,
                        captured("T1", PRICE),
                        sale("T1"),
                        captured("T2", PRICE),
                        refund(REFUND, PRICE, RefundReason.DUPLICATE_PAYMENT, "T2"),
                        whole)
                .when(new PayBack(PAYMENT, whole, VALID))
                .expectEvents(refund(OTHER_REFUND, PRICE, RefundReason.CASES_WITHDRAWN, "T1"));
    }

    /** However valid the return. */
    @Test
    void refusesToPayBackMoreThanIsLeft() {
        ReceiptReturned more = priceReturned(OTHER_REFUND, HALF.plus(CENT));
        payment.given(
                        DUE,
                        captured("T1", PRICE),
                        sale("T1"),
                        refund(REFUND, HALF, RefundReason.CASES_WITHDRAWN, "T1"),
                        more)
                .when(new PayBack(PAYMENT, more, VALID))
                .expectException(rejectedFor(REFUND_EXCEEDS_PAYMENT));
    }

    /** It may be retried, and then both would be paid. */
    @Test
    void refusesToPayBackAgainWhatFailedToBePaidBack() {
        ReceiptReturned cent = priceReturned(OTHER_REFUND, CENT);
        payment.given(DUE, captured("T1", PRICE), sale("T1"), REQUESTED, FAILED, cent)
                .when(new PayBack(PAYMENT, cent, VALID))
                .expectException(rejectedFor(REFUND_EXCEEDS_PAYMENT));
    }

    @Test
    void completesARefundOnce() {
        payment.given(DUE, captured("T1", PRICE), sale("T1"), REQUESTED)
                .when(new CompleteRefund(PAYMENT, REFUND))
                .expectEvents(COMPLETED);
        new AggregateTestFixture<>(Payment.class)
                .given(DUE, captured("T1", PRICE), sale("T1"), REQUESTED, COMPLETED)
                .when(new CompleteRefund(PAYMENT, REFUND))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void completesAFailedRefundThatAnOperatorSettledWithTheProvider() {
        payment.given(DUE, captured("T1", PRICE), sale("T1"), REQUESTED, FAILED)
                .when(new CompleteRefund(PAYMENT, REFUND))
                .expectEvents(COMPLETED);
    }

    @Test
    void failsARefundOnce() {
        FailRefund fail = new FailRefund(PAYMENT, REFUND, "NOT_ENOUGH");
        payment.given(DUE, captured("T1", PRICE), sale("T1"), REQUESTED)
                .when(fail)
                .expectEvents(FAILED);
        new AggregateTestFixture<>(Payment.class)
                .given(DUE, captured("T1", PRICE), sale("T1"), REQUESTED, FAILED)
                .when(fail)
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void doesNotFailACompletedRefund() {
        payment.given(DUE, captured("T1", PRICE), sale("T1"), REQUESTED, COMPLETED)
                .when(new FailRefund(PAYMENT, REFUND, "ABNORMAL"))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void retriesAFailedRefundAsTheSameRefund() {
        payment.given(DUE, captured("T1", PRICE), sale("T1"), REQUESTED, FAILED)
                .when(new RetryRefund(PAYMENT, REFUND))
                .expectEvents(REQUESTED);
    }

    @Test
    void refusesToRetryARefundThatDidNotFail() {
        payment.given(DUE, captured("T1", PRICE), sale("T1"), REQUESTED, FAILED, REQUESTED)
                .when(new RetryRefund(PAYMENT, REFUND))
                .expectException(rejectedFor(REFUND_NOT_FAILED));
    }

    @Test
    void knowsOnlyItsOwnRefunds() {
        payment.given(DUE, captured("T1", PRICE), sale("T1"), REQUESTED)
                .when(new CompleteRefund(PAYMENT, OTHER_REFUND))
                .expectException(rejectedFor(REFUND_NOT_FOUND));
    }
}
