package io.jiucang.starter.inbox;

import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.starter.ServiceSettings;
import io.jiucang.starter.store.RelayConfiguration;
import io.jiucang.starter.web.RequestTransaction;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.axonframework.config.ConfigurerModule;
import org.axonframework.eventhandling.PropagatingErrorHandler;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
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
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.backoff.ExponentialBackOff;

/** How the events of others come in. */
@AutoConfiguration(
        after = RelayConfiguration.class,
        afterName = "org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration")
@EnableConfigurationProperties(ServiceSettings.class)
@EnableScheduling
class InboxConfiguration {

    private static final long FIRST_RETRY_MILLIS = 200;
    private static final long LAST_RETRY_MILLIS = 10_000;

    @Bean
    InboxEvents inboxEvents() {
        return new InboxEvents();
    }

    /** Sagas, policies and views handle our own events and the inbox's within the transaction that brings them. */
    @Bean
    ConfigurerModule eventProcessing(InboxEvents inbox) {
        return configurer -> configurer
                .eventProcessing()
                .usingSubscribingEventProcessors()
                .configureDefaultSubscribableMessageSource(c -> inbox.and(c.eventStore()))
                .registerDefaultListenerInvocationErrorHandler(c -> PropagatingErrorHandler.instance())
                .registerDefaultErrorHandler(c -> PropagatingErrorHandler.instance());
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
        return new Inbox(verifier, handler, parked, jdbc, new TransactionTemplate(transactions), meters);
    }

    @Bean
    InboxRetry inboxRetry(Inbox inbox, ParkedEvents parked) {
        return new InboxRetry(inbox, parked);
    }

    @Bean
    ParkedEventsController parkedEventsController(Inbox inbox, ParkedEvents parked, RequestTransaction transaction) {
        return new ParkedEventsController(inbox, parked, transaction);
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
    MeterBinder inboxMeters(ParkedEvents parked, ConcurrentMessageListenerContainer<String, byte[]> container) {
        return registry -> {
            Gauge.builder("jiucang.inbox.lag", () -> inboxLag(container))
                    .description("Events in the topics that the inbox has not fetched")
                    .register(registry);
            Gauge.builder("jiucang.inbox.parked.keys", parked::keys)
                    .description("Keys whose events wait behind one that did not take effect")
                    .register(registry);
            Gauge.builder("jiucang.inbox.dead.letters", parked::deadLetters)
                    .description("Events that wait for an operator")
                    .register(registry);
        };
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
