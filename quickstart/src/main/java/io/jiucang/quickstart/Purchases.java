package io.jiucang.quickstart;

import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.PaymentOpened;
import io.jiucang.events.PaymentEvent.RefundCompleted;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.WarehouseEvent.CaseDamaged;
import io.jiucang.events.WarehouseEvent.CaseShelved;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleaseRequested;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.TokenId;
import io.jiucang.quickstart.EventTail.Seen;
import io.jiucang.quickstart.Offers.Plan;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Steps S2 to S5 as their users live them, over HTTP alone. */
final class Purchases {

    /** Of those who will not pay in time: it has passed when the demo comes back to them. */
    private static final Duration SHORT_TIME_TO_PAY = Duration.ofSeconds(20);

    private final Story story;
    private final Console console;
    private final String run = Long.toString(Instant.now().getEpochSecond(), 36);
    private int boxes;

    Purchases(Story story) {
        this.story = story;
        this.console = story.console();
    }

    record Order(String id, String buyer, Plan plan, long quantity) {}

    /**
     * @param sold paid, released, and their buyers' own
     * @param neverPaid waits for its deadline to pass
     * @param paidLate too
     * @param lateCode where its buyer can still pay, if they do not mind the deadline
     */
    record Sales(List<Order> sold, Order neverPaid, Order paidLate, URI lateCode) {}

    Sales sell() throws IOException {
        List<Plan> plans = new Offers(story).make();
        Plan guojiao = plans.get(0);
        Plan wuliangye = plans.get(1);
        Plan moutai = plans.get(2);
        Plan menglan = plans.get(3);
        Plan qinghua = plans.get(4);
        Plan zodiac = plans.get(5);

        console.heading("    Buyers make wallets on their phones; the private keys stay there");
        for (String buyer : List.of("li", "wang", "zhao")) {
            story.bear(buyer, story.device(buyer));
        }

        console.heading("S2  Buyers sign what they want; cases are reserved, orders confirmed");
        List<Order> sold = new ArrayList<>(List.of(
                confirmed(place("li", guojiao, 2)),
                confirmed(place("wang", wuliangye, 1)),
                confirmed(place("zhao", menglan, 1)),
                confirmed(place("li", zodiac, 2)),
                confirmed(place("wang", zodiac, 1))));
        Order soldOut = place("zhao", zodiac, 1);
        Seen<OrderDeclined> declined = story.await(OrderDeclined.class, event -> isOf(event.orderId(), soldOut));
        console.refused(Story.at(declined) + "  " + described(soldOut) + ": "
                + declined.event().reason());
        Order neverPaid = confirmed(place("wang", qinghua, 1, SHORT_TIME_TO_PAY));
        Order paidLate = confirmed(place("zhao", moutai, 1, SHORT_TIME_TO_PAY));

        console.heading("S3  Payments, through WeChat Pay; each becomes a recorded sale");
        URI lateCode = openPayment(paidLate);
        for (Order order : sold) {
            pay(openPayment(order), Map.of());
            Seen<SaleRecorded> sale = story.await(SaleRecorded.class, event -> isOf(event.orderId(), order));
            console.done(Story.at(sale) + "  " + described(order) + ": "
                    + sale.event().amount() + " received");
        }

        console.heading("S4  The dock signs which case it releases for which token");
        damageOneCase(sold.getFirst());
        for (Order order : sold) {
            release(order);
        }

        console.heading("S5  Title passes, once sale and release stand in the ledger, by its law");
        for (Order order : sold) {
            Seen<TokenGranted> granted = story.await(TokenGranted.class, event -> isOf(event.orderId(), order));
            Seen<OrderFulfilled> fulfilled = story.await(OrderFulfilled.class, event -> isOf(event.orderId(), order));
            console.done(Story.at(fulfilled) + "  " + order.buyer() + " owns "
                    + fulfilled.event().cases() + " × "
                    + order.plan().name()
                    + console.faint("  sale #" + granted.event().sale().index() + ", release #"
                            + granted.event().release().index()));
        }
        return new Sales(sold, neverPaid, paidLate, lateCode);
    }

    /** What happens to those who do not pay, or pay too late. */
    void putRight(Sales sales) {
        Order paidLate = sales.paidLate();
        console.heading("    What goes wrong is put right");
        endedForNoPayment(sales.neverPaid());
        endedForNoPayment(paidLate);
        pay(sales.lateCode(), Map.of("after_closing", true));
        Seen<PaymentCaptured> late = story.await(PaymentCaptured.class, event -> isOf(event.orderId(), paidLate));
        console.refused(Story.at(late) + "  " + described(paidLate) + ": paid after all, too late");
        Seen<RefundCompleted> refund = story.await(RefundCompleted.class, event -> isOf(event.orderId(), paidLate));
        console.done(Story.at(refund) + "  " + refund.event().amount() + " paid back to " + paidLate.buyer());
    }

    private Order place(String buyer, Plan plan, long quantity) {
        return place(buyer, plan, quantity, plan.terms().longestPayBy());
    }

    private Order place(String buyer, Plan plan, long quantity, Duration timeToPay) {
        String statement = story.device(buyer)
                .speaking()
                .order(
                        plan.offer(),
                        quantity,
                        quantity * plan.terms().fen(),
                        plan.terms().agreement(),
                        Instant.now().plus(timeToPay));
        URI orders = Stack.Member.ORDER.uri().resolve("/api/v1/orders");
        String id = Story.retried(() -> story.as(buyer).post(orders, Map.of("statement", statement)))
                .requireSuccess()
                .json()
                .path("orderId")
                .asString();
        story.await(OrderPlaced.class, event -> event.orderId().value().equals(id));
        return new Order(id, buyer, plan, quantity);
    }

    private Order confirmed(Order order) {
        story.await(TokensReserved.class, event -> isOf(event.orderId(), order));
        Seen<OrderConfirmed> confirmed = story.await(OrderConfirmed.class, event -> isOf(event.orderId(), order));
        console.done(Story.at(confirmed) + "  " + described(order) + ": "
                + confirmed.event().total());
        return order;
    }

    private URI openPayment(Order order) {
        JsonNode opened = Story.retried(() -> story.as(order.buyer())
                        .post(Stack.Member.PAYMENT.uri().resolve("/api/v1/payments"), Map.of("orderId", order.id())))
                .requireSuccess()
                .json();
        story.await(PaymentOpened.class, event -> isOf(event.orderId(), order));
        if (opened.path("codeUrl").asString().isBlank()) {
            throw new IllegalStateException("the payment of " + order.id() + " has no code to scan");
        }
        String reference = opened.path("paymentId").asString().replace("-", "");
        return story.stack().weChatPay().resolve("/simulator/payments/" + reference + "/pay");
    }

    /** What the buyer does on their phone, in WeChat. */
    private static void pay(URI payment, Map<String, ?> how) {
        Api.postPublic(payment, how).requireSuccess();
    }

    private void endedForNoPayment(Order order) {
        story.await(PaymentClosed.class, event -> isOf(event.orderId(), order));
        Seen<OrderEnded> ended = story.await(OrderEnded.class, event -> isOf(event.orderId(), order));
        story.await(ReservationReleased.class, event -> isOf(event.orderId(), order));
        console.refused(Story.at(ended) + "  " + described(order) + ": "
                + ended.event().reason() + ", its cases are for sale again");
    }

    private void damageOneCase(Order order) {
        String box = shelve(order, 1).getFirst();
        story.as("scanner")
                .post(
                        Stack.Member.WAREHOUSE.uri().resolve("/api/v1/stock/damage"),
                        Map.of("boxCode", box, "description", "leaking, found at the shelf"))
                .requireSuccess();
        Seen<CaseDamaged> damaged = story.await(
                CaseDamaged.class, event -> event.boxCode().toString().equals(box));
        console.refused(Story.at(damaged) + "  " + box + ": " + damaged.event().description());
    }

    private void release(Order order) {
        Seen<ReleaseRequested> requested = story.await(ReleaseRequested.class, event -> isOf(event.orderId(), order));
        List<String> boxCodes = shelve(order, order.quantity());
        List<TokenId> tokens = requested.event().tokens();
        String statement = story.stack()
                .parties()
                .dock(requested.event().site())
                .release(
                        requested.event().sale().leafHash(),
                        IntStream.range(0, tokens.size())
                                .boxed()
                                .collect(Collectors.toMap(i -> tokens.get(i).toString(), boxCodes::get)));
        URI statements = Stack.Member.WAREHOUSE
                .uri()
                .resolve("/api/v1/releases/" + requested.event().releaseId() + "/statements");
        Story.retried(() -> story.as("scanner").post(statements, Map.of("statements", List.of(statement))))
                .requireSuccess();
        Seen<CasesReleased> released = story.await(CasesReleased.class, event -> isOf(event.orderId(), order));
        released.event()
                .cases()
                .forEach(released1 -> console.done(Story.at(released) + "  "
                        + order.plan().name() + " " + console.faint(released1.boxCode() + " from " + released1.bin())));
    }

    private List<String> shelve(Order order, long count) {
        String gtin = order.plan().terms().gtin();
        List<String> boxCodes = IntStream.range(0, Math.toIntExact(count))
                .mapToObj(i -> new BoxCode(gtin, run + "-" + ++boxes).toString())
                .toList();
        story.as("scanner")
                .post(
                        Stack.Member.WAREHOUSE.uri().resolve("/api/v1/stock"),
                        Map.of(
                                "site",
                                order.plan().terms().site(),
                                "bin",
                                "A-" + (boxes % 9 + 1),
                                "boxCodes",
                                boxCodes))
                .requireSuccess();
        boxCodes.forEach(box -> story.await(
                CaseShelved.class, event -> event.boxCode().toString().equals(box)));
        return boxCodes;
    }

    private static boolean isOf(Object orderId, Order order) {
        return orderId.toString().equals(order.id());
    }

    private static String described(Order order) {
        return order.buyer() + " orders " + order.quantity() + " × "
                + order.plan().name();
    }
}
