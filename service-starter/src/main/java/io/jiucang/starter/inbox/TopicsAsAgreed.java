package io.jiucang.starter.inbox;

import io.jiucang.events.Topics;
import io.jiucang.starter.RefusedToStart;
import io.jiucang.starter.ServiceSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.kafka.core.KafkaAdmin;

/**
 * Sees to it, before anything is sent or read, that the topics are there and as agreed; makes those that are missing, so
 * that services may start in any order.
 *
 * <p>A topic with another number of partitions is refused: events of one key would stand in two of them, in no order. And
 * a topic keeps records uncompressed and of limited size, so that none can unfold to gigabytes in its reader.
 */
final class TopicsAsAgreed implements SmartInitializingSingleton {

    private static final Map<String, String> LIMITS = Map.of(
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
            Integer.toString((1 << 20) + (1 << 17)),
            TopicConfig.COMPRESSION_TYPE_CONFIG,
            "uncompressed");

    private final KafkaAdmin kafka;
    private final ServiceSettings settings;

    TopicsAsAgreed(KafkaAdmin kafka, ServiceSettings settings) {
        this.kafka = kafka;
        this.settings = settings;
    }

    @Override
    public void afterSingletonsInstantiated() {
        List<String> own = List.of(Topics.topicOf(settings.service()), Topics.deadLettersOf(settings.service()));
        List<String> all = Stream.concat(own.stream(), settings.topics().stream())
                .distinct()
                .toList();
        try (Admin admin = Admin.create(kafka.getConfigurationProperties())) {
            create(admin, missing(admin, all));
            limit(admin, own);
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
                .map(topic -> new NewTopic(topic, Optional.of(settings.partitions()), Optional.empty()).configs(LIMITS))
                .toList();
        for (KafkaFuture<Void> creation : admin.createTopics(made).values().values()) {
            try {
                creation.get();
            } catch (ExecutionException e) {
                // Another service was quicker.
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
    }

    /** Of those this service owns: of others' its reader may not even have the right. */
    private static void limit(Admin admin, List<String> topics) throws InterruptedException, ExecutionException {
        List<AlterConfigOp> limits = LIMITS.entrySet().stream()
                .map(limit ->
                        new AlterConfigOp(new ConfigEntry(limit.getKey(), limit.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        topics.forEach(topic -> changes.put(new ConfigResource(ConfigResource.Type.TOPIC, topic), limits));
        admin.incrementalAlterConfigs(changes).all().get();
    }
}
