package io.jiucang.order;

import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.starter.test.TestPlatform.MINOR;
import static io.jiucang.starter.test.TestPlatform.WANG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventJson;
import io.jiucang.events.OrderEvent;
import io.jiucang.events.OrderEvent.CancellationRefused;
import io.jiucang.events.OrderEvent.CasesWithdrawn;
import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.OrderEvent.PaymentOverdue;
import io.jiucang.events.OrderEvent.RefundDue;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.RefundCompleted;
import io.jiucang.events.PaymentEvent.RefundFailed;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.PaymentEvent.RefundRequested;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.SaleRefused;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.Topics;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.order.OrderView.RefundStatus;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.statement.StatementId;
import io.jiucang.simulators.statement.Winery;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.test.ForgedStatements;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.starter.test.TestSales.Placed;
import io.jiucang.starter.test.TestSales.Sold;
import io.jiucang.title.Facts;
import io.jiucang.title.event.Cite;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statements;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.axonframework.eventhandling.AnnotationEventHandlerAdapter;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@RealInfrastructure
class OrderServiceIT {

    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    /** Sooner than a heartbeat could have helped. */
    private static final Duration PROMPTLY = Duration.ofSeconds(4);

    @RegisterExtension
    static final RunningService service = new RunningService(
                    OrderServiceApplication.class, "order", Map.of("jiucang.order.heartbeat", HEARTBEAT.toString()))
            .onOneConnection();

    private static final Money PRICE = Money.cny(588_000);
    private static final Duration LONGEST_PAY_BY = Duration.ofMinutes(30);
    private static final Device LIS_PHONE = TestPlatform.device("li");
    private static final Device WANGS_PHONE = TestPlatform.device("wang");
    private static final Device MINORS_PHONE = TestPlatform.device("minor");

    /** Of the published agreement, as a device computes it from the published text. */
    private static String terms;

    @BeforeAll
    static void registerDevices() throws Exception {
        service.register("li");
        service.register("wang");
        service.register("minor");
        String text = service.send(service.request("/api/v1/custody-agreements/current", null)
                        .header("Accept", "text/markdown")
                        .build())
                .response()
                .body();
        terms = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The read models hold what a replay of all events gives (I8), after all that the tests have done. */
    @AfterAll
    static void viewsEqualAReplay() {
        JdbcClient jdbc = service.bean(JdbcClient.class);
        OrderViews views = service.bean(OrderViews.class);
        List<OrderView> before = allOrders(jdbc, views);
        assertThat(before).isNotEmpty();
        TransactionTemplate undone = new TransactionTemplate(service.bean(PlatformTransactionManager.class));
        undone.executeWithoutResult(status -> {
            status.setRollbackOnly();
            jdbc.sql("truncate order_view, order_refund").update();
            AnnotationEventHandlerAdapter replay = new AnnotationEventHandlerAdapter(views);
            EventVerifier verifier = service.bean(EventVerifier.class);
            Stream<? extends EventMessage<?>> own =
                    service.bean(EventStorageEngine.class).readEvents((TrackingToken) null, false);
            Stream<EventMessage<?>> others = service.records(Topics.PAYMENT_EVENTS).stream()
                    .map(verifier::verify)
                    .map(verified -> new GenericEventMessage<>(verified.domainEvent()));
            Stream.concat(own, others).forEach(event -> handle(replay, event));
            assertThat(allOrders(jdbc, views))
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("position")
                    .isEqualTo(before);
        });
    }

    private static void handle(AnnotationEventHandlerAdapter views, EventMessage<?> event) {
        try {
            views.handle(event);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<OrderView> allOrders(JdbcClient jdbc, OrderViews views) {
        return jdbc
                .sql("select order_id from order_view order by order_id")
                .query((row, number) -> row.getString(1))
                .list()
                .stream()
                .map(id -> views.find(new OrderId(id)).orElseThrow())
                .toList();
    }

    private static long count(String sql) {
        return service.bean(JdbcClient.class).sql(sql).query(Long.class).single();
    }

    /** What the winery offers, of which every test has its own. */
    private record Plan(String offer) {

        static Plan onSale() {
            return onSale(Instant.now().minusSeconds(60), Instant.now().plusSeconds(3600));
        }

        static Plan onSale(Instant from, Instant until) {
            return published(from, until, terms);
        }

        static Plan signed(Instant from, Instant until, String agreement) {
            return new Plan(service.platform()
                    .winery()
                    .offer(new Winery.Offer(
                            "guojiao-1573-52",
                            "19521141111014",
                            100,
                            PRICE.minorUnits(),
                            6,
                            from,
                            until,
                            "luzhou-1",
                            TestPlatform.APPID,
                            TestPlatform.PAYEE,
                            agreement,
                            30,
                            LONGEST_PAY_BY)));
        }

        static Plan published(Instant from, Instant until, String agreement) {
            Plan plan = signed(from, until, agreement);
            service.publish(
                    new SalesPlanCreated(plan.planId(), plan.vaultId(), Map.of("zh", "国窖1573"), plan.offer),
                    plan.planId());
            await().until(() ->
                    service.bean(SalesPlans.class).find(plan.planId()).isPresent());
            return plan;
        }

        PlanId planId() {
            return new PlanId(StatementId.of(offer).planId());
        }

        VaultId vaultId() {
            return new VaultId(StatementId.of(offer).vaultId());
        }

        /** What li signs. */
        String order(long quantity) {
            return order(quantity, LIS_PHONE);
        }

        String order(long quantity, Device buyer) {
            return order(
                    quantity,
                    PRICE.minorUnits() * quantity,
                    terms,
                    Instant.now().plus(LONGEST_PAY_BY),
                    buyer);
        }

        String order(long quantity, long fen, String agreement, Instant payBy, Device buyer) {
            return buyer.speaking().order(StatementId.of(offer).hex(), quantity, fen, agreement, payBy);
        }

        Order place(long quantity) {
            String statement = order(quantity);
            Answer answer = OrderServiceIT.place(statement);
            assertThat(answer.status()).as(answer.response().body()).isEqualTo(201);
            OrderId orderId = new OrderId(StatementId.of(statement).orderId());
            assertThat(answer.json().path("orderId").asString()).isEqualTo(orderId.value());
            assertThat(answer.response().headers().firstValue("Location")).hasValue("/api/v1/orders/" + orderId);
            return new Order(this, statement, quantity);
        }
    }

    private static void grant(Sold sold, long... serials) {
        for (long serial : serials) {
            BoxCode box = box(sold, serial);
            Cite release = service.sales().release(sold, Map.of(sold.token(serial), box));
            service.sales().grant(sold, release, sold.token(serial), box, Instant.now());
        }
    }

    private static BoxCode box(Sold sold, long serial) {
        return new BoxCode("19521141111014", sold.vault().value().substring(24) + "-" + serial);
    }

    private static Answer place(String statement) {
        return service.post("/api/v1/orders", Map.of("statement", statement), LI);
    }

    /** An order of li's, and what the other services say of it. */
    private record Order(Plan plan, String statement, long quantity) {

        OrderId id() {
            return new OrderId(StatementId.of(statement).orderId());
        }

        PaymentId paymentId() {
            return new PaymentId(StatementId.of(statement).paymentId());
        }

        ReleaseId releaseId() {
            return new ReleaseId(id().value());
        }

        List<SerialRange> serials() {
            return List.of(new SerialRange(1, quantity));
        }

        TokensReserved reserved() {
            return new TokensReserved(plan.vaultId(), plan.planId(), id(), LI, serials());
        }

        SaleRefused saleRefused() {
            return new SaleRefused(plan.vaultId(), id(), "S4: another order has one of its serials");
        }

        Order confirmed() {
            service.publish(reserved(), plan.vaultId());
            return reaching("CONFIRMED");
        }

        Order paid() {
            service.publish(
                    new SaleRecorded(
                            paymentId(),
                            id(),
                            LI,
                            plan.planId(),
                            plan.vaultId(),
                            serials(),
                            PRICE.times(quantity),
                            "4200000001",
                            Instant.now()),
                    paymentId());
            return reaching("PAID");
        }

        /** By the law, once it has the order. */
        Sold sold() {
            service.awaitLaw(state -> state.findOrder(id()).isPresent());
            return service.sales()
                    .sell(
                            Statements.read(plan.offer, Act.Offer.class),
                            new Placed(Statements.read(statement, Act.Order.class), known().placed()),
                            LongStream.rangeClosed(1, quantity).toArray());
        }

        /** Where the law has what li signed to be out. */
        Cite cancelled() {
            service.awaitLaw(state ->
                    state.findOrder(id()).flatMap(Facts.Order::cancelled).isPresent());
            return known().cancelled().orElseThrow();
        }

        private Facts.Order known() {
            return service.bean(LawReader.class)
                    .read(state -> state.findOrder(id()).orElseThrow());
        }

        Order reaching(String status) {
            await().untilAsserted(
                            () -> assertThat(read().path("status").asString()).isEqualTo(status));
            return this;
        }

        JsonNode read() {
            return service.get(path(), LI).json();
        }

        String path() {
            return "/api/v1/orders/" + id();
        }

        /** What li signs to be out. */
        String cancellation() {
            return LIS_PHONE.speaking().orderCancellation(id().value());
        }

        Answer cancel() {
            return cancel(cancellation());
        }

        Answer cancel(String statement) {
            return service.post(path() + "/cancellation", Map.of("statement", statement), LI);
        }

        <E extends DomainEvent> E published(Class<E> type) {
            return service.awaitPublished(
                    type,
                    event -> event instanceof OrderEvent of && of.orderId().equals(id()));
        }

        void hasNoSaga() {
            await().untilAsserted(() -> assertThat(service.bean(JdbcClient.class)
                            .sql("select count(*) from association_value_entry where association_value = ?")
                            .param(id().value())
                            .query(Long.class)
                            .single())
                    .isZero());
        }
    }

    /** A buyer's event stream, as lines. */
    private static final class Events implements AutoCloseable {

        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final HttpClient client = HttpClient.newHttpClient();
        private final CompletableFuture<HttpResponse<Void>> response;

        Events(Order order, long lastSeen) {
            HttpRequest.Builder request =
                    service.request(order.path() + "/events", LI).header("Accept", "text/event-stream");
            if (lastSeen > 0) {
                request.header("Last-Event-ID", Long.toString(lastSeen));
            }
            response = client.sendAsync(
                    request.build(), HttpResponse.BodyHandlers.fromLineSubscriber(new Flow.Subscriber<>() {
                        @Override
                        public void onSubscribe(Flow.Subscription subscription) {
                            subscription.request(Long.MAX_VALUE);
                        }

                        @Override
                        public void onNext(String line) {
                            lines.add(line);
                        }

                        @Override
                        public void onError(Throwable failure) {}

                        @Override
                        public void onComplete() {}
                    }));
        }

        List<String> statuses() {
            return lines.stream()
                    .filter(line -> line.startsWith("data:"))
                    .map(line -> new JsonMapper()
                            .readTree(line.substring("data:".length()))
                            .path("status")
                            .asString())
                    .toList();
        }

        void await(String... statuses) {
            org.awaitility.Awaitility.await()
                    .atMost(PROMPTLY)
                    .untilAsserted(() -> assertThat(statuses()).containsExactly(statuses));
        }

        HttpResponse<Void> end() {
            return response.orTimeout(10, TimeUnit.SECONDS).join();
        }

        @Override
        public void close() {
            client.shutdownNow();
        }
    }

    @Test
    void publishesTheCustodyAgreementForEveryone() {
        Answer json = service.get("/api/v1/custody-agreements/current", null);
        assertThat(json.json().path("version").asString()).isEqualTo("2026-01");
        assertThat(json.json().path("sha256").asString()).isEqualTo(terms);
        assertThat(json.json().path("text").asString()).startsWith("# 酒品委托仓储协议");
        assertThat(json.json().path("translations").path("en").asString()).contains("The Chinese text alone binds");
        assertThat(service.get("/api/v1/custody-agreements/2026-01", null).json())
                .isEqualTo(json.json());
        assertThat(service.send(service.request("/api/v1/custody-agreements/2026-01", null)
                                .header("Accept", "text/markdown")
                                .build())
                        .status())
                .isEqualTo(200);
        assertThat(service.get("/api/v1/custody-agreements/1999-01", null).reason())
                .isEqualTo("AGREEMENT_NOT_FOUND");
    }

    @Test
    void leadsAPurchaseFromRequestToTitleAndPushesEachStepToItsBuyer() {
        Order order = Plan.onSale().place(2);
        assertThat(order.published(OrderPlaced.class)).isEqualTo(new OrderPlaced(order.id(), order.statement));
        try (Events events = new Events(order, 0)) {
            events.await("PLACED");
            order.confirmed();
            OrderConfirmed confirmed = order.published(OrderConfirmed.class);
            assertThat(confirmed.paymentId()).isEqualTo(order.paymentId());
            assertThat(confirmed.buyer()).isEqualTo(LI);
            assertThat(confirmed.total()).isEqualTo(PRICE.times(2));
            assertThat(confirmed.payBy())
                    .isBetween(Instant.now().plusSeconds(1700), Instant.now().plusSeconds(1800));
            events.await("PLACED", "CONFIRMED");
            order.paid();
            assertThat(order.published(OrderPaid.class).paymentId()).isEqualTo(order.paymentId());
            events.await("PLACED", "CONFIRMED", "PAID");
            grant(order.sold(), 1, 2);
            order.reaching("FULFILLED");
            assertThat(order.published(OrderFulfilled.class).cases()).isEqualTo(2);
            events.await("PLACED", "CONFIRMED", "PAID", "FULFILLED");
            assertThat(events.end().statusCode()).isEqualTo(200);
        }
        order.hasNoSaga();
        assertThat(order.cancel().reason()).isEqualTo("ORDER_ENDED");
    }

    @Test
    void resumesAStreamAfterTheLastEventSeen() {
        Order order = Plan.onSale().place(1).confirmed();
        service.publish(
                new PaymentClosed(order.paymentId(), order.id(), ClosingReason.WRONG_AMOUNT), order.paymentId());
        order.reaching("CANCELLED");
        try (Events behind = new Events(order, 2);
                Events upToDate = new Events(order, 3)) {
            assertThat(behind.end().statusCode()).isEqualTo(200);
            behind.await("CANCELLED");
            assertThat(behind.lines).contains("id:3", "event:order");
            assertThat(upToDate.end().statusCode()).isEqualTo(204);
        }
    }

    @Test
    void keepsPushingAfterTheDatabaseDroppedTheConnectionThatTells() {
        Order order = Plan.onSale().place(1);
        try (Events events = new Events(order, 0)) {
            events.await("PLACED");
            assertThat(count("""
                            select count(pg_terminate_backend(pid)) from pg_stat_activity
                            where datname = current_database() and query ilike 'listen %'""")).isPositive();
            order.confirmed();
            await().atMost(Duration.ofSeconds(15))
                    .untilAsserted(() -> assertThat(events.statuses()).containsExactly("PLACED", "CONFIRMED"));
        }
    }

    @Test
    void showsThatASilentStreamIsAliveAndLimitsTheirNumber() {
        awaitNoStream();
        Order order = Plan.onSale().place(1);
        List<Events> open = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                Events events = new Events(order, 0);
                open.add(events);
                events.await("PLACED");
            }
            assertThat(service.get(order.path() + "/events", LI).reason()).isEqualTo("TOO_MANY_STREAMS");
            await().atMost(HEARTBEAT.multipliedBy(4))
                    .untilAsserted(() -> assertThat(open)
                            .allSatisfy(each -> assertThat(each.lines).contains(":here")));
            assertThat(streams()).isEqualTo(5);
        } finally {
            open.forEach(Events::close);
        }
        awaitNoStream();
        try (Events again = new Events(order, 0)) {
            again.await("PLACED");
        }
    }

    /** A client that left is noticed when a heartbeat finds nobody. Not by trying: each try is a stream itself. */
    private static void awaitNoStream() {
        await().atMost(HEARTBEAT.multipliedBy(6))
                .untilAsserted(() -> assertThat(streams()).isZero());
    }

    private static double streams() {
        return service.bean(MeterRegistry.class)
                .get("jiucang.order.streams")
                .gauge()
                .value();
    }

    @Test
    void declinesWhatTheVaultRefuses() {
        Order order = Plan.onSale().place(1);
        service.publish(
                new ReservationRefused(
                        order.plan.vaultId(), order.plan.planId(), order.id(), LI, RefusalReason.SOLD_OUT),
                order.plan.vaultId());
        order.reaching("DECLINED").hasNoSaga();
        assertThat(order.published(OrderDeclined.class).reason()).isEqualTo(RefusalReason.SOLD_OUT);
        assertThat(order.read().path("endReason").asString()).isEqualTo("SOLD_OUT");
    }

    @Test
    void cancelsWhilePlacedInsteadOfConfirming() {
        Order order = Plan.onSale().place(1);
        String cancellation = order.cancellation();
        Answer asked = order.cancel(cancellation);
        assertThat(asked.status()).isEqualTo(202);
        assertThat(asked.json().path("status").asString()).isEqualTo("PLACED");
        assertThat(asked.json().path("cancellationRequested").asString()).isEqualTo("BUYER");
        assertThat(order.published(OrderCancelled.class)).isEqualTo(new OrderCancelled(order.id(), cancellation));
        assertThat(order.cancel().reason()).isEqualTo("CANCELLATION_PENDING");
        service.publish(order.reserved(), order.plan.vaultId());
        order.reaching("CANCELLED").hasNoSaga();
        assertThat(order.published(OrderEnded.class).reason()).isEqualTo(EndReason.BUYER);
    }

    @Test
    void cancelsAnUnpaidOrderWhenThePaymentAgrees() {
        Order order = Plan.onSale().place(1).confirmed();
        assertThat(order.cancel().status()).isEqualTo(202);
        order.published(OrderCancelled.class);
        service.publish(
                new PaymentClosed(order.paymentId(), order.id(), ClosingReason.ORDER_CANCELLED), order.paymentId());
        order.reaching("CANCELLED").hasNoSaga();
    }

    @Test
    void givesUpWhatIsOverdue() {
        Order unanswered = Plan.onSale().place(1);
        Order unpaid = Plan.onSale().place(1).confirmed();
        bringDeadlinesForward();
        unanswered.reaching("CANCELLED").hasNoSaga();
        assertThat(unanswered.published(OrderEnded.class).reason()).isEqualTo(EndReason.RESERVATION_OVERDUE);
        unpaid.published(PaymentOverdue.class);
        assertThat(unpaid.read().path("cancellationRequested").asString()).isEqualTo("PAYMENT_OVERDUE");
        service.publish(
                new PaymentClosed(unpaid.paymentId(), unpaid.id(), ClosingReason.ORDER_CANCELLED), unpaid.paymentId());
        unpaid.reaching("CANCELLED").hasNoSaga();
        assertThat(unpaid.published(OrderEnded.class).reason()).isEqualTo(EndReason.PAYMENT_OVERDUE);
    }

    private static void bringDeadlinesForward() {
        service.bean(JdbcClient.class)
                .sql("update scheduled_tasks set execution_time = now() where not picked")
                .update();
    }

    @Test
    void refundsAPaidOrderWhoseSaleWasUndoneAsItsBuyerWished() {
        Order order = Plan.onSale().place(2).confirmed().paid();
        Sold sold = order.sold();
        assertThat(order.cancel().status()).isEqualTo(202);
        service.sales()
                .undo(sold, sold.tokens(), order.cancelled(), service.sales().keep(sold, sold.tokens()));
        order.reaching("CANCELLED").hasNoSaga();
        assertThat(order.published(OrderEnded.class).reason()).isEqualTo(EndReason.BUYER);
        RefundDue due = order.published(RefundDue.class);
        assertThat(due.amount()).isEqualTo(PRICE.times(2));
        try (Events events = new Events(order, 0)) {
            events.await("CANCELLED");
            service.publish(
                    new RefundRequested(
                            order.paymentId(),
                            order.id(),
                            due.refundId(),
                            due.amount(),
                            RefundReason.ORDER_CANCELLED,
                            "4200000001"),
                    order.paymentId());
            service.publish(
                    new RefundCompleted(order.paymentId(), order.id(), due.refundId(), due.amount()),
                    order.paymentId());
            assertThat(events.end().statusCode()).isEqualTo(200);
        }
        assertThat(order.read().path("refunds"))
                .singleElement()
                .satisfies(refund ->
                        assertThat(refund.path("status").asString()).isEqualTo(RefundStatus.COMPLETED.name()));
    }

    @Test
    void refundsAPaidOrderThatTheLawLetsHaveNoSale() {
        Order order = Plan.onSale().place(2).confirmed().paid();
        service.publish(order.saleRefused(), order.plan.vaultId());
        order.reaching("CANCELLED").hasNoSaga();
        assertThat(order.published(OrderEnded.class).reason()).isEqualTo(EndReason.SALE_REFUSED);
        assertThat(order.published(RefundDue.class).amount()).isEqualTo(PRICE.times(2));
    }

    /** Payment-service pays back by the law, under an id of its own: before this service has announced it, or after. */
    @Test
    void showsARefundOnceWhoeverTellsOfItFirst() {
        Order order = Plan.onSale().place(1).confirmed().paid();
        RefundId other = new RefundId(Ids.next());
        service.publish(order.saleRefused(), order.plan.vaultId());
        RefundDue due = order.published(RefundDue.class);
        assertThat(order.read().path("refunds")).singleElement().satisfies(refund -> {
            assertThat(refund.path("status").asString()).isEqualTo("DUE");
            assertThat(refund.path("refundId").asString())
                    .isEqualTo(due.refundId().value());
        });
        service.publish(
                new RefundRequested(
                        order.paymentId(), order.id(), other, due.amount(), RefundReason.ORDER_CANCELLED, "4200000001"),
                order.paymentId());
        await().untilAsserted(() -> assertThat(order.read().path("refunds"))
                .singleElement()
                .satisfies(
                        refund -> assertThat(refund.path("refundId").asString()).isEqualTo(other.value())));
    }

    @Test
    void showsARefundThatFailed() {
        Order order = Plan.onSale().place(1).confirmed().paid();
        service.publish(order.saleRefused(), order.plan.vaultId());
        RefundDue due = order.published(RefundDue.class);
        service.publish(
                new RefundFailed(order.paymentId(), order.id(), due.refundId(), "ACCOUNT_CLOSED"), order.paymentId());
        await().untilAsserted(() -> assertThat(order.read().path("refunds"))
                .singleElement()
                .satisfies(
                        refund -> assertThat(refund.path("status").asString()).isEqualTo(RefundStatus.FAILED.name())));
    }

    @Test
    void goesOnWithAPaidOrderWhoseCasesHaveLeft() {
        Order order = Plan.onSale().place(1).confirmed().paid();
        Sold sold = order.sold();
        order.cancel();
        service.publish(new ReleaseCancellationRefused(order.releaseId(), order.id()), order.releaseId());
        order.published(CancellationRefused.class);
        assertThat(order.cancel().reason()).isEqualTo("CANCELLATION_TOO_LATE");
        grant(sold, 1);
        order.reaching("FULFILLED").hasNoSaga();
    }

    @Test
    void withdrawsAndRefundsTheCaseThatCannotBeSupplied() {
        Order order = Plan.onSale().place(2).confirmed().paid();
        Sold sold = order.sold();
        List<TokenId> second = List.of(sold.token(2));
        service.sales().undo(sold, second, service.sales().refuse(sold, second));
        assertThat(order.published(CasesWithdrawn.class).tokens()).isEqualTo(second);
        assertThat(order.published(RefundDue.class).amount()).isEqualTo(PRICE);
        grant(sold, 1);
        order.reaching("FULFILLED").hasNoSaga();
        assertThat(order.read().path("withdrawn").asInt()).isEqualTo(1);
    }

    private static TokenGranted unreleased(Sold sold, long serial) {
        io.jiucang.events.value.Cite sale = sold.at().told();
        return new TokenGranted(sold.token(serial), sold.order(), LI, box(sold, serial), sale, sale, sale.leafHash());
    }

    /** Grants without a release, and an undoing that no dock, warehouse or buyer gave a reason for. */
    @Test
    void fulfilsAndRefundsNothingOnTheWordOfAThiefWithTokenServicesKey() {
        Order order = Plan.onSale().place(2).confirmed().paid();
        Sold sold = order.sold();
        List<CloudEvent> forged = List.of(
                service.publish(unreleased(sold, 1), sold.token(1)),
                service.publish(unreleased(sold, 2), sold.token(2)),
                service.publish(service.sales().undoing(sold, sold.tokens(), sold.at()), sold.vault()));
        await().until(() -> forged.stream().allMatch(service::hasTaken));
        assertThat(order.read().path("status").asString()).isEqualTo("PAID");

        grant(sold, 1, 2);
        order.reaching("FULFILLED").hasNoSaga();
        assertThat(order.published(OrderFulfilled.class).cases()).isEqualTo(2);
        assertThat(order.read().path("withdrawn").asInt()).isZero();
        assertThat(order.read().path("refunds")).isEmpty();
    }

    @Test
    void waitsForTheSaleWhenATitleIsReadFirst() {
        Order order = Plan.onSale().place(1).confirmed();
        Sold sold = order.sold();
        grant(sold, 1);
        await().untilAsserted(() -> assertThat(
                        count("select count(*) from parked_event where event_key = '" + sold.token(1) + "'"))
                .isEqualTo(1));
        order.paid().reaching("FULFILLED").hasNoSaga();
    }

    @Test
    void countsAnEventThatComesTwiceOnce() {
        Order order = Plan.onSale().place(1);
        CloudEvent reserved = service.publish(order.reserved(), order.plan.vaultId());
        service.publish(reserved);
        order.reaching("CONFIRMED").paid();
        order.published(OrderPaid.class);
        assertThat(service.published(OrderConfirmed.class).stream()
                        .filter(event -> event.orderId().equals(order.id())))
                .hasSize(1);
        assertThat(count("select count(*) from parked_event where event_key = '" + order.plan.vaultId() + "'"))
                .isZero();
    }

    @Test
    void takesNoEventThatTokenServiceDidNotSignAndGoesOn() {
        Order forged = Plan.onSale().place(1);
        Order altered = Plan.onSale().place(1);
        Order expired = Plan.onSale().place(1);
        Order genuine = Plan.onSale().place(1);
        EventSigner stranger = service.platform().impostor("token");
        long quarantined = service.quarantined();
        service.publish(service.platform()
                .signed(forged.reserved(), forged.plan.vaultId().value(), stranger, Instant.now()));
        CloudEvent signed = service.platform()
                .signed(altered.reserved(), altered.plan.vaultId().value());
        service.publish(new CloudEventBuilder(signed)
                .withData("application/json", EventJson.write(forged.reserved()))
                .build());
        service.publish(service.platform()
                .signed(
                        expired.reserved(),
                        expired.plan.vaultId().value(),
                        service.platform().expiredSigner("token"),
                        Instant.now()));
        genuine.confirmed();
        await().untilAsserted(() -> assertThat(service.quarantined()).isEqualTo(quarantined + 3));
        assertThat(Stream.of(forged, altered, expired)
                        .map(order -> order.read().path("status").asString()))
                .containsOnly("PLACED");
    }

    @Test
    void showsABuyerTheirOwnOrdersPageByPage() {
        Plan plan = Plan.onSale();
        List<String> placed =
                Stream.generate(() -> plan.place(1).id().value()).limit(3).toList();
        Answer first = service.get("/api/v1/orders?limit=2", LI);
        assertThat(ids(first)).containsExactly(placed.get(2), placed.get(1));
        Answer second = service.get(
                "/api/v1/orders?limit=2&cursor=" + first.json().path("next").asString(), LI);
        assertThat(ids(second)).startsWith(placed.get(0));
        assertThat(service.get("/api/v1/orders", WANG).json().path("items")).isEmpty();
    }

    private static List<String> ids(Answer page) {
        return page.json()
                .path("items")
                .valueStream()
                .map(order -> order.path("orderId").asString())
                .toList();
    }

    @Test
    void showsNobodyElseTheOrder() {
        Order order = Plan.onSale().place(1);
        assertThat(service.get(order.path(), WANG).reason()).isEqualTo("ORDER_NOT_FOUND");
        assertThat(service.get(order.path(), "li").reason()).isEqualTo("WALLET_TOKEN_NEEDED");
        assertThat(service.get(order.path() + "/events", WANG).reason()).isEqualTo("ORDER_NOT_FOUND");
        String wangs = WANGS_PHONE.speaking().orderCancellation(order.id().value());
        assertThat(service.post(order.path() + "/cancellation", Map.of("statement", wangs), WANG)
                        .reason())
                .isEqualTo("ORDER_NOT_FOUND");
        assertThat(order.read().has("cancellationRequested")).isFalse();
    }

    @Test
    void answersTheSameRequestWithTheSameOrder() {
        Map<String, String> request = Map.of("statement", Plan.onSale().order(1));
        Answer first = service.post("/api/v1/orders", request, LI, "key-1");
        Answer again = service.post("/api/v1/orders", request, LI, "key-1");
        assertThat(first.status()).isEqualTo(201);
        assertThat(again.response().body()).isEqualTo(first.response().body());
    }

    @Test
    void placesOneOrderForOneStatementHoweverItIsSigned() {
        Order order = Plan.onSale().place(1);
        assertThat(place(order.statement).reason()).isEqualTo("ORDER_EXISTS");
        assertThat(place(ForgedStatements.withTheOtherSignature(order.statement))
                        .reason())
                .isEqualTo("ORDER_EXISTS");
        order.cancel();
        service.publish(order.reserved(), order.plan.vaultId());
        order.reaching("CANCELLED");
        assertThat(place(order.statement).reason()).isEqualTo("ORDER_EXISTS");
    }

    @Test
    void placesOneOrderForAStatementSentThirtyTimesAtOnce() throws Exception {
        String statement = Plan.onSale().order(1);
        List<Answer> answers;
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Answer>> same = Collections.nCopies(30, () -> place(statement));
            answers = senders.invokeAll(same).stream().map(Future::resultNow).toList();
        }
        List<Answer> refused =
                answers.stream().filter(answer -> answer.status() != 201).toList();
        assertThat(refused).hasSize(29).extracting(Answer::reason).containsOnly("ORDER_EXISTS");
        String id = StatementId.of(statement).orderId();
        assertThat(count("select count(*) from domain_event_entry where aggregate_identifier = '" + id + "'"))
                .isEqualTo(1);
    }

    @Test
    void takesTheSameStatementAgainAfterARefusal() {
        Plan plan = Plan.onSale();
        String statement = plan.order(4);
        Order first = plan.place(3);
        assertThat(place(statement).reason()).isEqualTo("BUYER_LIMIT_EXCEEDED");
        service.publish(
                new ReservationRefused(plan.vaultId(), plan.planId(), first.id(), LI, RefusalReason.SOLD_OUT),
                plan.vaultId());
        first.reaching("DECLINED");
        assertThat(place(statement).status()).isEqualTo(201);
    }

    @Test
    void takesNoWordOfADeviceOnceItIsRevoked() {
        Order order = Plan.onSale().place(1);
        Device lost = service.registerAnother("li");
        String purchase = order.plan.order(1, lost);
        String cancellation = lost.speaking().orderCancellation(order.id().value());
        service.revoke("li", lost);
        assertThat(place(purchase).reason()).isEqualTo("STATEMENT_KEY_REVOKED");
        assertThat(order.cancel(cancellation).reason()).isEqualTo("STATEMENT_KEY_REVOKED");
    }

    @Test
    void refusesAPurchaseThatBreaksARule() {
        Instant now = Instant.now();
        Plan plan = Plan.onSale();
        Plan future = Plan.onSale(now.plusSeconds(600), now.plusSeconds(1200));
        Plan past = Plan.onSale(now.minusSeconds(1200), now.minusSeconds(600));
        String unpublished = "0".repeat(64);
        Plan unread = Plan.published(now.minusSeconds(60), now.plusSeconds(60), unpublished);
        Instant payBy = now.plus(LONGEST_PAY_BY);
        long price = PRICE.minorUnits();
        assertRefused("PLAN_NOT_FOUND", LIS_PHONE.speaking().order("0".repeat(64), 1, price, terms, payBy));
        assertRefused("SALE_NOT_OPEN", future.order(1));
        assertRefused("SALE_CLOSED", past.order(1));
        assertRefused("QUANTITY_INVALID", plan.order(101));
        assertRefused("BUYER_LIMIT_EXCEEDED", plan.order(7));
        assertRefused("TOTAL_MISMATCH", plan.order(1, price - 1, terms, payBy, LIS_PHONE));
        assertRefused("TOTAL_MISMATCH", plan.order(2, 2 * price + 1, terms, payBy, LIS_PHONE));
        assertRefused("AGREEMENT_MISMATCH", plan.order(1, price, unpublished, payBy, LIS_PHONE));
        assertRefused("AGREEMENT_NOT_FOUND", unread.order(1, price, unpublished, payBy, LIS_PHONE));
        assertRefused("PAY_BY_INVALID", plan.order(1, price, terms, payBy.plusSeconds(60), LIS_PHONE));
        assertRefused("PAY_BY_INVALID", plan.order(1, price, terms, now.minusSeconds(60), LIS_PHONE));
        assertThat(service.post("/api/v1/orders", Map.of("statement", plan.order(1, MINORS_PHONE)), MINOR)
                        .reason())
                .isEqualTo("AGE_NOT_PROVEN");
        assertThat(count("select count(*) from order_view where plan_id = '" + plan.planId() + "'"))
                .isZero();
    }

    /** Else a stolen key of token-service could have buyers pay for orders that the law finds void. */
    @Test
    void sellsNothingUnderAnotherOffersId() {
        Plan plan = Plan.onSale();
        Plan shown = Plan.signed(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60), terms);
        CloudEvent told = service.publish(
                new SalesPlanCreated(shown.planId(), shown.vaultId(), Map.of("zh", "国窖1573"), plan.offer),
                shown.planId());
        await().until(() -> service.hasTaken(told));
        assertRefused("PLAN_NOT_FOUND", shown.order(1));
    }

    @Test
    void refusesWhatIsNoGoodStatementOfTheBuyer() {
        Plan plan = Plan.onSale();
        String good = plan.order(1);
        Device stranger = Device.create(TestPlatform.ENVIRONMENT, TestPlatform.ORIGIN, Clock.systemUTC());
        assertRefused("STATEMENT_NOT_FOR_THIS", plan.order(1, WANGS_PHONE));
        assertRefused(
                "STATEMENT_NOT_FOR_THIS",
                ForgedStatements.with("iss", "\"staging.jiucang.example/ledger\"", good, LIS_PHONE));
        assertRefused("STATEMENT_KEY_UNKNOWN", plan.order(1, LIS_PHONE.another()));
        assertRefused("STATEMENT_SIGNATURE_INVALID", ForgedStatements.signedBy(stranger, good));
        assertRefused("STATEMENT_EXPIRED", expired(good));
        assertRefused("STATEMENT_MALFORMED", plan.offer);
        ForgedStatements.notCanonical(good, LIS_PHONE)
                .forEach((wrong, statement) ->
                        assertThat(place(statement).reason()).as(wrong).isEqualTo("STATEMENT_MALFORMED"));
        assertThat(count("select count(*) from order_view where plan_id = '" + plan.planId() + "'"))
                .isZero();
        assertThat(place(good).status()).isEqualTo(201);
    }

    @Test
    void cancelsOnItsBuyersOwnGoodWordAlone() {
        Plan plan = Plan.onSale();
        Order order = plan.place(1);
        Order other = plan.place(1);
        String good = order.cancellation();
        assertThat(order.cancel(other.cancellation()).reason()).isEqualTo("STATEMENT_NOT_FOR_THIS");
        assertThat(order.cancel(WANGS_PHONE
                                .speaking()
                                .orderCancellation(order.id().value()))
                        .reason())
                .isEqualTo("STATEMENT_NOT_FOR_THIS");
        assertThat(order.cancel(LIS_PHONE
                                .another()
                                .speaking()
                                .orderCancellation(order.id().value()))
                        .reason())
                .isEqualTo("STATEMENT_KEY_UNKNOWN");
        assertThat(order.cancel(ForgedStatements.signedBy(WANGS_PHONE, good)).reason())
                .isEqualTo("STATEMENT_SIGNATURE_INVALID");
        assertThat(order.cancel(expired(good)).reason()).isEqualTo("STATEMENT_EXPIRED");
        assertThat(order.cancel(order.statement).reason()).isEqualTo("STATEMENT_MALFORMED");
        assertThat(order.read().has("cancellationRequested")).isFalse();
        assertThat(order.cancel(good).status()).isEqualTo(202);
        assertThat(other.read().has("cancellationRequested")).isFalse();
    }

    /** As it was signed six minutes ago, for five. */
    private static String expired(String statement) {
        long signed = Instant.now().minusSeconds(360).getEpochSecond();
        String earlier = ForgedStatements.with("iat", Long.toString(signed), statement, LIS_PHONE);
        return ForgedStatements.with("exp", Long.toString(signed + 300), earlier, LIS_PHONE);
    }

    private static void assertRefused(String reason, String statement) {
        assertThat(place(statement).reason()).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{}", "null", "{\"statement\": null}", "{\"statement\": [\"a.b.c\"]}"})
    void refusesABodyThatIsNoPurchase(String body) {
        assertThat(service.post("/api/v1/orders", body, LI).reason()).isEqualTo("MALFORMED_BODY");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/orders/1, MALFORMED_PARAMETER",
        "/api/v1/orders/1/events, MALFORMED_PARAMETER",
        "/api/v1/orders?cursor=x, MALFORMED_CURSOR",
        "/api/v1/orders?limit=0, MALFORMED_PARAMETER",
        "/api/v1/orders?limit=101, MALFORMED_PARAMETER",
        "/api/v1/orders?limit=x, MALFORMED_PARAMETER",
        "/api/v1/orders/01919191-9191-7191-9191-919191919191, ORDER_NOT_FOUND"
    })
    void refusesAMalformedRequest(String path, String reason) {
        assertThat(service.get(path, LI).reason()).isEqualTo(reason);
    }

    @Test
    void refusesAMalformedLastEventId() {
        Order order = Plan.onSale().place(1);
        assertThat(service.send(service.request(order.path() + "/events", LI)
                                .header("Last-Event-ID", "x")
                                .build())
                        .reason())
                .isEqualTo("MALFORMED_PARAMETER");
    }

    @Test
    void servesBuyersAlone() {
        Map<String, String> request = Map.of("statement", Plan.onSale().order(1));
        assertThat(service.post("/api/v1/orders", request, null).reason()).isEqualTo("UNAUTHENTICATED");
        assertThat(service.post("/api/v1/orders", request, "scanner").reason()).isEqualTo("FORBIDDEN");
        assertThat(service.get("/api/v1/orders", "operator").reason()).isEqualTo("FORBIDDEN");
        assertThat(service.send(service.request("/api/v1/orders", LI)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                .build())
                        .reason())
                .isEqualTo("IDEMPOTENCY_KEY_MISSING");
    }

    @Test
    void tellsTheReasonInChinese() {
        Answer answer = service.send(service.request("/api/v1/orders/01919191-9191-7191-9191-919191919191", LI)
                .header("Accept-Language", "zh-CN")
                .build());
        assertThat(answer.json().path("title").asString()).isEqualTo("没有该订单");
    }
}
