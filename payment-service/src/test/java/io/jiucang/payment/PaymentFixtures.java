package io.jiucang.payment;

import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.PaymentDue;
import io.jiucang.events.PaymentEvent.PaymentOpened;
import io.jiucang.events.PaymentEvent.ReceiptReturned;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.PaymentEvent.RefundRequested;
import io.jiucang.events.PaymentEvent.ReturnReason;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.Sha256;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.payment.PaymentCommand.ExpectPayment;
import io.jiucang.payment.PaymentProvider.Capture;
import io.jiucang.title.Ruling;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.hamcrest.Description;
import org.hamcrest.Matcher;
import org.hamcrest.TypeSafeMatcher;

/** One payment and what can happen to it. */
final class PaymentFixtures {

    static final OrderId ORDER = new OrderId("019aa0c0-0000-7000-8000-000000000003");
    static final PaymentId PAYMENT = new PaymentId("019aa0c0-0000-7000-8000-000000000006");
    static final RefundId REFUND = new RefundId("019aa0c0-0000-7000-8000-000000000004");
    static final RefundId OTHER_REFUND = new RefundId("019aa0c0-0000-7000-8000-000000000005");
    static final String BUYER = "li";
    static final PlanId PLAN = new PlanId("019aa0c0-0000-7000-8000-000000000001");
    static final VaultId VAULT = new VaultId("019aa0c0-0000-7000-8000-000000000002");
    static final List<SerialRange> SERIALS = List.of(new SerialRange(1, 2));
    static final Money PRICE = Money.cny(237_600);
    static final Instant PAY_BY = Instant.parse("2026-11-22T08:30:00Z");
    static final Instant IN_TIME = PAY_BY.minusSeconds(1);
    static final String CODE_URL = "weixin://wxpay/bizpayurl?pr=abc";

    static final PaymentDue DUE = new PaymentDue(PAYMENT, ORDER, BUYER, PLAN, VAULT, SERIALS, PRICE, PAY_BY);
    static final PaymentOpened OPENED = new PaymentOpened(PAYMENT, ORDER, "wechatpay", CODE_URL);
    static final PaymentClosed CANCELLED = new PaymentClosed(PAYMENT, ORDER, ClosingReason.ORDER_CANCELLED);

    /** Where the ledger has a capture. */
    static final Cite AT = new Cite(7, "ab".repeat(32));

    static final Ruling VALID = new Ruling.Valid(List.of(), Map.of());

    private PaymentFixtures() {}

    static ExpectPayment expect(PaymentId id) {
        return new ExpectPayment(id, ORDER, BUYER, PLAN, VAULT, SERIALS, PRICE, PAY_BY);
    }

    static Capture capture(String transactionId, Money amount) {
        return new Capture(transactionId, amount, IN_TIME, receipt(transactionId));
    }

    static PaymentCaptured captured(String transactionId, Money amount) {
        return new PaymentCaptured(PAYMENT, ORDER, amount, transactionId, IN_TIME, receipt(transactionId));
    }

    private static String receipt(String transactionId) {
        return Sha256.hex(transactionId.getBytes(StandardCharsets.UTF_8));
    }

    static SaleRecorded sale(String transactionId) {
        return new SaleRecorded(PAYMENT, ORDER, BUYER, PLAN, VAULT, SERIALS, PRICE, transactionId, IN_TIME);
    }

    static RefundRequested refund(RefundId id, Money amount, RefundReason reason, String transactionId) {
        return new RefundRequested(PAYMENT, ORDER, id, amount, reason, transactionId);
    }

    /** Of the whole of what was captured. */
    static ReceiptReturned returned(PaymentCaptured captured, ReturnReason reason) {
        return new ReceiptReturned(
                PAYMENT, ORDER, REFUND, AT, captured.transactionId(), reason, captured.amount(), List.of(), List.of());
    }

    /** Of the sale by T1, for one of its cases. */
    static ReceiptReturned priceReturned(RefundId id, Money amount) {
        return new ReceiptReturned(
                PAYMENT,
                ORDER,
                id,
                AT,
                "T1",
                ReturnReason.CASES_ENDED,
                amount,
                List.of(new TokenId(VAULT, 1)),
                List.of(new Cite(9, "cd".repeat(32))));
    }

    static Matcher<PaymentRejected> rejectedFor(PaymentRejected.Reason reason) {
        return new TypeSafeMatcher<>() {
            @Override
            protected boolean matchesSafely(PaymentRejected rejected) {
                return rejected.reason() == reason;
            }

            @Override
            public void describeTo(Description description) {
                description.appendText("rejected for " + reason);
            }
        };
    }
}
