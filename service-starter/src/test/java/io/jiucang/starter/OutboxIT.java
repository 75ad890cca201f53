package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.ORDERS;
import static io.jiucang.starter.SampleFixtures.cancellation;
import static io.jiucang.starter.SampleFixtures.database;
import static io.jiucang.starter.SampleFixtures.payment;
import static io.jiucang.starter.SampleFixtures.place;
import static io.jiucang.starter.SampleFixtures.request;
import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.starter.test.TestPlatform.WANG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.starter.SampleApplication.Faults;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.SmartLifecycle;

/** What is stored is told: all of it, in order, at once, signed, and nothing else. */
@RealInfrastructure
class OutboxIT {

    private static final String TOPIC = "order.events.v1";

    @RegisterExtension
    static final RunningService service = new RunningService(
            SampleApplication.class,
            "order",
            Map.of(
                    "spring.kafka.producer.properties.max.block.ms", "500",
                    "spring.kafka.producer.properties.delivery.timeout.ms", "1000",
                    "spring.kafka.producer.properties.request.timeout.ms", "500",
                    "jiucang.patience", "3s"));

    @Test
    void tellsEachAggregatesEventsInTheirOrder() {
        List<OrderId> orders =
                Stream.generate(() -> place(service, request())).limit(5).toList();
        for (int i = 0; i < 4; i++) {
            orders.forEach(order ->
                    assertThat(service.post(payment(order), "", LI).status()).isEqualTo(204));
        }
        orders.forEach(order ->
                assertThat(service.post(cancellation(order), "", LI).status()).isEqualTo(204));

        orders.forEach(this::awaitCancelled);
        orders.forEach(order -> assertThat(types(order))
                .containsExactly(
                        "io.jiucang.order.OrderPlaced.v1",
                        "io.jiucang.order.OrderPaid.v1",
                        "io.jiucang.order.OrderPaid.v1",
                        "io.jiucang.order.OrderPaid.v1",
                        "io.jiucang.order.OrderPaid.v1",
                        "io.jiucang.order.OrderEnded.v1"));
        orders.forEach(order -> assertThat(
                        of(order).map(event -> (String) event.event().getExtension("sequence")))
                .containsExactlyElementsOf(
                        IntStream.range(0, 6).mapToObj("%019d"::formatted).toList()));
    }

    @Test
    void tellsWhereAnEventComesFrom() {
        String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        OrderId orderId = new OrderId(service.send(HttpRequest.newBuilder(
                                service.request(ORDERS, LI).build(), (name, value) -> true)
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", Ids.next())
                        .header("traceparent", traceparent)
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"quantity\":1,\"placedAt\":\"2026-01-01T00:00:00Z\",\"note\":\"\",\"intent\":\"\"}"))
                        .build())
                .json()
                .get("orderId")
                .asString());
        CloudEvent cause = service.publish(
                new PaymentClosed(new PaymentId(orderId.value()), orderId, ClosingReason.WRONG_AMOUNT), orderId);

        awaitCancelled(orderId);
        List<CloudEvent> events = of(orderId).map(VerifiedEvent::event).toList();
        assertThat(events.getFirst().getExtension("traceparent")).isEqualTo(traceparent);
        assertThat(events.getFirst().getSource()).hasToString("urn:jiucang:order-service");
        assertThat(events.getLast().getExtension("causationid")).isEqualTo(cause.getId());
        assertThat(events.getLast().getExtension("correlationid")).isEqualTo(cause.getExtension("correlationid"));
    }

    @Test
    void sendsTheSameBytesAgain() {
        OrderId orderId = place(service, request());
        service.awaitPublished(OrderPlaced.class, event -> event.orderId().equals(orderId));
        int before = service.records(TOPIC).size();

        // As if it had been killed between the broker's acknowledgement and its own commit.
        database(service)
                .sql("insert into outbox (global_index) select global_index from domain_event_entry")
                .update();

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(service.records(TOPIC)).hasSizeGreaterThanOrEqualTo(2 * before));
        Map<String, List<String>> sendings = service.records(TOPIC).stream()
                .collect(Collectors.groupingBy(
                        record -> header(record, "ce_id"),
                        Collectors.mapping(OutboxIT::wholeText, Collectors.toList())));
        assertThat(sendings.values()).allSatisfy(same -> {
            assertThat(same).hasSizeGreaterThan(1);
            assertThat(same.stream().distinct()).hasSize(1);
        });
    }

    @Test
    void tellsAfterARestartWhatItCouldNotTellBefore() {
        relay().stop();
        OrderId orderId = place(service, request());
        service.stop();
        assertThat(types(orderId)).isEmpty();

        service.start();

        service.awaitPublished(OrderPlaced.class, event -> event.orderId().equals(orderId));
        assertThat(types(orderId)).hasSize(1);
    }

    /** A relay that looked who it is before it was told would end at once, and nobody would notice. */
    @Test
    void runsEachTimeItIsStarted() {
        for (int i = 0; i < 200; i++) {
            relay().stop();
            relay().start();
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .contains("outbox-relay");
        }

        OrderId orderId = place(service, request());
        service.awaitPublished(OrderPlaced.class, event -> event.orderId().equals(orderId));
    }

    /** PostgreSQL has it: nothing is lost, and nobody has to wait; but what is not told for long is no service. */
    @Test
    void keepsWhatTheBrokerDoesNotTakeAndSaysSo() throws Exception {
        try (Admin admin = Admin.create(
                Map.of("bootstrap.servers", service.infrastructure().bootstrapServers()))) {
            admin.deleteTopics(List.of(TOPIC)).all().get();
            OrderId orderId = place(service, request());
            assertThat(service.get("/actuator/health/readiness", null).status()).isEqualTo(200);

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(service.get("/actuator/health/readiness", null)
                                    .status())
                            .isEqualTo(503));
            assertThat(relay("lag")).isPositive();
            assertThat(relay("age")).isGreaterThanOrEqualTo(3);
            admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1))).all().get();
            service.awaitPublished(OrderPlaced.class, event -> event.orderId().equals(orderId));
            await().untilAsserted(() -> {
                assertThat(relay("lag")).isZero();
                assertThat(relay("age")).isZero();
                assertThat(service.get("/actuator/health/readiness", null).status())
                        .isEqualTo(200);
            });
        }
    }

    private static double relay(String meter) {
        return service.bean(MeterRegistry.class)
                .get("jiucang.relay." + meter)
                .gauge()
                .value();
    }

    @Test
    void neverTellsWhatWasUndone() {
        service.bean(Faults.class).fail("undone", new IllegalStateException("after the command"));
        assertThat(service.post(ORDERS, request("undone"), WANG).reason()).isEqualTo("INTERNAL_ERROR");

        OrderId later = place(service, request());
        service.awaitPublished(OrderPlaced.class, event -> event.orderId().equals(later));

        assertThat(service.published(OrderPlaced.class))
                .extracting(placed -> SampleApplication.Wish.in(placed).buyer())
                .doesNotContain(WANG);
        assertThat(database(service)
                        .sql(
                                "select count(*) from domain_event_entry where convert_from(payload, 'UTF8') like '%wang%'")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    /** Without being woken it would look twice a second. */
    @Test
    void tellsAtOnce() {
        List<Duration> waits = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            place(service, request());
            long stored = System.nanoTime();
            await().pollInterval(Duration.ofMillis(5)).until(() -> SampleFixtures.count(service, "outbox") == 0);
            waits.add(Duration.ofNanos(System.nanoTime() - stored));
        }

        assertThat(waits.stream().sorted().toList().get(3)).isLessThan(Duration.ofMillis(250));
    }

    /** Locks are held as long as transactions. */
    @Test
    void noTransactionHoldsOthersUpForEver() {
        assertThat(service.bean(org.springframework.jdbc.core.simple.JdbcClient.class)
                        .sql("show transaction_timeout")
                        .query(String.class)
                        .single())
                .isEqualTo("50s");
    }

    private static SmartLifecycle relay() {
        return service.bean("outboxRelay", SmartLifecycle.class);
    }

    private void awaitCancelled(OrderId orderId) {
        service.awaitPublished(OrderEnded.class, event -> event.orderId().equals(orderId));
    }

    private static Stream<VerifiedEvent> of(OrderId orderId) {
        return service.published().stream()
                .filter(event -> orderId.value().equals(event.event().getSubject()));
    }

    private static List<String> types(OrderId orderId) {
        return of(orderId).map(event -> event.event().getType()).toList();
    }

    private static String wholeText(ConsumerRecord<String, byte[]> record) {
        StringBuilder text = new StringBuilder(record.key()).append(new String(record.value(), StandardCharsets.UTF_8));
        record.headers()
                .forEach(
                        header -> text.append(header.key()).append(new String(header.value(), StandardCharsets.UTF_8)));
        return text.toString();
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
