package io.jiucang.benchmarks;

import io.jiucang.events.Topics;
import io.jiucang.events.envelope.Dsse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Takes the time at which events come by on Kafka. It verifies nothing, so as to cost little; what is forged in the same
 * run is of other types, or of another age.
 */
final class EventWatch implements AutoCloseable {

    static final String ORDER_CONFIRMED = "OrderConfirmed";
    static final String PAYMENT_DUE = "PaymentDue";
    static final String SALE_RECORDED = "SaleRecorded";
    static final String RELEASE_REQUESTED = "ReleaseRequested";
    static final String CASES_RELEASED = "CasesReleased";
    static final String ORDER_FULFILLED = "OrderFulfilled";

    private static final Set<String> WATCHED =
            Set.of(ORDER_CONFIRMED, PAYMENT_DUE, SALE_RECORDED, RELEASE_REQUESTED, CASES_RELEASED, ORDER_FULFILLED);

    private static final List<String> TOPICS = List.of(
            Topics.TOKEN_EVENTS,
            Topics.ORDER_EVENTS,
            Topics.PAYMENT_EVENTS,
            Topics.WAREHOUSE_EVENTS,
            Topics.DELIVERY_EVENTS,
            Topics.LEDGER_ANCHORS);

    private static final String EVENTS_ANCHORED = "EventsAnchored";

    /** Ids of events (UUIDv7) begin with the milliseconds since 1970; forged ones are of that year's first minutes. */
    private static final String FORGED = "0000";

    private static final Duration POLL = Duration.ofMillis(20);

    private final KafkaConsumer<String, byte[]> consumer;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Thread thread;
    private final Map<String, CompletableFuture<Long>> sightings = new ConcurrentHashMap<>();
    private final Set<String> unanchored = ConcurrentHashMap.newKeySet();
    private final Set<String> anchoredFirst = ConcurrentHashMap.newKeySet();
    private final Map<String, String> envelopes = new ConcurrentHashMap<>();
    private volatile Latencies anchoring = new Latencies();

    private EventWatch(String bootstrapServers) {
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "fetch.max.wait.ms", 100),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        thread = Thread.ofPlatform().name("event-watch").daemon().unstarted(this::run);
    }

    /** From now on. */
    static EventWatch start(String bootstrapServers) {
        EventWatch watch = new EventWatch(bootstrapServers);
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : TOPICS) {
            watch.consumer
                    .partitionsFor(topic)
                    .forEach(partition -> partitions.add(new TopicPartition(topic, partition.partition())));
        }
        watch.consumer.assign(partitions);
        watch.consumer.seekToEnd(partitions);
        // It is lazy: without this, it would seek only when the first events have passed.
        partitions.forEach(watch.consumer::position);
        watch.thread.start();
        return watch;
    }

    /**
     * When the first event of this type about this purchase came by, as {@link System#nanoTime} counts.
     *
     * @param type without its service and version; one of those watched here
     */
    CompletableFuture<Long> when(String type, Purchase purchase) {
        return sighting(type, subjectOf(type, purchase));
    }

    /** Each event's record bears the id of the aggregate that tells it. */
    static String subjectOf(String type, Purchase purchase) {
        return switch (type) {
            case PAYMENT_DUE, SALE_RECORDED -> purchase.paymentId();
            default -> purchase.orderId();
        };
    }

    private CompletableFuture<Long> sighting(String type, String subject) {
        return sightings.computeIfAbsent(type + ' ' + subject, key -> new CompletableFuture<>());
    }

    /** How long events took from being stored to their anchor's coming by, since the last call. */
    Latencies takeAnchoring() {
        Latencies taken = anchoring;
        anchoring = new Latencies();
        return taken;
    }

    /** What the source of this topic calls its key; for who wants to claim it. */
    String keyOn(String topic) {
        byte[] envelope = Base64.getDecoder().decode(Objects.requireNonNull(envelopes.get(topic), topic));
        return Dsse.parse(envelope).signatures().getFirst().keyId();
    }

    /** How many events have come by whose anchor has not. */
    int unanchored() {
        return unanchored.size();
    }

    /** Waits for the anchors of all events that have come by. @return how many are still without */
    int awaitAnchors(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (!unanchored.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(POLL);
        }
        return unanchored.size();
    }

    private void run() {
        try (consumer) {
            while (!closing.get()) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    see(record, System.nanoTime(), System.currentTimeMillis());
                }
            }
        }
    }

    private void see(ConsumerRecord<String, byte[]> record, long nanos, long millis) {
        String id = text(record.headers().lastHeader("ce_id"));
        String type = shortName(text(record.headers().lastHeader("ce_type")));
        if (id.startsWith(FORGED)) {
            return;
        }
        envelopes.put(record.topic(), text(record.headers().lastHeader("ce_dssematerial")));
        if (type.equals(EVENTS_ANCHORED)) {
            for (JsonNode anchor : Http.JSON.readTree(record.value()).path("anchors")) {
                anchored(anchor.path("eventId").asString(), millis);
            }
            return;
        }
        if (!anchoredFirst.remove(id)) {
            unanchored.add(id);
        }
        if (WATCHED.contains(type)) {
            sighting(type, record.key()).complete(nanos);
        }
    }

    /** Topics are read side by side: an anchor may come by before its event, and an event again after its anchor. */
    private void anchored(String id, long millis) {
        if (!unanchored.remove(id)) {
            anchoredFirst.add(id);
        }
        anchoring.record(Math.max(0, millis - bornAt(id)) * 1_000_000);
    }

    /** RFC 9562 section 5.7. */
    static long bornAt(String uuidV7) {
        return Long.parseLong(uuidV7.substring(0, 8) + uuidV7.substring(9, 13), 16);
    }

    /** {@code OrderPlaced} of {@code io.jiucang.order.OrderPlaced.v1}. */
    static String shortName(String type) {
        int version = type.lastIndexOf('.');
        return version < 0 ? type : type.substring(type.lastIndexOf('.', version - 1) + 1, version);
    }

    private static String text(@Nullable Header header) {
        return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        closing.set(true);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
