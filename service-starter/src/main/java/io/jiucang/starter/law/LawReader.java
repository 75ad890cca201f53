package io.jiucang.starter.law;

import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventRefused;
import io.jiucang.events.EventTypes;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.LedgerException;
import io.jiucang.starter.EventLimits;
import io.jiucang.starter.FailureLog;
import io.jiucang.starter.Progress;
import io.jiucang.starter.RequestRejected;
import io.jiucang.title.ReaderStopped;
import io.jiucang.title.Ruling;
import io.jiucang.title.Title;
import io.jiucang.title.TitleState;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.event.Leaf;
import io.jiucang.title.event.Opening;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.context.SmartLifecycle;

/**
 * What this service knows of the law of title: by its own fold of the ledger, on one thread, from all topics' beginning at
 * every start. Nothing of it is in the database, so whoever writes there changes nothing of it.
 *
 * <p>It stops for good where it would have to guess; then nothing new takes effect, and the service is not ready and says why.
 * Safe for use by several threads.
 */
public final class LawReader implements SmartLifecycle {

    private static final String EVENTS_ANCHORED = EventTypes.typeOf(EventsAnchored.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration BROKER_PATIENCE = Duration.ofSeconds(10);
    private static final long PAUSE_MILLIS = 200;

    private static final Logger log = LoggerFactory.getLogger(LawReader.class);

    private final FailureLog failures = new FailureLog(log);
    private final Supplier<Consumer<String, byte[]>> consumers;
    private final EventVerifier verifier;
    private final Progress progress;
    private final Service service;
    private final String key;

    /** Of the fold, and of what is known beside it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final LawFold fold;
    private @Nullable RuntimeException stopped;
    private boolean caughtUp;

    private volatile @Nullable Thread thread;
    private volatile boolean running;

    /**
     * @param consumers makes one of its own, in no group
     * @param service this one, and {@code key} what it signs with, of which {@link #decide} is asked
     */
    LawReader(
            LawFold fold,
            Supplier<Consumer<String, byte[]>> consumers,
            EventVerifier verifier,
            Progress progress,
            Service service,
            String key) {
        this.fold = fold;
        this.consumers = consumers;
        this.verifier = verifier;
        this.progress = progress;
        this.service = service;
        this.key = key;
    }

    /** What the law says of the event with this leaf hash; empty as long as it is not anchored, as far as is known here. */
    public Optional<Ruled> ruled(Hash leaf) {
        lock.lock();
        try {
            return fold.ruled(leaf);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all these leaves are ruled, but no longer than that, and not at all once nothing more will be. */
    public void await(Collection<Hash> leaves, Duration atMost) {
        long nanos = atMost.toNanos();
        lock.lock();
        try {
            while (nanos > 0 && stopped == null && !fold.hasRuled(leaves)) {
                nanos = changed.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /**
     * What the law would say of an event of this service if it were anchored next.
     *
     * @throws RequestRejected with {@code TRY_AGAIN} if it cannot say: it has not caught up with the ledger, or has stopped
     */
    public Ruling decide(LawEvent event) {
        lock.lock();
        try {
            // No leaf has this hash: it stands for one that is not signed yet.
            Leaf leaf = new Leaf(fold.nextIndex(), Hash.of(new byte[Hash.LENGTH]), service, key, event);
            return Title.decide(trusted(), leaf);
        } finally {
            lock.unlock();
        }
    }

    /** The same of an event that is drafted and not told yet; one that names no evidence. */
    public Ruling decide(DomainEvent draft) {
        return decide(Opening.meaning(draft)
                .orElseThrow(() -> new IllegalArgumentException("not the law's business: " + draft)));
    }

    /**
     * What {@code question} finds in the state, which it must not keep.
     *
     * @throws RequestRejected as {@link #decide}
     */
    public <T> T read(Function<TitleState, T> question) {
        lock.lock();
        try {
            return question.apply(trusted());
        } finally {
            lock.unlock();
        }
    }

    private TitleState trusted() {
        if (stopped != null || !caughtUp || !fold.hasBegun()) {
            throw new RequestRejected(RequestRejected.Reason.TRY_AGAIN, "the ledger cannot be read here now");
        }
        return fold.begun();
    }

    /** Down until it has read what the topics held when it started, and for good once it has stopped. */
    Health health() {
        lock.lock();
        try {
            if (stopped != null) {
                return Health.down()
                        .withDetail("stopped", String.valueOf(stopped.getMessage()))
                        .build();
            }
            return caughtUp && fold.hasBegun()
                    ? progress.health()
                    : Health.down()
                            .withDetail("reads the ledger from its beginning", fold.nextIndex())
                            .build();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void start() {
        running = true;
        thread = Thread.ofPlatform().daemon().name("law").start(this::run);
    }

    @Override
    public void stop() {
        running = false;
        Thread reading = thread;
        if (reading != null) {
            try {
                reading.join(BROKER_PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    /** Before whatever waits for it, and stopped after that. */
    @Override
    public int getPhase() {
        return 0;
    }

    private void run() {
        while (running) {
            try (Consumer<String, byte[]> consumer = consumers.get()) {
                follow(consumer);
            } catch (ReaderStopped | LedgerNotBelieved e) {
                log.error("the law's reader has stopped, so nothing new of it takes effect: {}", e.getMessage());
                lock.lock();
                try {
                    stopped = e;
                    changed.signalAll();
                } finally {
                    lock.unlock();
                }
                return;
            } catch (RuntimeException e) {
                // Read again from the beginning: what is known already changes nothing.
                failures.error("the ledger cannot be followed", e);
                progress.failed(e);
                pause();
            }
        }
    }

    private void follow(Consumer<String, byte[]> consumer) {
        Set<String> missing = new HashSet<>(Topics.all());
        missing.add(Topics.EVIDENCE);
        Map<TopicPartition, Long> ends = Map.of();
        EvidenceSearch search = new EvidenceSearch(consumer);
        while (running) {
            if (!missing.isEmpty()) {
                assign(consumer, missing);
            }
            if (consumer.assignment().isEmpty()) {
                pause();
                continue;
            }
            if (ends.isEmpty()) {
                ends = consumer.endOffsets(consumer.assignment().stream()
                        .filter(partition -> !partition.topic().equals(Topics.EVIDENCE))
                        .toList());
            }
            ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
            take(records);
            boolean reached = !ends.isEmpty()
                    && ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            noteProgress(reached, records.isEmpty());
            lock.lock();
            try {
                search.goOn(fold.awaited(), fold.isFullOfEvidence());
            } finally {
                lock.unlock();
            }
        }
    }

    /** Those topics that are there: the services make them as they start, in any order, and none gets another partition. */
    private static void assign(Consumer<String, byte[]> consumer, Set<String> missing) {
        Set<TopicPartition> all = new HashSet<>(consumer.assignment());
        Map<String, List<PartitionInfo>> there = consumer.listTopics();
        for (String topic : List.copyOf(missing)) {
            List<PartitionInfo> partitions = there.get(topic);
            if (partitions != null) {
                partitions.forEach(partition -> all.add(new TopicPartition(topic, partition.partition())));
                missing.remove(topic);
            }
        }
        consumer.assign(all);
    }

    private void take(ConsumerRecords<String, byte[]> records) {
        List<Runnable> told = StreamSupport.stream(records.spliterator(), false).toList().parallelStream()
                .filter(LawReader::isWanted)
                .map(this::read)
                .flatMap(Optional::stream)
                .toList();
        for (Runnable one : told) {
            lock.lock();
            try {
                one.run();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private static boolean isWanted(ConsumerRecord<String, byte[]> record) {
        return isEvidence(record)
                || SignedEvents.claimedType(record)
                        .filter(type -> type.equals(EVENTS_ANCHORED) || Opening.concerns(type))
                        .isPresent();
    }

    private static boolean isEvidence(ConsumerRecord<String, byte[]> record) {
        return record.topic().equals(Topics.EVIDENCE);
    }

    /** How the fold is told of it; empty if it is no event, or not its hash, which the inbox of whoever reads the topic counts. */
    private Optional<Runnable> read(ConsumerRecord<String, byte[]> record) {
        try {
            EventLimits.require(record);
            if (isEvidence(record)) {
                byte[] content = EvidenceRecords.content(record);
                return Optional.of(() -> fold.tell(Hash.ofHex(record.key()), content));
            }
            VerifiedEvent event = verifier.verify(record);
            return Optional.of(() -> tell(event));
        } catch (EventRefused e) {
            return Optional.empty();
        }
    }

    private void tell(VerifiedEvent event) {
        if (Opening.concerns(event.event().getType())) {
            fold.tell(event);
            return;
        }
        try {
            fold.tell((EventsAnchored) event.domainEvent());
        } catch (EventRefused | LedgerException e) {
            // Ledger-service's word for it is not enough: the ledger's own key has not signed this.
            failures.error("anchors without a checkpoint of the ledger are left aside", e);
        }
    }

    private void noteProgress(boolean reached, boolean nothingCame) {
        Optional<String> lacking;
        lock.lock();
        try {
            lacking = fold.lacking();
            caughtUp |= reached && lacking.isEmpty();
        } finally {
            lock.unlock();
        }
        if (lacking.isEmpty()) {
            progress.made();
        } else if (nothingCame) {
            progress.failed(new IllegalStateException("waits for " + lacking.get()));
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
