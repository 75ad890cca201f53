package io.jiucang.starter;

import io.jiucang.events.EventSigner;
import io.jiucang.events.EventVerifier;
import io.jiucang.events.KeyDirectory;
import io.jiucang.events.Topics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.axonframework.config.Configuration;
import org.axonframework.config.ConfigurerModule;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventhandling.async.SequentialPerAggregatePolicy;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.SimpleSerializedObject;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.kafka.config.TopicBuilder;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.backoff.ExponentialBackOff;

/** How one event leaves the service and how others come in. */
@AutoConfiguration(
        after = EventStoreConfiguration.class,
        afterName = "org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration")
@EnableConfigurationProperties(ServiceSettings.class)
@EnableScheduling
class MessagingConfiguration {

    private static final int RELAY_SEGMENTS = 4;
    private static final int RELAY_BATCH = 50;
    private static final long FIRST_RETRY_MILLIS = 200;
    private static final long LAST_RETRY_MILLIS = 10_000;

    /**
     * Ticks in milliseconds, for that is what the event store keeps of an event's time. So is Axon's own clock set to: a
     * view has the same times whether it handled an event when it happened or read it later.
     */
    @Bean
    Clock clock() {
        Clock clock = Clock.tickMillis(ZoneOffset.UTC);
        GenericEventMessage.clock = clock;
        return clock;
    }

    @Bean
    KeyDirectory keyDirectory(ServiceSettings settings) {
        return KeyFiles.trustedKeys(settings.trustedKeys());
    }

    @Bean
    EventSigner eventSigner(ServiceSettings settings, EventVerifier verifier, Clock clock) {
        return KeyFiles.signer(settings, verifier, clock.instant());
    }

    @Bean
    EventVerifier eventVerifier(KeyDirectory keys) {
        return new EventVerifier(keys);
    }

    @Bean
    OutboxRelay outboxRelay(KafkaTemplate<String, byte[]> kafka, EventSigner signer, JdbcTemplate jdbc) {
        return new OutboxRelay(kafka, signer, jdbc);
    }

    @Bean
    SignedEventStore signedEventStore(JdbcClient jdbc, Serializer serializer) {
        return new SignedEventStore(jdbc, serializer);
    }

    @Bean
    ConfigurerModule relayProcessing() {
        return configurer -> configurer
                .eventProcessing()
                .registerPooledStreamingEventProcessor(
                        OutboxRelay.NAME,
                        Configuration::eventStore,
                        (config, builder) -> builder.initialSegmentCount(RELAY_SEGMENTS)
                                .batchSize(RELAY_BATCH)
                                .initialToken(source -> source.createTailToken()))
                .registerSequencingPolicy(OutboxRelay.NAME, c -> SequentialPerAggregatePolicy.instance());
    }

    @Bean
    ParkedEvents parkedEvents(
            ServiceSettings settings, JdbcClient jdbc, KafkaTemplate<String, byte[]> kafka, MeterRegistry meters) {
        return new ParkedEvents(settings, jdbc, kafka, meters);
    }

    @Bean
    @ConditionalOnMissingBean
    InboxHandler inboxHandler(InboxEvents inboxEvents) {
        return new AxonInboxHandler(inboxEvents);
    }

    @Bean
    Inbox inbox(
            EventVerifier verifier,
            InboxHandler handler,
            ParkedEvents parked,
            JdbcClient jdbc,
            PlatformTransactionManager transactions,
            MeterRegistry meters) {
        TransactionTemplate ownTransaction = new TransactionTemplate(transactions);
        // An operator's replay runs within the request's transaction: what fails must undo neither that nor what took
        // effect before.
        ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        return new Inbox(verifier, handler, parked, jdbc, ownTransaction, meters);
    }

    @Bean
    InboxRetry inboxRetry(Inbox inbox, ParkedEvents parked) {
        return new InboxRetry(inbox, parked);
    }

    @Bean
    ParkedEventsController parkedEventsController(Inbox inbox, ParkedEvents parked) {
        return new ParkedEventsController(inbox, parked);
    }

    /** Offsets are committed after the listener returns, that is, after its transaction has committed. */
    @Bean
    ConcurrentMessageListenerContainer<String, byte[]> inboxContainer(
            ConsumerFactory<String, byte[]> consumers, ServiceSettings settings, Inbox inbox) {
        ContainerProperties container =
                new ContainerProperties(settings.topics().toArray(String[]::new));
        container.setGroupId(settings.service() + "-inbox");
        container.setAckMode(ContainerProperties.AckMode.BATCH);
        container.setMessageListener((BatchMessageListener<String, byte[]>) inbox::receive);
        container
                .getKafkaConsumerProperties()
                .put("max.poll.records", Integer.toString(settings.inbox().batch()));
        ConcurrentMessageListenerContainer<String, byte[]> listener =
                new ConcurrentMessageListenerContainer<>(consumers, container);
        listener.setBeanName("inbox");
        listener.setAutoStartup(!settings.topics().isEmpty());
        listener.setCommonErrorHandler(new DefaultErrorHandler(untilItWorks()));
        return listener;
    }

    private static ExponentialBackOff untilItWorks() {
        ExponentialBackOff backOff = new ExponentialBackOff(FIRST_RETRY_MILLIS, 2);
        backOff.setMaxInterval(LAST_RETRY_MILLIS);
        return backOff;
    }

    /** Creates the topics this service writes and reads, so that services may start in any order. */
    @Bean
    KafkaAdmin.NewTopics topics(ServiceSettings settings) {
        return new KafkaAdmin.NewTopics(Stream.concat(
                        Stream.of(Topics.topicOf(settings.service()), Topics.deadLettersOf(settings.service())),
                        settings.topics().stream())
                .distinct()
                .map(topic -> TopicBuilder.name(topic)
                        .partitions(settings.partitions())
                        .build())
                .toArray(NewTopic[]::new));
    }

    @Bean
    HealthIndicator inboxHealthIndicator(ConcurrentMessageListenerContainer<String, byte[]> container) {
        return () -> !container.isAutoStartup() || container.isChildRunning()
                ? Health.up().build()
                : Health.down().withDetail("inbox", "not running").build();
    }

    @Bean
    HealthIndicator outboxHealthIndicator(Configuration axon) {
        return () -> axon.eventProcessingConfiguration()
                        .eventProcessor(OutboxRelay.NAME)
                        .filter(relay -> relay.isRunning() && !relay.isError())
                        .isPresent()
                ? Health.up().build()
                : Health.down().withDetail("outbox relay", "not running").build();
    }

    @Bean
    MeterBinder messagingMeters(
            JdbcClient jdbc,
            Serializer serializer,
            ParkedEvents parked,
            ConcurrentMessageListenerContainer<String, byte[]> container) {
        return registry -> {
            Gauge.builder("jiucang.relay.lag", () -> relayLag(jdbc, serializer))
                    .description("Events stored but not yet acknowledged by Kafka")
                    .register(registry);
            Gauge.builder("jiucang.relay.age", () -> relayAgeSeconds(jdbc, serializer))
                    .baseUnit("seconds")
                    .description("Age of the oldest event not yet acknowledged by Kafka")
                    .register(registry);
            Gauge.builder("jiucang.inbox.lag", () -> inboxLag(container))
                    .description("Events in the topics that the inbox has not fetched")
                    .register(registry);
            Gauge.builder("jiucang.inbox.parked.keys", parked::keys)
                    .description("Keys whose events wait behind one that did not take effect")
                    .register(registry);
            Gauge.builder("jiucang.inbox.dead.letters", parked::deadLetters)
                    .description("Events that wait for an operator")
                    .register(registry);
            Gauge.builder("jiucang.saga.age", () -> oldestSagaSeconds(jdbc))
                    .baseUnit("seconds")
                    .description("Age of the oldest process that has not ended")
                    .register(registry);
        };
    }

    private static long relayLag(JdbcClient jdbc, Serializer serializer) {
        return jdbc.sql("select coalesce(max(global_index), 0) from domain_event_entry")
                        .query(Long.class)
                        .single()
                - relayPosition(jdbc, serializer);
    }

    private static double relayAgeSeconds(JdbcClient jdbc, Serializer serializer) {
        return jdbc.sql("""
                        select extract(epoch from now() - time_stamp::timestamptz) from domain_event_entry
                        where global_index > ? order by global_index limit 1""")
                .param(relayPosition(jdbc, serializer))
                .query(Double.class)
                .optional()
                .orElse(0.0);
    }

    /** By the stored positions, which are there even while no replica has a segment in its hands. */
    private static long relayPosition(JdbcClient jdbc, Serializer serializer) {
        List<TrackingToken> positions = jdbc.sql(
                        "select token, token_type from token_entry where processor_name = ? and token is not null")
                .param(OutboxRelay.NAME)
                .query((row, number) -> serializer.<byte[], TrackingToken>deserialize(
                        new SimpleSerializedObject<>(row.getBytes(1), byte[].class, row.getString(2), null)))
                .list();
        return positions.stream()
                .mapToLong(token -> token.position().orElse(0))
                .min()
                .orElse(0);
    }

    private static double oldestSagaSeconds(JdbcClient jdbc) {
        return jdbc.sql("select coalesce(extract(epoch from now() - min(started_at)), 0) from saga_entry")
                .query(Double.class)
                .single();
    }

    private static double inboxLag(ConcurrentMessageListenerContainer<String, byte[]> container) {
        return container.metrics().values().stream()
                .flatMap(metrics -> metrics.entrySet().stream())
                .filter(metric -> metric.getKey().name().equals("records-lag-max"))
                .mapToDouble(metric -> metric.getValue().metricValue() instanceof Double lag && !lag.isNaN() ? lag : 0)
                .max()
                .orElse(0);
    }

    /** Tries the events that wait for another again. */
    static final class InboxRetry {

        private final Inbox inbox;
        private final ParkedEvents parked;

        InboxRetry(Inbox inbox, ParkedEvents parked) {
            this.inbox = inbox;
            this.parked = parked;
        }

        @Scheduled(fixedDelayString = "${jiucang.inbox.retry-every:1s}")
        void retryDue() {
            parked.due().forEach(inbox::replay);
        }
    }
}
