package io.jiucang.anchoring;

import io.jiucang.anchoring.TransparencyLog.Batch;
import io.jiucang.events.LedgerEvent;
import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.ledger.Hash;
import io.jiucang.starter.store.SignedEventStore;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Anchors leaves and tells where, in the caller's transaction. What the ledger tells of itself is one stream, and of each
 * terminal another; the log's lock lets nobody else number them meanwhile.
 */
@Component
final class Anchoring {

    /** Keeps one event well under Kafka's limit of 1 MB: with the proofs of a tree of 2^32 it has about 450 KB. */
    static final int ANCHORS_PER_EVENT = 250;

    private static final Logger logger = LoggerFactory.getLogger(Anchoring.class);
    private static final String LOG = "Log";
    private static final String TERMINAL = "Terminal";

    private final TransparencyLog log;
    private final EventStore events;
    private final SignedEventStore signed;

    Anchoring(TransparencyLog log, EventStore events, SignedEventStore signed) {
        this.log = log;
        this.events = events;
        this.signed = signed;
    }

    /** @return empty if all of them are there already */
    Optional<Batch> anchor(List<Leaf> leaves) {
        Optional<Batch> appended = append(leaves);
        appended.ifPresent(batch -> {
            String checkpoint = batch.checkpoint().format();
            List<Anchor> anchors = anchors(batch);
            for (int from = 0; from < anchors.size(); from += ANCHORS_PER_EVENT) {
                List<Anchor> part = anchors.subList(from, Math.min(from + ANCHORS_PER_EVENT, anchors.size()));
                publish(
                        LOG,
                        log.origin(),
                        new EventsAnchored(log.origin(), batch.tree().size(), checkpoint, part));
            }
        });
        return appended;
    }

    /** Where one of the ledger's own events stands. */
    record Place(long index, String leafHash) {}

    /** Tells what the ledger itself has to say, and anchors it. */
    Place tell(LedgerEvent event) {
        return tell(LOG, log.origin(), event);
    }

    /** The same of a terminal. */
    Place tellOf(String terminal, LedgerEvent event) {
        return tell(TERMINAL, terminal, event);
    }

    private Place tell(String kind, String stream, LedgerEvent event) {
        log.lock();
        String id = publish(kind, stream, event);
        Leaf leaf = Leaf.of(signed.find(List.of(id)).getFirst());
        long index = anchor(List.of(leaf)).orElseThrow().firstIndex();
        return new Place(index, leaf.entry().leafHash().hex());
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

    private String publish(String kind, String stream, LedgerEvent event) {
        long sequence = events.lastSequenceNumberFor(stream).orElse(-1L) + 1;
        var message = new GenericDomainEventMessage<>(kind, stream, sequence, event);
        events.publish(message);
        return message.getIdentifier();
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
