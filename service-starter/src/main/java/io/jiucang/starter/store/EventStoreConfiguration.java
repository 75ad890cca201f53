package io.jiucang.starter.store;

import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.KeyDirectory;
import io.jiucang.starter.RefusedToStart;
import io.jiucang.starter.Rejection;
import io.jiucang.starter.ServiceSettings;
import javax.sql.DataSource;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.common.jdbc.ConnectionProvider;
import org.axonframework.common.lock.LockFactory;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.config.Configuration;
import org.axonframework.deadline.DeadlineManager;
import org.axonframework.deadline.dbscheduler.DbSchedulerDeadlineManager;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.messaging.correlation.CorrelationDataProvider;
import org.axonframework.messaging.interceptors.CorrelationDataInterceptor;
import org.axonframework.modelling.saga.repository.SagaStore;
import org.axonframework.modelling.saga.repository.jdbc.JdbcSagaStore;
import org.axonframework.serialization.Serializer;
import org.axonframework.spring.jdbc.SpringDataSourceConnectionProvider;
import org.axonframework.spring.messaging.unitofwork.SpringTransactionManager;
import org.axonframework.springboot.autoconfig.AxonAutoConfiguration;
import org.axonframework.springboot.autoconfig.JdbcAutoConfiguration;
import org.axonframework.springboot.autoconfig.NoOpTransactionAutoConfiguration;
import org.axonframework.springboot.autoconfig.TransactionAutoConfiguration;
import org.axonframework.springboot.autoconfig.XStreamAutoConfiguration;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Axon on PostgreSQL, every part named.
 *
 * <p>Left to auto-configuration order, Axon on Spring Boot 4 may start without a database and keep events in memory;
 * so nothing is left to it, and {@link #assertDurable} refuses to start otherwise.
 */
@AutoConfiguration(
        before = {
            AxonAutoConfiguration.class,
            JdbcAutoConfiguration.class,
            TransactionAutoConfiguration.class,
            NoOpTransactionAutoConfiguration.class,
            XStreamAutoConfiguration.class
        },
        afterName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration"
        })
class EventStoreConfiguration {

    @Bean
    TransactionManager axonTransactionManager(PlatformTransactionManager transactions) {
        return new SpringTransactionManager(transactions);
    }

    /**
     * The running transaction's connection, and nothing around it: Axon's usual wrapper would roll that connection back
     * whenever a command fails, behind the transaction that the command is only a part of.
     */
    @Bean
    ConnectionProvider connectionProvider(DataSource dataSource) {
        return new SpringDataSourceConnectionProvider(dataSource);
    }

    @Bean
    @Primary
    Serializer serializer() {
        return new EventSerializer();
    }

    @Bean
    EventStorageEngine eventStorageEngine(
            Serializer serializer,
            JdbcClient jdbc,
            EventSigner signer,
            KeyDirectory keys,
            ServiceSettings settings,
            Seal seal,
            OutboxRelay relay) {
        return SignedEventStorage.create(
                serializer,
                jdbc,
                signer,
                time -> keys.isValid(Topics.sourceOf(settings.service()), signer.keyId(), time),
                seal,
                relay::wake);
    }

    @Bean(name = "eventBus")
    EventStore eventStore(EventStorageEngine engine) {
        return EmbeddedEventStore.builder().storageEngine(engine).build();
    }

    /** A service may have something of this name itself. */
    @Bean
    Evidence keptEvidence(JdbcClient jdbc) {
        return new Evidence(jdbc);
    }

    @Bean
    EvidenceController evidenceController(Evidence evidence) {
        return new EvidenceController(evidence);
    }

    @Bean
    SagaStore<Object> sagaStore(ConnectionProvider connections, Serializer serializer, Seal seal) {
        return JdbcSagaStore.builder()
                .connectionProvider(connections)
                .sqlSchema(new SealedSagas(seal))
                .serializer(serializer)
                .build();
    }

    @Bean
    LockFactory lockFactory(JdbcClient jdbc) {
        return new ClusterLockFactory(jdbc);
    }

    /** A rejected command has changed nothing, so it does not undo what its caller has done in the same transaction. */
    @Bean
    CommandBus commandBus(TransactionManager transactions, Configuration axon) {
        SimpleCommandBus bus = SimpleCommandBus.builder()
                .transactionManager(transactions)
                .rollbackConfiguration(failure -> !(failure instanceof Rejection))
                .build();
        bus.registerHandlerInterceptor(new CorrelationDataInterceptor<>(axon.correlationDataProviders()));
        return bus;
    }

    @Bean
    CorrelationDataProvider correlation() {
        return new Correlation();
    }

    @Bean
    SmartInitializingSingleton assertDurable(
            EventStorageEngine engine,
            @Qualifier("eventBus") EventStore events,
            SagaStore<?> sagas,
            DeadlineManager deadlines,
            Configuration axon) {
        return () -> {
            require(engine instanceof SignedEventStorage && axon.eventStore().equals(events), "event store");
            require(
                    sagas instanceof JdbcSagaStore
                            && sagas.equals(axon.eventProcessingConfiguration().sagaStore()),
                    "saga store");
            require(deadlines instanceof DbSchedulerDeadlineManager, "deadline manager");
            require(axon.getComponent(TransactionManager.class) instanceof SpringTransactionManager, "transactions");
            require(axon.getComponent(LockFactory.class) instanceof ClusterLockFactory, "lock factory");
        };
    }

    private static void require(boolean durable, String part) {
        if (!durable) {
            throw new RefusedToStart("the " + part + " in use is not the one on PostgreSQL");
        }
    }
}
