package io.jiucang.starter.store;

import io.jiucang.events.value.Ids;
import io.jiucang.starter.RefusedToStart;
import io.jiucang.starter.Rejection;
import javax.sql.DataSource;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.common.jdbc.ConnectionProvider;
import org.axonframework.common.jdbc.PersistenceExceptionResolver;
import org.axonframework.common.lock.LockFactory;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.config.Configuration;
import org.axonframework.deadline.DeadlineManager;
import org.axonframework.deadline.dbscheduler.DbSchedulerDeadlineManager;
import org.axonframework.eventhandling.tokenstore.TokenStore;
import org.axonframework.eventhandling.tokenstore.jdbc.JdbcTokenStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.eventsourcing.eventstore.jdbc.EventSchema;
import org.axonframework.eventsourcing.eventstore.jdbc.JdbcEventStorageEngine;
import org.axonframework.eventsourcing.eventstore.jdbc.JdbcSQLErrorCodesResolver;
import org.axonframework.messaging.correlation.CorrelationDataProvider;
import org.axonframework.messaging.interceptors.CorrelationDataInterceptor;
import org.axonframework.modelling.saga.repository.SagaStore;
import org.axonframework.modelling.saga.repository.jdbc.JdbcSagaStore;
import org.axonframework.modelling.saga.repository.jdbc.PostgresSagaSqlSchema;
import org.axonframework.serialization.Serializer;
import org.axonframework.spring.jdbc.SpringDataSourceConnectionProvider;
import org.axonframework.spring.messaging.unitofwork.SpringTransactionManager;
import org.axonframework.springboot.autoconfig.AxonAutoConfiguration;
import org.axonframework.springboot.autoconfig.JdbcAutoConfiguration;
import org.axonframework.springboot.autoconfig.NoOpTransactionAutoConfiguration;
import org.axonframework.springboot.autoconfig.TransactionAutoConfiguration;
import org.axonframework.springboot.autoconfig.XStreamAutoConfiguration;
import org.springframework.beans.factory.SmartInitializingSingleton;
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

    /**
     * How long a reader waits for an event that was numbered but is not there yet. No transaction may take longer, or
     * the relay would pass its events over: {@code transaction_timeout} in the service's defaults sees to it.
     */
    private static final int GAP_TIMEOUT_MILLIS = 60_000;

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
    PersistenceExceptionResolver persistenceExceptionResolver() {
        return new JdbcSQLErrorCodesResolver();
    }

    @Bean
    @Primary
    Serializer serializer() {
        return new EventSerializer();
    }

    @Bean
    EventStorageEngine eventStorageEngine(
            Serializer serializer,
            ConnectionProvider connections,
            TransactionManager transactions,
            PersistenceExceptionResolver persistenceExceptions,
            Configuration axon) {
        return JdbcEventStorageEngine.builder()
                .eventSerializer(serializer)
                .snapshotSerializer(serializer)
                .snapshotFilter(axon.snapshotFilter())
                .upcasterChain(axon.upcasterChain())
                .persistenceExceptionResolver(persistenceExceptions)
                .connectionProvider(connections)
                .transactionManager(transactions)
                .gapTimeout(GAP_TIMEOUT_MILLIS)
                .schema(EventSchema.builder()
                        .eventTable("domain_event_entry")
                        .snapshotTable("snapshot_event_entry")
                        .globalIndexColumn("global_index")
                        .aggregateIdentifierColumn("aggregate_identifier")
                        .sequenceNumberColumn("sequence_number")
                        .eventIdentifierColumn("event_identifier")
                        .metaDataColumn("meta_data")
                        .payloadRevisionColumn("payload_revision")
                        .payloadTypeColumn("payload_type")
                        .timestampColumn("time_stamp")
                        .build())
                .build();
    }

    @Bean(name = "eventBus")
    EventStore eventStore(EventStorageEngine engine) {
        return new PromptEventStore(engine);
    }

    @Bean
    TokenStore tokenStore(ConnectionProvider connections, Serializer serializer) {
        return JdbcTokenStore.builder()
                .connectionProvider(connections)
                .schema(org.axonframework.eventhandling.tokenstore.jdbc.TokenSchema.builder()
                        .setTokenTable("token_entry")
                        .setProcessorNameColumn("processor_name")
                        .setTokenTypeColumn("token_type")
                        .build())
                .serializer(serializer)
                // Process id and host, its default, may be the same for two containers.
                .nodeId(Ids.next())
                .build();
    }

    @Bean
    SagaStore<Object> sagaStore(ConnectionProvider connections, Serializer serializer) {
        return JdbcSagaStore.builder()
                .connectionProvider(connections)
                .sqlSchema(
                        new PostgresSagaSqlSchema(org.axonframework.modelling.saga.repository.jdbc.SagaSchema.builder()
                                .associationValueEntryTable("association_value_entry")
                                .associationKeyColumn("association_key")
                                .associationValueColumn("association_value")
                                .sagaIdColumn("saga_id")
                                .sagaTypeColumn("saga_type")
                                .sagaEntryTable("saga_entry")
                                .serializedSagaColumn("serialized_saga")
                                .build()))
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
            TokenStore tokens, SagaStore<?> sagas, DeadlineManager deadlines, Configuration axon) {
        return () -> {
            require(axon.eventStore() instanceof PromptEventStore events && events.isDurable(), "event store");
            require(
                    tokens instanceof JdbcTokenStore
                            && axon.getComponent(TokenStore.class).equals(tokens),
                    "token store");
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
