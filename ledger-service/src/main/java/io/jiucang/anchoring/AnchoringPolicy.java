package io.jiucang.anchoring;

import io.jiucang.anchoring.TransparencyLog.Batch;
import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Hash;
import io.jiucang.starter.AfterCommit;
import io.jiucang.starter.inbox.InboxHandler;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Whenever a service has told something, anchors it and tells where.
 *
 * <p>Events of unknown type as well: what an event means is nothing to the log. Entries, checkpoint, and the event that
 * tells of them are one transaction with the inbox's memory of having seen them.
 */
@Component
final class AnchoringPolicy implements InboxHandler {

    /** Keeps one event well under Kafka's limit of 1 MB: with the proofs of a tree of 2^32 it has about 450 KB. */
    static final int ANCHORS_PER_EVENT = 250;

    private static final Logger logger = LoggerFactory.getLogger(AnchoringPolicy.class);
    private static final String STREAM = "Log";

    private final TransparencyLog log;
    private final Numbers numbers;
    private final EventStore events;
    private final Timer appends;
    private final DistributionSummary batches;

    AnchoringPolicy(TransparencyLog log, Numbers numbers, EventStore events, Clock clock, MeterRegistry meters) {
        this.log = log;
        this.numbers = numbers;
        this.events = events;
        this.appends = Timer.builder("jiucang.ledger.append")
                .description("Appending a batch and telling of it, without the commit")
                .register(meters);
        this.batches = DistributionSummary.builder("jiucang.ledger.batch")
                .baseUnit("entries")
                .description("Entries anchored by this replica, by batch")
                .register(meters);
        Gauge.builder("jiucang.ledger.size", () -> log.newest().size())
                .baseUnit("entries")
                .description("Entries in the log")
                .register(meters);
        Gauge.builder(
                        "jiucang.ledger.checkpoint.age",
                        () -> Duration.between(log.newest().signedAt(), clock.instant())
                                .toSeconds())
                .baseUnit("seconds")
                .description("Age of the newest checkpoint")
                .register(meters);
    }

    @Override
    public boolean handles(String type) {
        return true;
    }

    @Override
    public void handle(List<VerifiedEvent> verified) {
        long begun = System.nanoTime();
        numbers.note(verified);
        append(verified.stream().map(Leaf::of).toList()).ifPresent(batch -> {
            events.publish(messages(batch));
            Duration taken = Duration.ofNanos(System.nanoTime() - begun);
            AfterCommit.run(() -> {
                appends.record(taken);
                batches.record(batch.leaves().size());
            });
        });
    }

    private Optional<Batch> append(List<Leaf> leaves) {
        try {
            return log.append(leaves);
        } catch (LogDamaged e) {
            // The inbox tries again without a word, as it does when the database is away; this calls for an operator.
            logger.error("no event is anchored until the stored log is repaired: {}", e.getMessage());
            throw e;
        }
    }

    /** The log's own stream of events, in which the log's lock lets nobody else number meanwhile. */
    private List<DomainEventMessage<EventsAnchored>> messages(Batch batch) {
        long sequence = events.lastSequenceNumberFor(log.origin()).orElse(-1L);
        String checkpoint = batch.checkpoint().format();
        List<Anchor> anchors = anchors(batch);
        List<DomainEventMessage<EventsAnchored>> messages = new ArrayList<>();
        for (int from = 0; from < anchors.size(); from += ANCHORS_PER_EVENT) {
            List<Anchor> part = anchors.subList(from, Math.min(from + ANCHORS_PER_EVENT, anchors.size()));
            messages.add(new GenericDomainEventMessage<>(
                    STREAM,
                    log.origin(),
                    ++sequence,
                    new EventsAnchored(log.origin(), batch.tree().size(), checkpoint, part)));
        }
        return messages;
    }

    private static List<Anchor> anchors(Batch batch) {
        return IntStream.range(0, batch.leaves().size())
                .mapToObj(place -> {
                    Leaf leaf = batch.leaves().get(place);
                    long index = batch.firstIndex() + place;
                    List<String> proof = batch.tree().inclusionProof(index).stream()
                            .map(Hash::base64)
                            .toList();
                    return new Anchor(
                            leaf.source(),
                            leaf.eventId(),
                            leaf.entry().leafHash().hex(),
                            leaf.type(),
                            index,
                            proof);
                })
                .toList();
    }
}
