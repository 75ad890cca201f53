package io.jiucang.starter.law;

import io.jiucang.events.Topics;
import io.jiucang.ledger.Hash;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * How far the topic of evidence is read: ahead of the events as long as there is room, further only to what a leaf waits for,
 * and again from its beginning where a flood has pushed that out, or an earlier leaf has used it up.
 */
final class EvidenceSearch {

    /** So long may the broker take to hand out what it has. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Consumer<String, byte[]> consumer;
    private @Nullable Hash sought;
    private long since;

    EvidenceSearch(Consumer<String, byte[]> consumer) {
        this.consumer = consumer;
    }

    /** To be called between polls. */
    void goOn(Optional<Hash> awaited, boolean full) {
        List<TopicPartition> evidence = consumer.assignment().stream()
                .filter(partition -> partition.topic().equals(Topics.EVIDENCE))
                .toList();
        if (awaited.isEmpty() && full) {
            consumer.pause(evidence);
        } else {
            consumer.resume(evidence);
        }
        if (!Objects.equals(sought, awaited.orElse(null))) {
            sought = awaited.orElse(null);
            since = System.nanoTime();
        } else if (sought != null && System.nanoTime() - since > PATIENCE.toNanos() && isAtEnd(evidence)) {
            consumer.seekToBeginning(evidence);
            since = System.nanoTime();
        }
    }

    private boolean isAtEnd(List<TopicPartition> evidence) {
        return evidence.stream()
                .allMatch(partition -> consumer.currentLag(partition).orElse(1) == 0);
    }
}
