package io.jiucang.anchoring;

import static io.jiucang.anchoring.LogFixtures.SEED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.PaymentOpened;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.Sha256;
import io.jiucang.starter.store.Evidence;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** What an event names by its hash alone must be in hand before the event is anchored; whoever else sends whatever. */
@RealInfrastructure
class EvidenceIT {

    @RegisterExtension
    static final RunningService service = new RunningService(
            LedgerServiceApplication.class,
            "ledger",
            Map.of("jiucang.ledger.key-file", LogFixtures.keyFile(SEED).toString()));

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final PaymentId payment = new PaymentId(Ids.next());
    private final OrderId order = new OrderId(Ids.next());
    private final byte[] receipt = ("receipt of " + payment).getBytes(UTF_8);
    private final String sha256 = Sha256.hex(receipt);

    @BeforeEach
    void nothingWaitsForItsEvent() {
        database().sql("delete from early_evidence").update();
    }

    @Test
    void bytesThatCameFirstAreKeptOnceTheirEventIsAnchored() {
        service.publish(EvidenceRecords.toRecord(receipt));
        await().atMost(PATIENCE).until(() -> early() == 1);
        assertThat(service.get("/api/v1/evidence/" + sha256, "auditor").reason())
                .isEqualTo("EVIDENCE_NOT_FOUND");

        awaitAnchored(captured());

        assertThat(early()).isZero();
        assertThat(service.get("/api/v1/evidence/" + sha256, "auditor")
                        .response()
                        .body())
                .isEqualTo(new String(receipt, UTF_8));
        assertThat(service.get("/api/v1/evidence/" + sha256, "li").reason()).isEqualTo("FORBIDDEN");
        assertThat(service.get("/api/v1/evidence/receipt", "auditor").reason()).isEqualTo("MALFORMED_PARAMETER");
    }

    @Test
    void anEventWaitsForItsBytesAndBlocksNothingButItsOwnKey() {
        List<CloudEvent> others = new ArrayList<>();
        List<CloudEvent> waiting = new ArrayList<>();
        service.whileTheInboxLooksAway(() -> {
            for (int i = 0; i < 20; i++) {
                others.add(otherEvent());
            }
            waiting.add(captured());
            waiting.add(laterOfThisPayment());
            for (int i = 0; i < 20; i++) {
                others.add(otherEvent());
            }
        });

        others.forEach(EvidenceIT::awaitAnchored);
        JsonNode parked = awaitParked();
        assertThat(parked.path("reason").asString()).isEqualTo("PREDECESSOR_MISSING");
        assertThat(parked.path("detail").asString()).contains(sha256);
        assertThat(anchored()).doesNotContainAnyElementsOf(ids(waiting));
        assertThat(announcementsOf(others))
                .as("the others were anchored together, not each by itself")
                .hasSizeLessThan(others.size() / 2);

        service.publish(EvidenceRecords.toRecord(receipt));
        waiting.forEach(EvidenceIT::awaitAnchored);
        assertThat(indexOf(waiting.getFirst())).isLessThan(indexOf(waiting.getLast()));
        assertThat(service.get("/api/v1/evidence/" + sha256, "operator").status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"1000, NOT_ITS_HASH", "65536, NOT_ITS_HASH", "65537, TOO_LARGE"})
    void otherBytesUnderItsNameAreCountedAndChangeNothing(int size, String reason) {
        long refused = refusedAs(reason);
        CloudEvent event = captured();
        awaitParked();
        service.publish(new ProducerRecord<>(Topics.EVIDENCE, sha256, new byte[size]));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(refusedAs(reason)).isEqualTo(refused + 1));
        awaitAnchored(otherEvent());
        assertThat(anchored()).doesNotContain(event.getId());

        service.publish(EvidenceRecords.toRecord(receipt));
        awaitAnchored(event);
    }

    @Test
    void anEventOnTheTopicOfEvidenceIsNone() {
        long refused = refusedAs("NOT_ITS_HASH");
        CloudEvent event = service.platform().signed(new OrderPaid(order, payment), order.value());
        ProducerRecord<String, byte[]> astray = SignedEvents.toRecord(event);
        service.publish(new ProducerRecord<>(Topics.EVIDENCE, null, astray.key(), astray.value(), astray.headers()));
        service.publish(new ProducerRecord<>(Topics.EVIDENCE, sha256, (byte[]) null));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(refusedAs("NOT_ITS_HASH")).isEqualTo(refused + 2));
        assertThat(anchored()).doesNotContain(event.getId());
    }

    /** The topic's compaction leaves the last record of a name alone. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void keptEvidenceIsToldAgainOverWhatSomebodyPutsInItsPlace(boolean erased) {
        service.publish(EvidenceRecords.toRecord(receipt));
        awaitAnchored(captured());

        service.publish(new ProducerRecord<>(Topics.EVIDENCE, sha256, erased ? null : new byte[1]));

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(service.records(Topics.EVIDENCE))
                        .filteredOn(record -> sha256.equals(record.key()))
                        .hasSize(3)
                        .last()
                        .extracting(ConsumerRecord::value)
                        .isEqualTo(receipt));
    }

    @Test
    void whatWaitedBeforeARestartIsAnchoredAfterIt() {
        byte[] second = "came before".getBytes(UTF_8);
        service.publish(EvidenceRecords.toRecord(second));
        await().atMost(PATIENCE).until(() -> early() == 1);
        CloudEvent event = captured();
        awaitParked();

        service.stop();
        service.publish(EvidenceRecords.toRecord(receipt));
        service.start();

        awaitAnchored(event);
        PaymentId another = new PaymentId(Ids.next());
        awaitAnchored(service.publish(captured(another, Sha256.hex(second)), another));
    }

    @Test
    void theSameBytesAreKeptOnceHoweverOftenTheyCome() {
        for (int i = 0; i < 3; i++) {
            service.publish(EvidenceRecords.toRecord(receipt));
        }
        awaitAnchored(captured());
        PaymentId another = new PaymentId(Ids.next());
        awaitAnchored(service.publish(captured(another, sha256), another));
        long refused = refusedAs("NOT_ITS_HASH");
        service.publish(EvidenceRecords.toRecord(receipt));
        // On the same partition, so behind it.
        service.publish(new ProducerRecord<>(Topics.EVIDENCE, sha256, new byte[0]));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(refusedAs("NOT_ITS_HASH")).isEqualTo(refused + 1));
        assertThat(early()).isZero();
    }

    /** So many bytes that nobody has named, and no more; as if 256 MB of them had come. */
    @Test
    void aFloodPushesOutWhatNoEventHasNamedAndNothingElse() {
        CloudEvent waits = captured();
        awaitParked();
        byte[] old = ("old " + payment).getBytes(UTF_8);
        byte[] flood = ("flood " + payment).getBytes(UTF_8);
        byte[] genuine = ("genuine " + payment).getBytes(UTF_8);
        receive(old);
        receive(flood);
        database()
                .sql("update early_evidence set position = position + (1 << 28) where content = ?")
                .param(flood)
                .update();
        receive(genuine);
        assertThat(early()).isEqualTo(2);
        receive(receipt);

        awaitAnchored(waits);
        PaymentId second = new PaymentId(Ids.next());
        awaitAnchored(service.publish(captured(second, Sha256.hex(genuine)), second));
        PaymentId third = new PaymentId(Ids.next());
        CloudEvent late = service.publish(captured(third, Sha256.hex(old)), third);
        awaitAnchored(otherEvent());
        assertThat(anchored()).doesNotContain(late.getId());
        receive(old);
        awaitAnchored(late);
    }

    private static void receive(byte[]... contents) {
        new TransactionTemplate(service.bean(PlatformTransactionManager.class))
                .executeWithoutResult(status -> service.bean(Evidence.class).receive(List.of(contents)));
    }

    private CloudEvent captured() {
        return service.publish(captured(payment, sha256), payment);
    }

    private PaymentCaptured captured(PaymentId of, String receiptHash) {
        return new PaymentCaptured(
                of, order, Money.cny(1), "4200001", Instant.now().truncatedTo(ChronoUnit.SECONDS), receiptHash);
    }

    private CloudEvent laterOfThisPayment() {
        return service.publish(new PaymentOpened(payment, order, "wechatpay", "weixin://x"), payment);
    }

    private static CloudEvent otherEvent() {
        OrderId another = new OrderId(Ids.next());
        return service.publish(new OrderPaid(another, new PaymentId(Ids.next())), another);
    }

    private JsonNode awaitParked() {
        List<JsonNode> found = new ArrayList<>();
        await().atMost(PATIENCE).untilAsserted(() -> {
            service.get("/api/v1/operator/parked-events", "operator")
                    .json()
                    .path("items")
                    .forEach(item -> {
                        if (item.path("key").asString().equals(payment.value())) {
                            found.add(item);
                        }
                    });
            assertThat(found).isNotEmpty();
        });
        return found.getFirst();
    }

    private static void awaitAnchored(CloudEvent event) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(anchored()).contains(event.getId()));
    }

    private static List<String> anchored() {
        return anchors().map(Anchor::eventId).toList();
    }

    private static Stream<Anchor> anchors() {
        return service.published(EventsAnchored.class).stream().flatMap(batch -> batch.anchors().stream());
    }

    private static List<EventsAnchored> announcementsOf(List<CloudEvent> events) {
        return service.published(EventsAnchored.class).stream()
                .filter(batch ->
                        batch.anchors().stream().anyMatch(anchor -> ids(events).contains(anchor.eventId())))
                .toList();
    }

    private static long indexOf(CloudEvent event) {
        return anchors()
                .filter(anchor -> anchor.eventId().equals(event.getId()))
                .findFirst()
                .orElseThrow()
                .index();
    }

    private static List<String> ids(List<CloudEvent> events) {
        return events.stream().map(CloudEvent::getId).toList();
    }

    private static long refusedAs(String reason) {
        return database()
                .sql("select coalesce(sum(records), 0) from quarantine where topic = 'evidence.v1' and reason = ?")
                .param(reason)
                .query(Long.class)
                .single();
    }

    private static long early() {
        return database()
                .sql("select count(*) from early_evidence")
                .query(Long.class)
                .single();
    }

    private static JdbcClient database() {
        return JdbcClient.create(service.infrastructure().dataSource());
    }
}
