package io.jiucang.starter.inbox;

import io.jiucang.events.EventRefused;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.starter.AfterCommit;
import io.jiucang.starter.EventLimits;
import io.jiucang.starter.store.ClusterLockFactory;
import io.jiucang.starter.store.Evidence;
import io.jiucang.starter.store.Failures;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Takes in what other services tell: one business effect per event, whatever Kafka, this process or a forger does.
 *
 * <p>What nobody here has a use for is passed over; what is not authentic is quarantined, and neither stops anything. The
 * authentic events of a batch are one transaction: locked, deduplicated and handled; the consumer's offsets are committed
 * after it. If it fails, it is done again with a savepoint for each event, so that one that cannot take effect costs only
 * its own key: it is parked with its reason; what comes later for the same key is parked behind it, in order, until an
 * operator replays or discards it, or until the event it waited for has come.
 *
 * <p>What is the law's business takes effect once the ledger has it and the law says it is valid: before its transaction begins
 * the batch waits a moment for that; what is not ruled by then is parked like an event whose predecessor is missing.
 *
 * <p>Batches overlap, of several partitions and of several replicas; {@link BusinessLocks} names what must not.
 */
final class Inbox {

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Logger log = LoggerFactory.getLogger(Inbox.class);

    private final EventVerifier verifier;
    private final InboxHandler handler;
    private final LawGate law;
    private final BusinessLocks locks;
    private final Quarantine quarantine;
    private final ParkedEvents parked;
    private final Evidence evidence;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Counter duplicates;

    /** @param transaction a new one, or a savepoint within the one that runs */
    Inbox(
            EventVerifier verifier,
            InboxHandler handler,
            LawGate law,
            BusinessLocks locks,
            Quarantine quarantine,
            ParkedEvents parked,
            Evidence evidence,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            MeterRegistry meters) {
        this.verifier = verifier;
        this.handler = handler;
        this.law = law;
        this.locks = locks;
        this.quarantine = quarantine;
        this.parked = parked;
        this.evidence = evidence;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.duplicates = meters.counter("jiucang.inbox.duplicates");
    }

    /** Returns once every record has taken effect, was seen before, or is parked; throws when it should come again. */
    void receive(List<ConsumerRecord<String, byte[]>> records) {
        List<Received> batch = records.parallelStream()
                .filter(this::concernsUs)
                .map(this::verify)
                .toList();
        if (!batch.isEmpty()) {
            law.await(batch.stream()
                    .filter(Authentic.class::isInstance)
                    .map(Authentic.class::cast)
                    .map(Authentic::event));
            receiveVerified(batch);
        }
    }

    private void receiveVerified(List<Received> batch) {
        try {
            transaction.executeWithoutResult(status -> take(batch, false));
        } catch (RuntimeException e) {
            if (Failures.isTooLarge(e) && batch.size() > 1) {
                receiveVerified(batch.subList(0, batch.size() / 2));
                receiveVerified(batch.subList(batch.size() / 2, batch.size()));
            } else if (Failures.isTransient(e)) {
                throw e;
            } else {
                transaction.executeWithoutResult(status -> take(batch, true));
            }
        }
    }

    /**
     * Evidence, and events by the type they claim. What claims none, or to be our own on another's topic, is not passed over, but
     * counted among what is no event.
     */
    private boolean concernsUs(ConsumerRecord<String, byte[]> record) {
        Optional<String> type = SignedEvents.claimedType(record);
        return isEvidence(record)
                || type.isEmpty()
                || handler.handles(type.get())
                || law.isOutOfPlace(type.get(), record.topic());
    }

    private static boolean isEvidence(ConsumerRecord<String, byte[]> record) {
        return record.topic().equals(Topics.EVIDENCE);
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
        transaction.executeWithoutResult(status -> {
            parked.remove(event.id());
            if (verify(event.toRecord()) instanceof Authentic authentic) {
                markSeen(List.of(authentic.event));
            }
        });
        replay(event.key());
    }

    private boolean replay(ParkedEvents.Parked event) {
        try {
            transaction.executeWithoutResult(status -> {
                VerifiedEvent verified = verifier.verify(event.toRecord());
                if (law.isWaiting(verified)) {
                    throw LawGate.notRuled();
                }
                lock(List.of(verified));
                if (parked.remove(event.id())) {
                    handleUnseen(List.of(verified));
                }
            });
            return true;
        } catch (RuntimeException e) {
            if (Failures.isTransient(e)) {
                throw e;
            }
            PredecessorMissing missing = predecessorMissing(e);
            transaction.executeWithoutResult(status -> {
                if (missing == null) {
                    parked.keep(event, reasonOf(e), e);
                } else {
                    parked.waitOn(event, missing);
                }
            });
            return false;
        }
    }

    private Received verify(ConsumerRecord<String, byte[]> record) {
        try {
            EventLimits.require(record);
            if (isEvidence(record)) {
                return new Bytes(EvidenceRecords.content(record));
            }
            VerifiedEvent event = verifier.verify(record);
            return new Authentic(record, event, unreadable(event));
        } catch (EventRefused e) {
            return new Refused(new Quarantine.Refused(record, e));
        }
    }

    /** Signed by its source all the same: that it cannot be read is for an operator to solve. */
    private @Nullable EventRefused unreadable(VerifiedEvent event) {
        try {
            event.domainEvent();
            return null;
        } catch (EventRefused e) {
            return e.reason() == EventRefused.Reason.UNKNOWN_TYPE ? null : e;
        }
    }

    /** @param carefully whether an event that fails is undone by itself, and parked */
    private void take(List<Received> batch, boolean carefully) {
        List<Quarantine.Refused> refused = new ArrayList<>();
        List<byte[]> bytes = new ArrayList<>();
        List<Authentic> authentic = new ArrayList<>();
        for (Received received : batch) {
            switch (received) {
                case Refused one -> refused.add(one.why);
                case Bytes one -> bytes.add(one.content);
                case Authentic one -> authentic.add(one);
            }
        }
        quarantine.add(refused);
        tellAgainWhatTheyHide(refused);
        if (authentic.isEmpty() && bytes.isEmpty()) {
            return;
        }
        // Once, for it may be ruled at any moment: what is not locked here must not take effect below.
        Set<Authentic> waiting = authentic.stream()
                .filter(one -> law.isWaiting(one.event))
                .collect(Collectors.toCollection(() -> Collections.newSetFromMap(new IdentityHashMap<>())));
        lock(authentic.stream()
                .filter(one -> !waiting.contains(one))
                .map(Authentic::event)
                .toList());
        evidence.receive(bytes);
        Set<ParkedEvents.Key> blocked =
                parked.blockedAmong(authentic.stream().map(Authentic::key).toList());
        List<VerifiedEvent> free = new ArrayList<>();
        for (Authentic one : authentic) {
            if (blocked.contains(one.key())) {
                parked.parkBehind(one.record);
            } else if (waiting.contains(one)) {
                parked.parkWaiting(one.record, LawGate.notRuled());
                blocked.add(one.key());
            } else if (law.isVoid(one.event)) {
                free.add(one.event);
            } else if (one.unreadable != null) {
                parked.park(one.record, one.unreadable.reason().name(), one.unreadable);
                blocked.add(one.key());
            } else if (waits(one)) {
                blocked.add(one.key());
            } else if (carefully) {
                if (!takeAlone(one)) {
                    blocked.add(one.key());
                }
            } else {
                free.add(one.event);
            }
        }
        handleUnseen(free);
    }

    /** Compaction keeps the last record of a key alone: so would whoever sends anything under a name take away its evidence. */
    private void tellAgainWhatTheyHide(List<Quarantine.Refused> refused) {
        List<String> names = refused.stream()
                .map(Quarantine.Refused::record)
                .filter(Inbox::isEvidence)
                .map(ConsumerRecord::key)
                .filter(key -> key != null && SHA256.matcher(key).matches())
                .toList();
        if (!names.isEmpty()) {
            evidence.tellAgain(names);
        }
    }

    /** What is void may say anything, and concerns nobody. */
    private void lock(List<VerifiedEvent> events) {
        List<VerifiedEvent> readable = events.stream()
                .filter(event -> unreadable(event) == null && !law.isVoid(event))
                .toList();
        locks.take(readable, names -> ClusterLockFactory.lockAllUntilTransactionEnds(jdbc, names));
    }

    /** Whether it is parked, since what must come before it has not; the rest of its batch is handled as one all the same. */
    private boolean waits(Authentic one) {
        try {
            handler.requirePredecessors(one.event);
            return false;
        } catch (PredecessorMissing e) {
            parked.parkWaiting(one.record, e);
            return true;
        }
    }

    /** Whether it took effect; if not, it is parked. */
    private boolean takeAlone(Authentic one) {
        try {
            transaction.executeWithoutResult(status -> handleUnseen(List.of(one.event)));
            return true;
        } catch (RuntimeException e) {
            if (Failures.isTransient(e)) {
                throw e;
            }
            PredecessorMissing missing = predecessorMissing(e);
            if (missing == null) {
                parked.park(one.record, reasonOf(e), e);
            } else {
                parked.parkWaiting(one.record, missing);
            }
            return false;
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
        if (events.isEmpty()) {
            return;
        }
        List<VerifiedEvent> unseen = markSeen(events);
        AfterCommit.run(() -> duplicates.increment(events.size() - unseen.size()));
        List<VerifiedEvent> valid =
                unseen.stream().filter(event -> !law.isVoid(event)).toList();
        if (!valid.isEmpty()) {
            handler.handle(valid);
        }
    }

    /** Marks these as seen; returns those that were not before, each once. */
    private List<VerifiedEvent> markSeen(List<VerifiedEvent> events) {
        Map<ByteBuffer, VerifiedEvent> byLeaf = new LinkedHashMap<>();
        events.forEach(event -> byLeaf.putIfAbsent(ByteBuffer.wrap(event.leafHash()), event));
        byLeaf.keySet()
                .retainAll(jdbc.sql("""
                                insert into inbox_event (leaf_hash) select * from unnest(?::bytea[])
                                on conflict do nothing returning leaf_hash""")
                        .param(byLeaf.keySet().stream().map(ByteBuffer::array).toArray(byte[][]::new))
                        .query((row, number) -> ByteBuffer.wrap(row.getBytes(1)))
                        .set());
        return List.copyOf(byLeaf.values());
    }

    private static String reasonOf(RuntimeException failure) {
        return failure instanceof EventRefused refused ? refused.reason().name() : "HANDLER_FAILED";
    }

    /** A record, looked at. */
    private sealed interface Received {}

    private record Refused(Quarantine.Refused why) implements Received {}

    /** Evidence, held against its name. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Bytes(byte[] content) implements Received {}

    /** @param unreadable why it cannot be handled though its source has signed it */
    private record Authentic(
            ConsumerRecord<String, byte[]> record,
            VerifiedEvent event,
            @Nullable EventRefused unreadable) implements Received {

        ParkedEvents.Key key() {
            return ParkedEvents.Key.of(record);
        }
    }
}
