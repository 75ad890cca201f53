package io.jiucang.starter.inbox;

import io.jiucang.starter.FailureLog;
import io.jiucang.starter.Progress;
import io.jiucang.starter.store.Failures;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.dao.DataAccessException;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;

/** Hands what the consumers fetch to the inbox, and has them fetch again what was quarantined too early. */
final class InboxListener implements BatchMessageListener<String, byte[]>, ConsumerAwareRebalanceListener {

    private static final Logger log = LoggerFactory.getLogger(InboxListener.class);

    private final FailureLog failures = new FailureLog(log);
    private final Inbox inbox;
    private final Quarantine quarantine;
    private final Progress progress;
    private final Set<TopicPartition> readAgain = ConcurrentHashMap.newKeySet();
    private volatile boolean assigned;

    InboxListener(Inbox inbox, Quarantine quarantine, Progress progress) {
        this.inbox = inbox;
        this.quarantine = quarantine;
        this.progress = progress;
    }

    /** Up once the consumers have been told which partitions are theirs, and as long as what they fetch takes effect. */
    Health health() {
        return assigned
                ? progress.health()
                : Health.down().withDetail("inbox", "waits for its partitions").build();
    }

    @Override
    public void onMessage(List<ConsumerRecord<String, byte[]>> records) {
        try {
            inbox.receive(records);
            progress.made();
        } catch (RuntimeException e) {
            progress.failed(e);
            if (!Failures.isTransient(e)) {
                failures.error("a batch did not take effect", e);
            }
            throw e;
        }
        if (!readAgain.isEmpty()) {
            for (ConsumerRecord<String, byte[]> record : records) {
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                if (readAgain.contains(partition)) {
                    quarantine.readAgain(partition, record.offset());
                }
            }
        }
    }

    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        assigned = true;
        try {
            quarantine.unknownUnderAnother(partitions).forEach((partition, offset) -> {
                if (offset < consumer.position(partition)) {
                    readAgain.add(partition);
                    consumer.seek(partition, offset);
                }
            });
        } catch (DataAccessException e) {
            // They are read again after the next start: better than a consumer that does not begin.
            failures.warn("what was quarantined for an unknown key is not read again yet", e);
        }
    }
}
