package io.jiucang.starter.inbox;

import io.jiucang.events.EventTypes;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.value.Sha256;
import io.jiucang.starter.FailureLog;
import io.jiucang.starter.Progress;
import io.jiucang.starter.RefusedToStart;
import io.jiucang.starter.ServiceSettings;
import io.jiucang.starter.law.LawConfiguration;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.law.OwnAnchored;
import io.jiucang.starter.store.Evidence;
import io.jiucang.starter.store.Failures;
import io.jiucang.starter.store.SignedEventStore;
import io.jiucang.starter.web.RequestTransaction;
import io.jiucang.title.directory.Directory;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.axonframework.config.Configuration;
import org.axonframework.config.ConfigurerModule;
import org.axonframework.config.EventProcessingConfiguration;
import org.axonframework.eventhandling.DirectEventProcessingStrategy;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.MultiEventHandlerInvoker;
import org.axonframework.eventhandling.PropagatingErrorHandler;
import org.axonframework.eventhandling.SubscribingEventProcessor;
import org.axonframework.messaging.annotation.AnnotatedHandlerInspector;
import org.axonframework.messaging.annotation.MessageHandlingMember;
import org.axonframework.modelling.saga.AbstractSagaManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.backoff.ExponentialBackOff;

/** How the events of others come in. */
@AutoConfiguration(
        after = LawConfiguration.class,
        afterName = "org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration")
@EnableConfigurationProperties(ServiceSettings.class)
@EnableScheduling
class InboxConfiguration {

    private static final Logger log = LoggerFactory.getLogger(InboxConfiguration.class);
    private static final long COMMIT_EVERY_MILLIS = 1_000;
    private static final long FIRST_RETRY_MILLIS = 200;
    private static final long LAST_RETRY_MILLIS = 10_000;

    @Bean
    InboxEvents inboxEvents() {
        return new InboxEvents();
    }

    /**
     * Sagas, policies and views handle our own events and the inbox's within the transaction that brings them; the inbox
     * is told what they listen to.
     */
    @Bean
    ConfigurerModule eventProcessing(InboxEvents inbox) {
        return configurer -> configurer
                .eventProcessing()
                .registerEventProcessorFactory((name, axon, invoker) -> {
                    EventProcessingConfiguration processing = axon.eventProcessingConfiguration();
                    new MultiEventHandlerInvoker(invoker)
                            .delegates().stream()
                                    .filter(each -> !(each instanceof AbstractSagaManager))
                                    .forEach(each -> inbox.listen(each::canHandleType));
                    return SubscribingEventProcessor.builder()
                            .name(name)
                            .eventHandlerInvoker(invoker)
                            .rollbackConfiguration(processing.rollbackConfiguration(name))
                            .errorHandler(PropagatingErrorHandler.instance())
                            .messageMonitor(processing.messageMonitor(SubscribingEventProcessor.class, name))
                            .messageSource(inbox.and(axon.eventStore()))
                            .processingStrategy(DirectEventProcessingStrategy.INSTANCE)
                            .transactionManager(processing.transactionManager(name))
                            .build();
                })
                .registerDefaultListenerInvocationErrorHandler(axon -> PropagatingErrorHandler.instance());
    }

    /** Saga managers say they take everything; their sagas know better. */
    @Bean
    SmartInitializingSingleton sagasListen(InboxEvents inbox, Configuration axon) {
        return () -> axon.eventProcessingConfiguration().sagaConfigurations().forEach(saga -> {
            List<MessageHandlingMember<?>> handlers = new ArrayList<>();
            AnnotatedHandlerInspector.inspectType(
                            saga.type(), axon.parameterResolverFactory(), axon.handlerDefinition(saga.type()))
                    .getAllHandlers()
                    .values()
                    .forEach(handlers::addAll);
            inbox.listen(type -> handlers.stream()
                    .anyMatch(handler -> handler.canHandleMessageType(EventMessage.class)
                            && handler.payloadType().isAssignableFrom(type)));
        });
    }

    @Bean
    ParkedEvents parkedEvents(
            ServiceSettings settings, JdbcClient jdbc, KafkaTemplate<String, byte[]> kafka, MeterRegistry meters) {
        return new ParkedEvents(settings, jdbc, kafka, meters);
    }

    @Bean
    @ConditionalOnMissingBean
    InboxHandler inboxHandler(InboxEvents inboxEvents, LawGate law, ServiceSettings settings) {
        return new AxonInboxHandler(inboxEvents, law, settings.service());
    }

    @Bean
    LawGate lawGate(ObjectProvider<LawReader> law, ServiceSettings settings) {
        return new LawGate(
                Optional.ofNullable(law.getIfAvailable()),
                Topics.sourceOf(settings.service()),
                settings.inbox().awaitRuling());
    }

    @Bean
    ApplicationListener<ContextRefreshedEvent> ownEventsAreRead(ServiceSettings settings, InboxEvents inbox) {
        return started -> {
            String own = Topics.topicOf(settings.service());
            if (inbox.isHandled(OwnAnchored.class) && !settings.topics().contains(own)) {
                throw new RefusedToStart("OwnAnchored is handled, and jiucang.topics do not name " + own);
            }
        };
    }

    @Bean
    @ConditionalOnMissingBean
    BusinessLocks businessLocks() {
        return BusinessLocks.oneBatchAtATime();
    }

    /** Whoever writes a handler is to say what must not run beside it. */
    @Bean
    ApplicationListener<ContextRefreshedEvent> everyHandlerHasItsLock(
            ServiceSettings settings, InboxHandler handler, BusinessLocks locks) {
        return started -> EventTypes.all().stream()
                .filter(event -> settings.topics().contains(Topics.topicOf(EventTypes.serviceOf(event))))
                .filter(event -> handler.handles(EventTypes.typeOf(event)) && !locks.know(event))
                .findFirst()
                .ifPresent(event -> {
                    throw new RefusedToStart("BusinessLocks does not say what " + event.getSimpleName() + " concerns");
                });
    }

    @Bean
    Quarantine quarantine(Directory directory, JdbcClient jdbc, MeterRegistry meters) {
        return new Quarantine(jdbc, meters, Sha256.hex(directory.envelope()));
    }

    @Bean
    QuarantineController quarantineController(Quarantine quarantine) {
        return new QuarantineController(quarantine);
    }

    @Bean
    Inbox inbox(
            EventVerifier verifier,
            InboxHandler handler,
            LawGate law,
            BusinessLocks locks,
            Quarantine quarantine,
            ParkedEvents parked,
            Evidence evidence,
            JdbcClient jdbc,
            PlatformTransactionManager transactions,
            MeterRegistry meters) {
        TransactionTemplate nested = new TransactionTemplate(transactions);
        // A savepoint, where a transaction runs: one event that fails is undone without the others of its batch.
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        return new Inbox(verifier, handler, law, locks, quarantine, parked, evidence, jdbc, nested, meters);
    }

    @Bean
    InboxListener inboxListener(Inbox inbox, Quarantine quarantine, ServiceSettings settings) {
        return new InboxListener(inbox, quarantine, new Progress("events do not arrive", settings.patience()));
    }

    /** Its state is the health indicator {@code broker}. */
    @Bean
    BrokerWatch brokerHealthIndicator(KafkaAdmin kafka, ServiceSettings settings) {
        return new BrokerWatch(kafka, new Progress("the broker does not answer", settings.patience()));
    }

    @Bean
    InboxRetry inboxRetry(Inbox inbox, ParkedEvents parked) {
        return new InboxRetry(inbox, parked);
    }

    @Bean
    ParkedEventsController parkedEventsController(Inbox inbox, ParkedEvents parked, RequestTransaction transaction) {
        return new ParkedEventsController(inbox, parked, transaction);
    }

    /**
     * Offsets are committed after the listener returns, that is, after its transaction has committed; not for each batch, for
     * what is read again after a crash is known by its leaf.
     */
    @Bean
    ConcurrentMessageListenerContainer<String, byte[]> inboxContainer(
            ConsumerFactory<String, byte[]> consumers, ServiceSettings settings, InboxListener inboxListener) {
        ContainerProperties container =
                new ContainerProperties(settings.topics().toArray(String[]::new));
        container.setGroupId(settings.service() + "-inbox");
        container.setAckMode(ContainerProperties.AckMode.TIME);
        container.setAckTime(COMMIT_EVERY_MILLIS);
        container.setMessageListener(inboxListener);
        container.setConsumerRebalanceListener(inboxListener);
        container
                .getKafkaConsumerProperties()
                .put("max.poll.records", Integer.toString(settings.inbox().batch()));
        ConcurrentMessageListenerContainer<String, byte[]> listener =
                new ConcurrentMessageListenerContainer<>(consumers, container);
        listener.setBeanName("inbox");
        listener.setConcurrency(settings.inbox().consumers());
        listener.setAutoStartup(!settings.topics().isEmpty());
        DefaultErrorHandler again = new DefaultErrorHandler(untilItWorks());
        // The listener has said why.
        again.setLogLevel(KafkaException.Level.DEBUG);
        listener.setCommonErrorHandler(again);
        return listener;
    }

    private static ExponentialBackOff untilItWorks() {
        ExponentialBackOff backOff = new ExponentialBackOff(FIRST_RETRY_MILLIS, 2);
        backOff.setMaxInterval(LAST_RETRY_MILLIS);
        return backOff;
    }

    @Bean
    TopicsAsAgreed topicsAsAgreed(
            KafkaAdmin kafka, ServiceSettings settings, SignedEventStore events, Evidence evidence) {
        return new TopicsAsAgreed(kafka, settings, events, evidence);
    }

    /** Up once the consumers know their partitions, and as long as what they fetch takes effect. */
    @Bean
    HealthIndicator inboxHealthIndicator(
            ConcurrentMessageListenerContainer<String, byte[]> container, InboxListener listener) {
        return () -> {
            if (!container.isAutoStartup()) {
                return Health.up().build();
            }
            if (!container.isChildRunning()) {
                return Health.down().withDetail("inbox", "not running").build();
            }
            return listener.health();
        };
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

        private final FailureLog failures = new FailureLog(log);
        private final Inbox inbox;
        private final ParkedEvents parked;

        InboxRetry(Inbox inbox, ParkedEvents parked) {
            this.inbox = inbox;
            this.parked = parked;
        }

        @Scheduled(fixedDelayString = "${jiucang.inbox.retry-every:1s}")
        void retryDue() {
            try {
                parked.due().forEach(inbox::replay);
            } catch (RuntimeException e) {
                if (Failures.isTransient(e)) {
                    failures.warn("parked events are tried later", e);
                } else {
                    failures.error("parked events cannot be tried again", e);
                }
            }
        }
    }
}
