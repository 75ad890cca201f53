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
import io.jiucang.events.OrderEvent.CancellationReason;
import io.jiucang.events.OrderEvent.CancellationRefused;
import io.jiucang.events.OrderEvent.CancellationRequested;
import io.jiucang.events.OrderEvent.CasesWithdrawn;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.OrderEvent.OrderPlaced;
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
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.Topics;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.WarehouseEvent.ReleaseCancelled;
import io.jiucang.events.WarehouseEvent.ReleaseRefused;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.order.OrderView.RefundStatus;
import io.jiucang.simulators.device.Device;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.starter.test.TestPlatform;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.axonframework.eventhandling.AnnotationEventHandlerAdapter;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.messaging.Message;
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
    private static final Device LIS_PHONE = TestPlatform.device("li");
    private static final Device MINORS_PHONE = TestPlatform.device("minor");

    /** Of the published agreement, as a device computes it from the published text. */
    private static String terms;

    @BeforeAll
    static void registerDevices() throws Exception {
        service.register("li");
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
            Stream<?> own = service.bean(EventStorageEngine.class)
                    .readEvents((TrackingToken) null, false)
                    .map(Message::getPayload);
            Stream<?> others = service.records(Topics.PAYMENT_EVENTS).stream()
                    .map(verifier::verify)
                    .map(VerifiedEvent::domainEvent);
            Stream.concat(own, others).forEach(event -> handle(replay, event));
            assertThat(allOrders(jdbc, views))
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("position")
                    .isEqualTo(before);
        });
    }

    private static void handle(AnnotationEventHandlerAdapter views, Object event) {
        try {
            views.handle(new GenericEventMessage<>(event));
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

    /** A plan and its vault, on sale now, of which every test has its own. */
    private record Plan(PlanId planId, VaultId vaultId) {

        static Plan onSale() {
            return onSale(Instant.now().minusSeconds(60), Instant.now().plusSeconds(3600));
        }

        static Plan onSale(Instant from, Instant until) {
            Plan plan = new Plan(new PlanId(Ids.next()), new VaultId(Ids.next()));
            service.publish(
                    new SalesPlanCreated(
                            plan.planId,
                            plan.vaultId,
                            "winery",
                            "guojiao-1573-52",
                            "19521141111014",
                            Map.of("zh", "国窖1573"),
                            100,
                            PRICE,
                            6,
                            from,
                            until),
                    plan.planId);
            await().until(() -> service.bean(SalesPlans.class).find(plan.planId).isPresent());
            return plan;
        }

        Map<String, Object> request(long quantity) {
            return request(quantity, LIS_PHONE.orderIntent(planId.value(), quantity, terms));
        }

        Map<String, Object> request(long quantity, String intent) {
            return Map.of(
                    "planId",
                    planId.value(),
                    "quantity",
                    quantity,
                    "agreement",
                    Map.of("version", "2026-01", "sha256", terms),
                    "intent",
                    intent);
        }

        Order place(long quantity) {
            Answer answer = service.post("/api/v1/orders", request(quantity), LI);
            assertThat(answer.status()).as(answer.response().body()).isEqualTo(201);
            OrderId orderId = new OrderId(answer.json().path("orderId").asString());
            assertThat(answer.response().headers().firstValue("Location")).hasValue("/api/v1/orders/" + orderId);
            return new Order(this, orderId, quantity);
        }
    }

    /** An order of li's, and what the other services say of it. */
    private record Order(Plan plan, OrderId id, long quantity) {

        PaymentId paymentId() {
            return new PaymentId(id.value());
        }

        ReleaseId releaseId() {
            return new ReleaseId(id.value());
        }

        List<SerialRange> serials() {
            return List.of(new SerialRange(1, quantity));
        }

        TokenId token(long serial) {
            return new TokenId(plan.vaultId, serial);
        }

        TokensReserved reserved() {
            return new TokensReserved(plan.vaultId, plan.planId, id, LI, serials());
        }

        Order confirmed() {
            service.publish(reserved(), plan.vaultId);
            return reaching("CONFIRMED");
        }

        Order paid() {
            service.publish(
                    new SaleRecorded(
                            paymentId(),
                            id,
                            LI,
                            plan.planId,
                            plan.vaultId,
                            serials(),
                            PRICE.times(quantity),
                            "4200000001",
                            Instant.now()),
                    paymentId());
            return reaching("PAID");
        }

        void grant(long serial) {
            LedgerReference reference = new LedgerReference(Ids.next(), serial, 100);
            service.publish(new TokenGranted(token(serial), plan.planId, id, LI, reference, reference), token(serial));
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
            return "/api/v1/orders/" + id;
        }

        Answer cancel() {
            return service.post(path() + "/cancellation", "", LI);
        }

        <E extends DomainEvent> E published(Class<E> type) {
            return service.awaitPublished(
                    type,
                    event -> event instanceof OrderEvent of && of.orderId().equals(id));
        }

        void hasNoSaga() {
            await().untilAsserted(() -> assertThat(service.bean(JdbcClient.class)
                            .sql("select count(*) from association_value_entry where association_value = ?")
                            .param(id.value())
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
        OrderPlaced placed = order.published(OrderPlaced.class);
        assertThat(placed.unitPrice()).isEqualTo(PRICE);
        assertThat(placed.agreement().sha256()).isEqualTo(terms);
        try (Events events = new Events(order, 0)) {
            events.await("PLACED");
            order.confirmed();
            OrderConfirmed confirmed = order.published(OrderConfirmed.class);
            assertThat(confirmed.total()).isEqualTo(PRICE.times(2));
            assertThat(confirmed.payBy())
                    .isBetween(Instant.now().plusSeconds(1700), Instant.now().plusSeconds(1800));
            events.await("PLACED", "CONFIRMED");
            order.paid();
            assertThat(order.published(OrderPaid.class).paymentId()).isEqualTo(order.paymentId());
            events.await("PLACED", "CONFIRMED", "PAID");
            order.grant(1);
            order.grant(2);
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
        service.publish(new PaymentClosed(order.paymentId(), order.id, ClosingReason.WRONG_AMOUNT), order.paymentId());
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
                new ReservationRefused(order.plan.vaultId, order.plan.planId, order.id, LI, RefusalReason.SOLD_OUT),
                order.plan.vaultId);
        order.reaching("DECLINED").hasNoSaga();
        assertThat(order.published(OrderDeclined.class).reason()).isEqualTo(RefusalReason.SOLD_OUT);
        assertThat(order.read().path("endReason").asString()).isEqualTo("SOLD_OUT");
    }

    @Test
    void cancelsWhilePlacedInsteadOfConfirming() {
        Order order = Plan.onSale().place(1);
        Answer asked = order.cancel();
        assertThat(asked.status()).isEqualTo(202);
        assertThat(asked.json().path("status").asString()).isEqualTo("PLACED");
        assertThat(asked.json().path("cancellationRequested").asString()).isEqualTo("BUYER");
        assertThat(order.cancel().reason()).isEqualTo("CANCELLATION_PENDING");
        service.publish(order.reserved(), order.plan.vaultId);
        order.reaching("CANCELLED").hasNoSaga();
        assertThat(order.published(OrderCancelled.class).reason()).isEqualTo(CancellationReason.BUYER);
    }

    @Test
    void cancelsAnUnpaidOrderWhenThePaymentAgrees() {
        Order order = Plan.onSale().place(1).confirmed();
        assertThat(order.cancel().status()).isEqualTo(202);
        order.published(CancellationRequested.class);
        service.publish(
                new PaymentClosed(order.paymentId(), order.id, ClosingReason.ORDER_CANCELLED), order.paymentId());
        order.reaching("CANCELLED").hasNoSaga();
    }

    @Test
    void givesUpWhatIsOverdue() {
        Order unanswered = Plan.onSale().place(1);
        Order unpaid = Plan.onSale().place(1).confirmed();
        bringDeadlinesForward();
        unanswered.reaching("CANCELLED").hasNoSaga();
        assertThat(unanswered.published(OrderCancelled.class).reason())
                .isEqualTo(CancellationReason.RESERVATION_OVERDUE);
        assertThat(unpaid.published(CancellationRequested.class).reason())
                .isEqualTo(CancellationReason.PAYMENT_OVERDUE);
        service.publish(
                new PaymentClosed(unpaid.paymentId(), unpaid.id, ClosingReason.ORDER_CANCELLED), unpaid.paymentId());
        unpaid.reaching("CANCELLED").hasNoSaga();
        assertThat(unpaid.published(OrderCancelled.class).reason()).isEqualTo(CancellationReason.PAYMENT_OVERDUE);
    }

    private static void bringDeadlinesForward() {
        service.bean(JdbcClient.class)
                .sql("update scheduled_tasks set execution_time = now() where not picked")
                .update();
    }

    @Test
    void refundsAPaidOrderWhoseReleaseWasStopped() {
        Order order = Plan.onSale().place(2).confirmed().paid();
        assertThat(order.cancel().status()).isEqualTo(202);
        service.publish(new ReleaseCancelled(order.releaseId(), order.id), order.releaseId());
        order.reaching("CANCELLED").hasNoSaga();
        RefundDue due = order.published(RefundDue.class);
        assertThat(due.amount()).isEqualTo(PRICE.times(2));
        try (Events events = new Events(order, 0)) {
            events.await("CANCELLED");
            service.publish(
                    new RefundRequested(
                            order.paymentId(),
                            order.id,
                            due.refundId(),
                            due.amount(),
                            RefundReason.ORDER_CANCELLED,
                            "4200000001"),
                    order.paymentId());
            service.publish(
                    new RefundCompleted(order.paymentId(), order.id, due.refundId(), due.amount()), order.paymentId());
            assertThat(events.end().statusCode()).isEqualTo(200);
        }
        assertThat(order.read().path("refunds"))
                .singleElement()
                .satisfies(refund ->
                        assertThat(refund.path("status").asString()).isEqualTo(RefundStatus.COMPLETED.name()));
    }

    @Test
    void showsARefundThatFailed() {
        Order order = Plan.onSale().place(1).confirmed().paid();
        order.cancel();
        service.publish(new ReleaseCancelled(order.releaseId(), order.id), order.releaseId());
        RefundDue due = order.published(RefundDue.class);
        service.publish(
                new RefundFailed(order.paymentId(), order.id, due.refundId(), "ACCOUNT_CLOSED"), order.paymentId());
        await().untilAsserted(() -> assertThat(order.read().path("refunds"))
                .singleElement()
                .satisfies(
                        refund -> assertThat(refund.path("status").asString()).isEqualTo(RefundStatus.FAILED.name())));
    }

    @Test
    void goesOnWithAPaidOrderWhoseCasesHaveLeft() {
        Order order = Plan.onSale().place(1).confirmed().paid();
        order.cancel();
        service.publish(new ReleaseCancellationRefused(order.releaseId(), order.id), order.releaseId());
        order.published(CancellationRefused.class);
        assertThat(order.cancel().reason()).isEqualTo("CANCELLATION_TOO_LATE");
        order.grant(1);
        order.reaching("FULFILLED").hasNoSaga();
    }

    @Test
    void withdrawsAndRefundsTheCaseThatCannotBeSupplied() {
        Order order = Plan.onSale().place(2).confirmed().paid();
        service.publish(
                new ReleaseRefused(order.releaseId(), order.id, List.of(order.token(2)), "leaking"), order.releaseId());
        assertThat(order.published(CasesWithdrawn.class).tokens()).containsExactly(order.token(2));
        assertThat(order.published(RefundDue.class).amount()).isEqualTo(PRICE);
        order.grant(1);
        order.reaching("FULFILLED").hasNoSaga();
        assertThat(order.read().path("withdrawn").asInt()).isEqualTo(1);
    }

    @Test
    void waitsForTheSaleWhenATitleIsReadFirst() {
        Order order = Plan.onSale().place(1).confirmed();
        order.grant(1);
        await().untilAsserted(() -> assertThat(
                        count("select count(*) from parked_event where event_key = '" + order.token(1) + "'"))
                .isEqualTo(1));
        order.paid().reaching("FULFILLED").hasNoSaga();
    }

    @Test
    void countsAnEventThatComesTwiceOnce() {
        Order order = Plan.onSale().place(1);
        CloudEvent reserved = service.publish(order.reserved(), order.plan.vaultId);
        service.publish(reserved);
        order.reaching("CONFIRMED").paid();
        order.published(OrderPaid.class);
        assertThat(service.published(OrderConfirmed.class).stream()
                        .filter(event -> event.orderId().equals(order.id)))
                .hasSize(1);
        assertThat(count("select count(*) from parked_event where event_key = '" + order.plan.vaultId + "'"))
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
        service.publish(
                service.platform().signed(forged.reserved(), forged.plan.vaultId.value(), stranger, Instant.now()));
        CloudEvent signed = service.platform().signed(altered.reserved(), altered.plan.vaultId.value());
        service.publish(new CloudEventBuilder(signed)
                .withData("application/json", EventJson.write(forged.reserved()))
                .build());
        service.publish(service.platform()
                .signed(
                        expired.reserved(),
                        expired.plan.vaultId.value(),
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
                Stream.generate(() -> plan.place(1).id.value()).limit(3).toList();
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
        assertThat(service.post(order.path() + "/cancellation", "", WANG).reason())
                .isEqualTo("ORDER_NOT_FOUND");
        assertThat(order.read().has("cancellationRequested")).isFalse();
    }

    @Test
    void answersTheSameRequestWithTheSameOrder() {
        Map<String, Object> request = Plan.onSale().request(1);
        Answer first = service.post("/api/v1/orders", request, LI, "key-1");
        Answer again = service.post("/api/v1/orders", request, LI, "key-1");
        assertThat(first.status()).isEqualTo(201);
        assertThat(again.response().body()).isEqualTo(first.response().body());
        assertThat(service.post("/api/v1/orders", request, LI).reason()).isEqualTo("INTENT_REUSED");
    }

    @Test
    void usesNoIntentUpByARefusal() {
        Plan plan = Plan.onSale();
        Map<String, Object> request = plan.request(4);
        Order first = plan.place(3);
        assertThat(service.post("/api/v1/orders", request, LI).reason()).isEqualTo("BUYER_LIMIT_EXCEEDED");
        service.publish(
                new ReservationRefused(plan.vaultId, plan.planId, first.id, LI, RefusalReason.SOLD_OUT), plan.vaultId);
        first.reaching("DECLINED");
        assertThat(service.post("/api/v1/orders", request, LI).status()).isEqualTo(201);
    }

    @Test
    void takesNoWordOfADeviceOnceItIsRevoked() throws Exception {
        Plan plan = Plan.onSale();
        Device lost = service.registerAnother("li");
        Map<String, Object> request = plan.request(1, lost.orderIntent(plan.planId.value(), 1, terms));
        service.revoke("li", lost);
        assertThat(reason(request)).isEqualTo("INTENT_KEY_REVOKED");
    }

    @Test
    void refusesAPurchaseThatBreaksARule() {
        Plan plan = Plan.onSale();
        Plan future = Plan.onSale(Instant.now().plusSeconds(600), Instant.now().plusSeconds(1200));
        Plan past = Plan.onSale(Instant.now().minusSeconds(1200), Instant.now().minusSeconds(600));
        long orders = count("select count(*) from order_view");
        long events = count("select count(*) from domain_event_entry");
        assertThat(reason(new Plan(new PlanId(Ids.next()), plan.vaultId).request(1)))
                .isEqualTo("PLAN_NOT_FOUND");
        assertThat(reason(future.request(1))).isEqualTo("SALE_NOT_OPEN");
        assertThat(reason(past.request(1))).isEqualTo("SALE_CLOSED");
        assertThat(reason(plan.request(0))).isEqualTo("QUANTITY_INVALID");
        assertThat(reason(plan.request(7))).isEqualTo("BUYER_LIMIT_EXCEEDED");
        assertThat(reason(plan.request(1, LIS_PHONE.orderIntent(plan.planId.value(), 2, terms))))
                .isEqualTo("INTENT_MISMATCH");
        assertThat(reason(plan.request(1, MINORS_PHONE.orderIntent(plan.planId.value(), 1, terms))))
                .isEqualTo("INTENT_KEY_UNKNOWN");
        assertThat(reason(plan.request(1, "not a JWS"))).isEqualTo("INTENT_MALFORMED");
        assertThat(service.post(
                                "/api/v1/orders",
                                plan.request(1, MINORS_PHONE.orderIntent(plan.planId.value(), 1, terms)),
                                MINOR)
                        .reason())
                .isEqualTo("AGE_NOT_PROVEN");
        assertThat(reason(agreeing(plan, "2025-01", terms))).isEqualTo("AGREEMENT_OUTDATED");
        assertThat(reason(agreeing(plan, "2026-01", "0".repeat(64)))).isEqualTo("AGREEMENT_MISMATCH");
        assertThat(count("select count(*) from order_view")).isEqualTo(orders);
        assertThat(count("select count(*) from domain_event_entry")).isEqualTo(events);
    }

    private static Map<String, Object> agreeing(Plan plan, String version, String sha256) {
        return Map.of(
                "planId", plan.planId.value(),
                "quantity", 1,
                "agreement", Map.of("version", version, "sha256", sha256),
                "intent", LIS_PHONE.orderIntent(plan.planId.value(), 1, sha256));
    }

    private static String reason(Map<String, Object> purchase) {
        return service.post("/api/v1/orders", purchase, LI).reason();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "null",
                "{\"planId\": \"x\", \"quantity\": 1, \"agreement\": {\"version\": \"1\", \"sha256\": \"0\"}, \"intent\": \"\"}",
                "{\"planId\": \"01919191-9191-7191-9191-919191919191\", \"quantity\": 1.5, \"agreement\": null, \"intent\": \"\"}"
            })
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
        Map<String, Object> request = Plan.onSale().request(1);
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
