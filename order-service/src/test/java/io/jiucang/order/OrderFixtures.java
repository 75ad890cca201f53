package io.jiucang.order;

import static org.hamcrest.Matchers.is;

import io.jiucang.events.OrderEvent.CancellationReason;
import io.jiucang.events.OrderEvent.CancellationRequested;
import io.jiucang.events.OrderEvent.CustodyAgreement;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.OrderEvent.OrderPlaced;
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
import io.jiucang.order.OrderCommand.PlaceOrder;
import io.jiucang.starter.wallet.Act;
import io.jiucang.starter.wallet.Intent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.hamcrest.FeatureMatcher;
import org.hamcrest.Matcher;

/** An order of three cases at 5,880.00, on its way. */
final class OrderFixtures {

    static final Instant NOW = Instant.parse("2026-11-22T04:00:00Z");
    static final OrderId ORDER = new OrderId(Ids.next());
    static final PlanId PLAN = new PlanId(Ids.next());
    static final VaultId VAULT = new VaultId(Ids.next());
    static final PaymentId PAYMENT = new PaymentId(ORDER.value());
    static final RefundId REFUND = new RefundId(Ids.next());
    static final String BUYER = "li";
    static final Money UNIT_PRICE = Money.cny(588_000);
    static final List<SerialRange> SERIALS = List.of(new SerialRange(7, 8), new SerialRange(11, 11));
    static final CustodyAgreement AGREEMENT = new CustodyAgreement("2026-01", "ab".repeat(32));
    static final OrderSettings SETTINGS = new OrderSettings(
            Duration.ofMinutes(10), Duration.ofMinutes(30), Duration.ofDays(7), Duration.ofSeconds(15), 5);
    static final Instant PAY_BY = NOW.plus(SETTINGS.paymentPeriod());

    private static final String JWS = "header.claims.signature";

    private OrderFixtures() {}

    static SalesPlan plan() {
        return new SalesPlan(PLAN, VAULT, UNIT_PRICE, 6, NOW.minusSeconds(1), NOW.plusSeconds(1));
    }

    static Intent intent(PlanId plan, long quantity, String terms) {
        return new Intent(
                BUYER,
                Act.ORDER,
                new Intent.Order(plan.value(), quantity),
                List.of(),
                null,
                null,
                Map.of(),
                terms,
                JWS);
    }

    static PlaceOrder placeOrder() {
        return placeOrder(plan(), 3, 3, true, AGREEMENT, intent(PLAN, 3, AGREEMENT.sha256()));
    }

    static PlaceOrder placeOrder(
            SalesPlan plan,
            long quantity,
            long alreadyOrdered,
            boolean ageProven,
            CustodyAgreement agreement,
            Intent intent) {
        return new PlaceOrder(
                ORDER, BUYER, ageProven, plan, quantity, alreadyOrdered, agreement, AGREEMENT, intent, NOW);
    }

    static OrderPlaced placed() {
        return new OrderPlaced(ORDER, BUYER, PLAN, VAULT, 3, UNIT_PRICE, AGREEMENT, JWS, NOW);
    }

    static OrderConfirmed confirmed() {
        return new OrderConfirmed(ORDER, BUYER, PLAN, VAULT, SERIALS, UNIT_PRICE.times(3), PAY_BY);
    }

    static SaleRecorded saleRecorded() {
        return new SaleRecorded(PAYMENT, ORDER, BUYER, PLAN, VAULT, SERIALS, UNIT_PRICE.times(3), "4200", NOW);
    }

    static OrderPaid paid() {
        return new OrderPaid(ORDER, PAYMENT);
    }

    static CancellationRequested cancellationRequested(CancellationReason reason) {
        return new CancellationRequested(ORDER, reason, NOW);
    }

    static OrderCancelled cancelled(CancellationReason reason) {
        return new OrderCancelled(ORDER, PLAN, VAULT, reason);
    }

    static RefundDue refundDue(long cases, CancellationReason reason) {
        return new RefundDue(ORDER, PAYMENT, REFUND, UNIT_PRICE.times(cases), cases, reason);
    }

    static List<TokenId> tokens(long... serials) {
        return java.util.Arrays.stream(serials)
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
