package io.jiucang.order;

import static org.hamcrest.Matchers.is;

import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.OrderEvent.PaymentOverdue;
import io.jiucang.events.OrderEvent.RefundDue;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Hash;
import io.jiucang.order.OrderCommand.PlaceOrder;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.statement.StatementId;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.title.Ruling;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.hamcrest.FeatureMatcher;
import org.hamcrest.Matcher;

/** An order of three cases at 5,880.00, on its way. */
final class OrderFixtures {

    static final Instant NOW = Instant.parse("2026-11-22T04:00:00Z");
    static final Duration LONGEST_PAY_BY = Duration.ofMinutes(30);
    static final Instant PAY_BY = NOW.plus(LONGEST_PAY_BY);
    static final Money UNIT_PRICE = Money.cny(588_000);
    static final Hash AGREEMENT = Hash.ofHex("ab".repeat(32));
    /** The offer's statement id. */
    private static final String OFFER = "0f".repeat(32);

    static final Device PHONE = phone(NOW);
    static final String BUYER = PHONE.wallet();
    static final String STATEMENT = statement(3, UNIT_PRICE.times(3), AGREEMENT, PAY_BY);
    static final OrderId ORDER = new OrderId(StatementId.of(STATEMENT).orderId());
    static final PaymentId PAYMENT = new PaymentId(StatementId.of(STATEMENT).paymentId());
    static final PlanId PLAN = read(STATEMENT).act().plan();
    static final VaultId VAULT = read(STATEMENT).act().vault();
    static final String CANCELLATION = PHONE.speaking().orderCancellation(ORDER.value());
    static final RefundId REFUND = new RefundId(Ids.next());
    static final List<SerialRange> SERIALS = List.of(new SerialRange(7, 8), new SerialRange(11, 11));
    static final OrderSettings SETTINGS =
            new OrderSettings(Duration.ofMinutes(10), Duration.ofDays(7), Duration.ofSeconds(15), 5);

    private OrderFixtures() {}

    /** A buyer's, who signs at this time. */
    static Device phone(Instant now) {
        return Device.create(TestPlatform.ENVIRONMENT, TestPlatform.ORIGIN, Clock.fixed(now, ZoneOffset.UTC));
    }

    static Act.Offer offer() {
        return offer(100, 6, NOW.minusSeconds(1), NOW.plusSeconds(1));
    }

    static Act.Offer offer(long count, long limit, Instant from, Instant until) {
        return new Act.Offer(
                "guojiao-1573-52",
                "19521141111014",
                count,
                UNIT_PRICE,
                limit,
                from,
                until,
                "luzhou-1",
                TestPlatform.APPID,
                TestPlatform.PAYEE,
                AGREEMENT,
                30,
                LONGEST_PAY_BY.toSeconds());
    }

    static String statement(long quantity, Money total, Hash agreement, Instant payBy) {
        return statement(PHONE, quantity, total, agreement, payBy);
    }

    static String statement(Device phone, long quantity, Money total, Hash agreement, Instant payBy) {
        return phone.speaking().order(OFFER, quantity, total.minorUnits(), agreement.hex(), payBy);
    }

    static final Ruling VALID = new Ruling.Valid(List.of(), Map.of());

    static Statement<Act.Order> read(String statement) {
        return Statements.read(statement, Act.Order.class);
    }

    static PlaceOrder placeOrder() {
        return placeOrder(offer(), STATEMENT);
    }

    static PlaceOrder placeOrder(Act.Offer offer, String statement) {
        return placeOrder(offer, statement, true, 0);
    }

    static PlaceOrder placeOrder(Act.Offer offer, String statement, boolean ageProven, long alreadyOrdered) {
        return placeOrder(offer, statement, VALID, ageProven, alreadyOrdered);
    }

    static PlaceOrder placeOrder(
            Act.Offer offer, String statement, Ruling ruling, boolean ageProven, long alreadyOrdered) {
        Statement<Act.Order> intent = read(statement);
        return new PlaceOrder(intent.orderId(), offer, intent, statement, ruling, ageProven, alreadyOrdered, NOW);
    }

    static OrderPlaced placed() {
        return new OrderPlaced(ORDER, STATEMENT);
    }

    static OrderConfirmed confirmed() {
        return new OrderConfirmed(ORDER, PAYMENT, BUYER, PLAN, VAULT, SERIALS, UNIT_PRICE.times(3), PAY_BY);
    }

    static SaleRecorded saleRecorded() {
        return new SaleRecorded(PAYMENT, ORDER, BUYER, PLAN, VAULT, SERIALS, UNIT_PRICE.times(3), "4200", NOW);
    }

    static OrderPaid paid() {
        return new OrderPaid(ORDER, PAYMENT);
    }

    static OrderCancelled cancelled() {
        return new OrderCancelled(ORDER, CANCELLATION);
    }

    static PaymentOverdue overdue() {
        return new PaymentOverdue(ORDER);
    }

    static OrderEnded ended(EndReason reason) {
        return new OrderEnded(ORDER, PLAN, VAULT, reason);
    }

    static RefundDue refundDue(long cases, EndReason reason) {
        return new RefundDue(ORDER, PAYMENT, REFUND, UNIT_PRICE.times(cases), cases, reason);
    }

    static List<TokenId> tokens(long... serials) {
        return Arrays.stream(serials)
                .mapToObj(serial -> new TokenId(VAULT, serial))
                .toList();
    }

    static Matcher<OrderRejected> because(OrderRejected.Reason reason) {
        return new FeatureMatcher<>(is(reason), "rejected for reason", "reason") {
            @Override
            protected OrderRejected.Reason featureValueOf(OrderRejected rejection) {
                return (OrderRejected.Reason) rejection.reason();
            }
        };
    }
}
