package io.jiucang.starter.store;

import io.cloudevents.CloudEvent;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.starter.FailureLog;
import io.jiucang.starter.Progress;
import io.jiucang.starter.ServiceSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.axonframework.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Sends what the outbox holds to Kafka, as it was signed: the relay itself has no key.
 *
 * <p>A row leaves the outbox in the transaction that ends its batch, which commits only once the broker has acknowledged
 * every event of the batch: after a crash events are sent again, with the same bytes, and never left out. One replica
 * relays at a time, by a lock of that transaction. Events of one aggregate are sent in the order of their numbers, since
 * whoever records one holds the aggregate's lock until it can be read.
 *
 * <p>What an event names by its hash alone ({@link Evidence}) is with the broker before the event is sent.
 *
 * <p>A row the service did not write is not sent but withheld, and told of. One taken out by hand is found by whoever reads
 * the numbers: ledger-service counts the gap.
 */
final class OutboxRelay implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(OutboxRelay.class);
    private static final String LOCK = "outbox";
    private static final int BATCH = 500;
    /** Another replica's events, and those a wake-up was lost for, may wait this long. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final KafkaTemplate<String, byte[]> kafka;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Serializer serializer;
    private final Seal seal;
    private final Evidence evidence;
    private final String topic;
    private final int partitions;
    private final Progress progress;
    private final FailureLog failures = new FailureLog(log);
    private final Semaphore work = new Semaphore(0);
    /** As long as the producer itself tries. */
    private final Duration acknowledge;

    private @Nullable Thread flushing;
    private volatile @Nullable Thread thread;

    OutboxRelay(
            KafkaTemplate<String, byte[]> kafka,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Serializer serializer,
            Seal seal,
            Evidence evidence,
            ServiceSettings settings,
            Progress progress) {
        this.topic = Topics.topicOf(settings.service());
        this.partitions = settings.partitions();
        this.kafka = kafka;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.serializer = serializer;
        this.seal = seal;
        this.evidence = evidence;
        this.progress = progress;
        this.acknowledge = Duration.ofMillis(Long.parseLong(String.valueOf(kafka.getProducerFactory()
                .getConfigurationProperties()
                .getOrDefault(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000))));
    }

    /** Has the relay look at once. */
    void wake() {
        work.release();
    }

    @Override
    public void start() {
        Thread relay = Thread.ofPlatform().name("outbox-relay").daemon().unstarted(this::run);
        // Before it runs, for it runs as long as it is this one.
        thread = relay;
        relay.start();
    }

    @Override
    public void stop() {
        Thread running = thread;
        thread = null;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void run() {
        Duration pause = Duration.ofMillis(100);
        while (thread == Thread.currentThread()) {
            try {
                boolean more = Boolean.TRUE.equals(transaction.execute(status -> relay()));
                progress.made();
                pause = Duration.ofMillis(100);
                if (!more) {
                    await(LOOK_AGAIN);
                }
            } catch (RuntimeException | Error e) {
                // An error too: without its thread a service would tell nothing, and say that all is well.
                if (thread == Thread.currentThread()) {
                    progress.failed(e);
                    if (!Failures.isTransient(e)) {
                        failures.error("events stay in the outbox", e);
                    }
                    await(pause);
                    pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
                }
            }
        }
    }

    private void await(Duration longest) {
        try {
            if (work.tryAcquire(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                work.drainPermits();
            }
        } catch (InterruptedException e) {
            // It is to stop.
            Thread.currentThread().interrupt();
        }
    }

    /** Sends one batch; whether there may be more. */
    private boolean relay() {
        if (!ClusterLockFactory.tryLockUntilTransactionEnds(jdbc, LOCK)) {
            return false;
        }
        List<Waiting> batch = jdbc.sql("select o.global_index, " + StoredEvent.COLUMNS + """
                        from outbox o left join domain_event_entry e using (global_index)
                        where o.withheld is null order by o.global_index limit ?""")
                .param(BATCH)
                .query((row, number) -> {
                    try {
                        return new Waiting(row.getLong(1), StoredEvent.read(row, seal), null);
                    } catch (StoredRowAltered e) {
                        return new Waiting(row.getLong(1), null, e);
                    }
                })
                .list();
        // Only now, that is, of all these events.
        List<byte[]> untold = evidence.untold(BATCH);
        if (!untold.isEmpty()) {
            send(untold.stream().map(EvidenceRecords::toRecord).toList());
            evidence.told(untold);
        }
        if (untold.size() == BATCH) {
            return true;
        }
        if (!batch.isEmpty()) {
            requirePartitions();
        }
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
        List<Long> sent = new ArrayList<>();
        for (Waiting waiting : batch) {
            if (waiting.event == null || waiting.event.envelope() == null) {
                withhold(waiting);
            } else {
                records.add(SignedEvents.toRecord(signed(waiting.event)));
                sent.add(waiting.index);
            }
        }
        send(records);
        if (!sent.isEmpty()) {
            jdbc.sql("delete from outbox where global_index = any(?)")
                    .param(sent.toArray(Long[]::new))
                    .update();
        }
        return batch.size() == BATCH;
    }

    /** Returns once the broker has acknowledged all of them. */
    private void send(List<ProducerRecord<String, byte[]>> records) {
        List<Future<?>> sends = new ArrayList<>();
        for (ProducerRecord<String, byte[]> record : records) {
            CompletableFuture<?> send = kafka.send(record);
            if (send.isCompletedExceptionally()) {
                // Each of those behind it would wait as long for a broker that does not even tell of the topic.
                acknowledged(send);
            }
            sends.add(send);
        }
        if (!sends.isEmpty()) {
            flush();
            sends.forEach(this::acknowledged);
        }
    }

    /** With another number, what comes next for a key would go to another partition than what came before. */
    private void requirePartitions() {
        int found = kafka.partitionsFor(topic).size();
        if (found != partitions) {
            throw new KafkaException("topic " + topic + " has " + found + " partitions now, not " + partitions
                    + "; delete it and restart this service, which makes it and tells everything again");
        }
    }

    /**
     * Has the producer send at once. Nobody waits for that: where the broker gives no answer to a producer that is new to it,
     * there is no limit to how long it takes.
     */
    private void flush() {
        Thread before = flushing;
        if (before == null || !before.isAlive()) {
            flushing = Thread.ofVirtual().name("outbox-flush").start(kafka::flush);
        }
    }

    private CloudEvent signed(StoredEvent event) {
        return SignedEvents.signed(event.toCloudEvent(serializer), Objects.requireNonNull(event.envelope()));
    }

    private void withhold(Waiting waiting) {
        String why = waiting.refusal == null ? "it bears no signature" : String.valueOf(waiting.refusal.getMessage());
        log.error("event {} of the outbox is not sent: {}", waiting.index, why);
        jdbc.sql("update outbox set withheld = ? where global_index = ?")
                .params(why, waiting.index)
                .update();
    }

    private void acknowledged(Future<?> send) {
        try {
            send.get(acknowledge.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new KafkaException("the broker did not take an event", e.getCause());
        } catch (TimeoutException e) {
            throw new KafkaException("the broker did not take an event within " + acknowledge.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while events were sent", e);
        }
    }

    /** @param event null if the service did not write it, for the reason in {@code refusal} */
    private record Waiting(
            long index,
            @Nullable StoredEvent event,
            @Nullable StoredRowAltered refusal) {}
}
