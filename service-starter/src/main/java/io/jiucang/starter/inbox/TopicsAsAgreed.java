package io.jiucang.starter.inbox;

import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.starter.RefusedToStart;
import io.jiucang.starter.ServiceSettings;
import io.jiucang.starter.store.Evidence;
import io.jiucang.starter.store.SignedEventStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.kafka.core.KafkaAdmin;

/**
 * Sees to it, before anything is sent or read, that the topics are there and as agreed; makes those that are missing, so
 * that services may start in any order.
 *
 * <p>A topic with another number of partitions is refused: events of one key would stand in two of them, in no order. And
 * a topic keeps records uncompressed and of limited size, so that none can unfold to gigabytes in its reader; and for ever,
 * since the law is read from the first event at every start. A topic of our own that holds nothing of what we have told was
 * lost with its broker, or deleted: everything is told again.
 */
final class TopicsAsAgreed implements SmartInitializingSingleton {

    private static final Map<String, String> LIMITS = Map.of(
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
            Integer.toString((1 << 20) + (1 << 17)),
            TopicConfig.COMPRESSION_TYPE_CONFIG,
            "uncompressed",
            TopicConfig.RETENTION_MS_CONFIG,
            "-1");

    /** It may name persons: compacted, so that one record without a value erases what a key names. */
    private static final Map<String, String> LIMITS_OF_EVIDENCE = Map.of(
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
            Integer.toString(EvidenceRecords.LARGEST + (1 << 12)),
            TopicConfig.COMPRESSION_TYPE_CONFIG,
            "uncompressed",
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_COMPACT);

    private static final Logger log = LoggerFactory.getLogger(TopicsAsAgreed.class);

    private final KafkaAdmin kafka;
    private final ServiceSettings settings;
    private final SignedEventStore events;
    private final Evidence evidence;

    TopicsAsAgreed(KafkaAdmin kafka, ServiceSettings settings, SignedEventStore events, Evidence evidence) {
        this.kafka = kafka;
        this.settings = settings;
        this.events = events;
        this.evidence = evidence;
    }

    @Override
    public void afterSingletonsInstantiated() {
        String told = Topics.topicOf(settings.service());
        List<String> own = List.of(told, Topics.deadLettersOf(settings.service()), Topics.EVIDENCE);
        List<String> all = Stream.concat(own.stream(), settings.topics().stream())
                .distinct()
                .toList();
        try (Admin admin = Admin.create(kafka.getConfigurationProperties())) {
            create(admin, missing(admin, all));
            limit(admin, own);
            tellAgainIfLost(admin, told, events::tellAgain, "events");
            tellAgainIfLost(admin, Topics.EVIDENCE, evidence::tellAgain, "pieces of evidence");
        } catch (ExecutionException e) {
            throw new RefusedToStart(
                    "Kafka at " + kafka.getConfigurationProperties().get("bootstrap.servers")
                            + " does not tell its topics: "
                            + Optional.ofNullable(e.getCause()).orElse(e).getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedToStart("interrupted while looking for its topics", e);
        }
    }

    private List<String> missing(Admin admin, List<String> topics) throws InterruptedException, ExecutionException {
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> topic :
                admin.describeTopics(topics).topicNameValues().entrySet()) {
            try {
                int partitions = topic.getValue().get().partitions().size();
                if (partitions != settings.partitions()) {
                    throw new RefusedToStart("topic " + topic.getKey() + " has " + partitions
                            + " partitions, and jiucang.partitions is " + settings.partitions() + "; set it to "
                            + partitions + ", for no event of a topic may change its partition");
                }
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
                missing.add(topic.getKey());
            }
        }
        return missing;
    }

    private void create(Admin admin, List<String> topics) throws InterruptedException, ExecutionException {
        List<NewTopic> made = topics.stream()
                .map(topic -> new NewTopic(topic, Optional.of(settings.partitions()), Optional.empty())
                        .configs(limitsOf(topic)))
                .toList();
        for (Map.Entry<String, KafkaFuture<Void>> creation :
                admin.createTopics(made).values().entrySet()) {
            try {
                creation.getValue().get();
                log.info("topic {} was missing; made with {} partitions", creation.getKey(), settings.partitions());
            } catch (ExecutionException e) {
                // Another service was quicker.
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
    }

    /** By what it holds and not by whether it was there: whoever reads it may have been quicker to make it. */
    private void tellAgainIfLost(Admin admin, String topic, IntSupplier tellAgain, String what)
            throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (int partition = 0; partition < settings.partitions(); partition++) {
            ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
        if (admin.listOffsets(ends).all().get().values().stream().allMatch(end -> end.offset() == 0)) {
            int told = tellAgain.getAsInt();
            if (told > 0) {
                log.warn("topic {} holds nothing of the {} {} that were told; all are told again", topic, told, what);
            }
        }
    }

    /** Of those this service writes to: of others' its reader may not even have the right. */
    private static void limit(Admin admin, List<String> topics) throws InterruptedException, ExecutionException {
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        topics.forEach(topic -> changes.put(
                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                limitsOf(topic).entrySet().stream()
                        .map(limit -> new AlterConfigOp(
                                new ConfigEntry(limit.getKey(), limit.getValue()), AlterConfigOp.OpType.SET))
                        .toList()));
        admin.incrementalAlterConfigs(changes).all().get();
    }

    private static Map<String, String> limitsOf(String topic) {
        return topic.equals(Topics.EVIDENCE) ? LIMITS_OF_EVIDENCE : LIMITS;
    }
}
