package io.jiucang.starter.store;

import java.util.List;
import org.axonframework.common.lock.LockFactory;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.config.AggregateConfigurer;
import org.axonframework.config.Configuration;
import org.axonframework.config.ConfigurerModule;
import org.axonframework.eventsourcing.AggregateSnapshotter;
import org.axonframework.eventsourcing.EventCountSnapshotTriggerDefinition;
import org.axonframework.eventsourcing.GenericAggregateFactory;
import org.axonframework.eventsourcing.Snapshotter;
import org.axonframework.modelling.saga.repository.AnnotatedSagaRepository;

/** How a service names its aggregates and sagas: {@code @Bean ConfigurerModule order() { return aggregate(Order.class); }}. */
public final class Domain {

    private Domain() {}

    /** An event-sourced aggregate, always read whole from its events. */
    public static ConfigurerModule aggregate(Class<?> type) {
        return configurer -> configurer.configureAggregate(locked(type));
    }

    /** An event-sourced aggregate of long life, with a snapshot every {@code events} events. */
    public static ConfigurerModule aggregate(Class<?> type, int events) {
        return configurer -> configurer.configureAggregate(locked(type)
                .configureSnapshotTrigger(c -> new EventCountSnapshotTriggerDefinition(snapshotter(type, c), events)));
    }

    /** One for each type: Axon's own for Spring only knows aggregates that are Spring beans, and fails for others. */
    private static Snapshotter snapshotter(Class<?> type, Configuration axon) {
        return AggregateSnapshotter.builder()
                .eventStore(axon.eventStore())
                .transactionManager(axon.getComponent(TransactionManager.class))
                .aggregateFactories(List.of(new GenericAggregateFactory<>(type)))
                .repositoryProvider(axon::repository)
                .parameterResolverFactory(axon.parameterResolverFactory())
                .handlerDefinition(axon.handlerDefinition(type))
                .build();
    }

    /**
     * A saga that sees the service's own events and those of its inbox, each within the transaction that brings it.
     *
     * @param type public, with a public constructor without parameters: Axon's default, and its test fixture's
     */
    @SuppressWarnings("unchecked") // Axon hands out its saga store as a raw type
    public static <S> ConfigurerModule saga(Class<S> type) {
        return configurer -> configurer
                .eventProcessing()
                .registerSaga(
                        type,
                        saga -> saga.configureRepository(c -> AnnotatedSagaRepository.<S>builder()
                                .sagaType(type)
                                .sagaStore(c.eventProcessingConfiguration().sagaStore())
                                .resourceInjector(c.resourceInjector())
                                .parameterResolverFactory(c.parameterResolverFactory())
                                .handlerDefinition(c.handlerDefinition(type))
                                .lockFactory(c.getComponent(LockFactory.class))
                                .build()));
    }

    private static <A> AggregateConfigurer<A> locked(Class<A> type) {
        return AggregateConfigurer.defaultConfiguration(type)
                .configureLockFactory(c -> c.getComponent(LockFactory.class));
    }
}
