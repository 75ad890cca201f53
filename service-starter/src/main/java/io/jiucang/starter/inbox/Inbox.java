package io.jiucang.starter.inbox;

import io.jiucang.events.EventRefused;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.starter.store.ClusterLockFactory;
import io.jiucang.starter.store.Failures;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Takes in what other services tell: one business effect per event, whatever Kafka, this process or a forger does.
 *
 * <p>A batch is one transaction: verified, deduplicated and handled; the consumer's offsets are committed after it. If
 * it fails, its events are tried one by one, so that one bad event costs only its own key. What cannot take effect is
 * parked with its reason; what comes later for the same key is parked behind it, in order, until an operator replays or
 * discards it, or until the event it waited for has come.
 *
 * <p>Batches of one service never overlap, not even between replicas: a lock held by the transaction sees to it. So two
 * events of different topics that start or end the same saga cannot miss each other.
 */
final class Inbox {

    private static final Logger log = LoggerFactory.getLogger(Inbox.class);
    private static final String LOCK = "inbox";

    private final EventVerifier verifier;
    private final InboxHandler handler;
    private final ParkedEvents parked;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Counter duplicates;

    Inbox(
            EventVerifier verifier,
            InboxHandler handler,
            ParkedEvents parked,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            MeterRegistry meters) {
        this.verifier = verifier;
        this.handler = handler;
        this.parked = parked;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.duplicates = meters.counter("jiucang.inbox.duplicates");
    }

    /** Returns once every record has taken effect, was seen before, or is parked; throws when it should come again. */
    void receive(List<ConsumerRecord<String, byte[]>> records) {
        List<Received> batch = records.parallelStream().map(this::verify).toList();
        try {
            transaction.executeWithoutResult(status -> take(batch));
        } catch (RuntimeException e) {
            if (Failures.isTransient(e)) {
                throw e;
            }
            batch.forEach(this::takeAlone);
        }
    }

    /**
     * Tries the first parked event of a key again, and, as long as they take effect, those behind it.
     *
     * @return how many took effect
     */
    int replay(ParkedEvents.Key key) {
        for (int replayed = 0; ; replayed++) {
            ParkedEvents.Parked first = parked.first(key).orElse(null);
            if (first == null || !replay(first)) {
                return replayed;
            }
        }
    }

    /** Gives a parked event up for good, even if it comes again, and takes in those behind it. */
    void discard(ParkedEvents.Parked event) {
        log.warn("discarding {} of {}, parked as {}", event.id(), event.key(), event.reason());
        Received received = verify(event.toRecord());
        transaction.executeWithoutResult(status -> {
            ClusterLockFactory.lockUntilTransactionEnds(jdbc, LOCK);
            parked.remove(event.id());
            if (received.refusal == null) {
                markSeen(Set.of(EventId.of(received.verified())));
            }
        });
        replay(event.key());
    }

    private boolean replay(ParkedEvents.Parked event) {
        Received received = verify(event.toRecord());
        if (received.refusal != null) {
            keep(event, received.refusal.reason().name(), received.refusal);
            return false;
        }
        try {
            transaction.executeWithoutResult(status -> {
                ClusterLockFactory.lockUntilTransactionEnds(jdbc, LOCK);
                if (parked.remove(event.id())) {
                    handleUnseen(List.of(received.verified()));
                }
            });
            return true;
        } catch (RuntimeException e) {
            if (Failures.isTransient(e)) {
                throw e;
            }
            PredecessorMissing missing = predecessorMissing(e);
            if (missing == null) {
                keep(event, reasonOf(e), e);
            } else {
                transaction.executeWithoutResult(status -> parked.waitOn(event, missing));
            }
            return false;
        }
    }

    private void keep(ParkedEvents.Parked event, String reason, Exception cause) {
        transaction.executeWithoutResult(status -> parked.keep(event, reason, cause));
    }

    private Received verify(ConsumerRecord<String, byte[]> record) {
        try {
            return new Received(record, verifier.verify(record), null);
        } catch (EventRefused e) {
            return new Received(record, null, e);
        }
    }

    private void take(List<Received> batch) {
        ClusterLockFactory.lockUntilTransactionEnds(jdbc, LOCK);
        Set<ParkedEvents.Key> blocked = parked.blockedAmong(batch.stream()
                .map(received -> ParkedEvents.Key.of(received.record))
                .toList());
        List<VerifiedEvent> free = new ArrayList<>();
        for (Received received : batch) {
            ParkedEvents.Key key = ParkedEvents.Key.of(received.record);
            if (received.refusal != null) {
                parked.park(received.record, received.refusal.reason().name(), received.refusal);
                blocked.add(key);
            } else if (blocked.contains(key)) {
                parked.parkBehind(received.record);
            } else {
                free.add(received.verified());
            }
        }
        handleUnseen(free);
    }

    private void takeAlone(Received received) {
        try {
            transaction.executeWithoutResult(status -> take(List.of(received)));
        } catch (RuntimeException e) {
            if (Failures.isTransient(e)) {
                throw e;
            }
            PredecessorMissing missing = predecessorMissing(e);
            transaction.executeWithoutResult(status -> {
                if (missing == null) {
                    parked.park(received.record, reasonOf(e), e);
                } else {
                    parked.parkWaiting(received.record, missing);
                }
            });
        }
    }

    private static @Nullable PredecessorMissing predecessorMissing(RuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PredecessorMissing missing) {
                return missing;
            }
        }
        return null;
    }

    private void handleUnseen(List<VerifiedEvent> events) {
        Map<EventId, VerifiedEvent> unseen = new LinkedHashMap<>();
        events.forEach(event -> unseen.putIfAbsent(EventId.of(event), event));
        unseen.keySet().retainAll(markSeen(unseen.keySet()));
        duplicates.increment(events.size() - unseen.size());
        if (!unseen.isEmpty()) {
            handler.handle(List.copyOf(unseen.values()));
        }
    }

    /** Inserts the ids; returns those that were not there before. */
    private Set<EventId> markSeen(Set<EventId> ids) {
        if (ids.isEmpty()) {
            return Set.of();
        }
        return Set.copyOf(jdbc.sql("""
                        insert into inbox_event (source, event_id)
                        select * from unnest(:sources::text[], :ids::text[])
                        on conflict do nothing
                        returning source, event_id""")
                .param("sources", ids.stream().map(EventId::source).toArray(String[]::new))
                .param("ids", ids.stream().map(EventId::id).toArray(String[]::new))
                .query((row, number) -> new EventId(row.getString(1), row.getString(2)))
                .list());
    }

    private static String reasonOf(RuntimeException failure) {
        return failure instanceof EventRefused refused ? refused.reason().name() : "HANDLER_FAILED";
    }

    private record EventId(String source, String id) {

        static EventId of(VerifiedEvent event) {
            return new EventId(
                    event.event().getSource().toString(), event.event().getId());
        }
    }

    /** A record as verified: exactly one of {@code event} and {@code refusal} is there. */
    private record Received(
            ConsumerRecord<String, byte[]> record,
            @Nullable VerifiedEvent event,
            @Nullable EventRefused refusal) {

        VerifiedEvent verified() {
            return Objects.requireNonNull(event);
        }
    }
}
