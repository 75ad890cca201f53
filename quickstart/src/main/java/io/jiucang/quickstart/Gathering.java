package io.jiucang.quickstart;

import io.cloudevents.CloudEvent;
import io.jiucang.events.EventRefused;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.Hash;
import io.jiucang.quickstart.audit.Gathered;
import io.jiucang.starter.store.ToldRows.ToldRow;
import io.jiucang.title.directory.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Gathers what an audit looks at from a stack that goes on meanwhile. In this order, so that what is only on its way is not
 * taken for what is missing: rows, then topics, then the log until it has caught up with both, then the topics until they
 * open all of it.
 */
final class Gathering {

    /** For what was recorded to come to the ledger, and what is in the ledger to come to its topic. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration POLL = Duration.ofMillis(200);

    private final LogReader log;
    private final KafkaConsumer<String, byte[]> topics;
    private final Consumer<String> progress;

    private Gathering(LogReader log, KafkaConsumer<String, byte[]> topics, Consumer<String> progress) {
        this.log = log;
        this.topics = topics;
        this.progress = progress;
    }

    /** @param progress is told what is being done, many times a second */
    static Gathered gather(
            LogReader log, String bootstrapServers, Optional<Databases> databases, Consumer<String> progress) {
        long settled = log.newest().size();
        progress.accept("databases");
        Optional<Map<Service, List<ToldRow>>> rows = databases.map(Databases::toldRows);
        progress.accept("topics");
        try (KafkaConsumer<String, byte[]> topics = EventTopics.consumer(bootstrapServers)) {
            return new Gathering(log, topics, progress).gather(databases, rows, settled);
        }
    }

    private Gathered gather(Optional<Databases> databases, Optional<Map<Service, List<ToldRow>>> rows, long settled) {
        List<CloudEvent> before = toTheEnd();
        Stream<CloudEvent> recorded =
                rows.orElse(Map.of()).values().stream().flatMap(List::stream).flatMap(row -> row.event().stream());
        Gathered.Log read = caughtUpWith(Stream.concat(before.stream(), recorded)
                .filter(event -> !Gathered.isAnnouncement(event))
                .flatMap(event -> Gathered.leafOf(event).stream())
                .collect(Collectors.toSet()));
        Set<Hash> dark = leavesOf(read);
        before.forEach(event -> Gathered.leafOf(event).ifPresent(dark::remove));
        List<CloudEvent> after = untilOpened(dark);
        Map<Hash, byte[]> evidence = evidence();
        databases.map(Databases::evidence).ifPresent(evidence::putAll);
        return new Gathered(read, before, after, evidence, rows, settled);
    }

    /** After the log: nothing comes into it before the evidence that it names. */
    private Map<Hash, byte[]> evidence() {
        List<TopicPartition> partitions = topics.partitionsFor(Topics.EVIDENCE).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        topics.assign(partitions);
        topics.seekToBeginning(partitions);
        Map<Hash, byte[]> evidence = new HashMap<>();
        toTheEnd("evidence", record -> {
            try {
                byte[] content = EvidenceRecords.content(record);
                evidence.put(Hash.ofHex(record.key()), content);
            } catch (EventRefused noEvidence) {
                // Nothing that an event could name.
            }
        });
        return evidence;
    }

    private List<CloudEvent> toTheEnd() {
        List<CloudEvent> events = new ArrayList<>();
        toTheEnd("topics", record -> eventOf(record).ifPresent(events::add));
        return events;
    }

    private void toTheEnd(String what, Consumer<ConsumerRecord<String, byte[]>> reader) {
        Map<TopicPartition, Long> ends = topics.endOffsets(topics.assignment());
        long read = 0;
        while (ends.entrySet().stream().anyMatch(end -> topics.position(end.getKey()) < end.getValue())) {
            ConsumerRecords<String, byte[]> records = topics.poll(POLL);
            records.forEach(reader);
            read += records.count();
            progress.accept(what + ": " + read + " records");
        }
    }

    private Gathered.Log caughtUpWith(Set<Hash> recorded) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Gathered.Log read = log.read(progress);
        while (!leavesOf(read).containsAll(recorded) && System.nanoTime() < end) {
            pause();
            read = log.read(progress);
        }
        return read;
    }

    private List<CloudEvent> untilOpened(Set<Hash> dark) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        List<CloudEvent> events = new ArrayList<>();
        while (!dark.isEmpty() && System.nanoTime() < end) {
            progress.accept("topics: " + dark.size() + " leaves to open");
            for (ConsumerRecord<String, byte[]> record : topics.poll(POLL)) {
                eventOf(record).ifPresent(event -> {
                    events.add(event);
                    Gathered.leafOf(event).ifPresent(dark::remove);
                });
            }
        }
        return events;
    }

    /** What is no event opens nothing, whoever sent it. */
    private static Optional<CloudEvent> eventOf(ConsumerRecord<String, byte[]> record) {
        try {
            return Optional.of(SignedEvents.fromRecord(record));
        } catch (EventRefused noEvent) {
            return Optional.empty();
        }
    }

    private static Set<Hash> leavesOf(Gathered.Log log) {
        Set<Hash> leaves = new HashSet<>();
        log.entries().stream().map(Entry::leafHash).forEach(leaves::add);
        return leaves;
    }

    private static void pause() {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
