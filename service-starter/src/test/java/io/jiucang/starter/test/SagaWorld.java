package io.jiucang.starter.test;

import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventJson;
import io.jiucang.ledger.MerkleTree;
import io.jiucang.starter.inbox.PredecessorMissing;
import io.jiucang.starter.law.Anchored;
import io.jiucang.starter.law.AnchoredAt;
import io.jiucang.title.Ruling;
import io.jiucang.title.event.Cite;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.axonframework.config.Configuration;
import org.axonframework.config.Configurer;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.deadline.DeadlineManager;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventhandling.PropagatingErrorHandler;
import org.axonframework.eventsourcing.eventstore.inmemory.InMemoryEventStorageEngine;
import org.axonframework.modelling.saga.repository.inmemory.InMemorySagaStore;
import org.axonframework.serialization.jackson3.Jackson3Serializer;
import org.axonframework.test.deadline.StubDeadlineManager;

/**
 * A service's real aggregate and saga among others that act in any order, each of them reading what the others say at its
 * own pace. A property draws such worlds by the hundred, and asks of each whether all came to a good end.
 *
 * @param <E> what the service tells
 */
public abstract class SagaWorld<E extends DomainEvent> {

    private static final int PATIENCE = 2000;

    /** What the worlds of one test share, because it takes longer to build than most of them live. */
    public static final class Stage<E extends DomainEvent> implements AutoCloseable {

        private final StubDeadlineManager deadlines;
        private final Clock clock;
        private final InMemorySagaStore sagas = new InMemorySagaStore();
        private final List<E> told = new ArrayList<>();
        private final Class<?> saga;
        private final Configuration axon;

        /**
         * @param begin when the first world begins
         * @param more the service's own settings and policies
         */
        public <S> Stage(
                Class<E> told, Class<?> aggregate, Class<S> saga, Instant begin, BiConsumer<Configurer, Clock> more) {
            this.deadlines = new StubDeadlineManager(begin.atZone(ZoneOffset.UTC));
            this.clock = InstantSource.tick(deadlines::getCurrentDateTime, Duration.ofNanos(1))
                    .withZone(ZoneOffset.UTC);
            this.saga = saga;
            Configurer configurer = DefaultConfigurer.defaultConfiguration(false)
                    .configureSerializer(c -> Jackson3Serializer.builder().build());
            configurer
                    .configureEmbeddedEventStore(c -> new InMemoryEventStorageEngine())
                    .configureAggregate(aggregate)
                    .registerComponent(DeadlineManager.class, c -> deadlines)
                    .registerComponent(Clock.class, c -> clock)
                    .registerComponent(MeterRegistry.class, c -> new SimpleMeterRegistry());
            configurer
                    .eventProcessing()
                    .usingSubscribingEventProcessors()
                    .registerSaga(saga, configuration -> configuration.configureSagaStore(c -> sagas))
                    .registerDefaultListenerInvocationErrorHandler(c -> PropagatingErrorHandler.instance())
                    .registerDefaultErrorHandler(c -> PropagatingErrorHandler.instance());
            more.accept(configurer, clock);
            this.axon = configurer.start();
            axon.eventBus()
                    .subscribe(events -> events.forEach(event -> {
                        if (told.isInstance(event.getPayload())) {
                            this.told.add(told.cast(event.getPayload()));
                        }
                    }));
        }

        /** Ticks by a nanosecond whenever it is read; the deadlines move it on. */
        public Clock clock() {
            return clock;
        }

        /** How many sagas have not ended. */
        public int sagas() {
            return sagas.size();
        }

        public Instant now() {
            return deadlines.getCurrentDateTime();
        }

        @Override
        public void close() {
            axon.shutdown();
        }
    }

    protected final Random random;
    private final Stage<E> stage;

    /** Not yet read by the service, per topic and key. */
    private final Map<String, Deque<DomainEvent>> unread = new LinkedHashMap<>();

    private final List<Reader<E>> readers = new ArrayList<>();

    private static final class Reader<E> {

        private final Consumer<E> handler;
        private int position;

        Reader(Consumer<E> handler) {
            this.handler = handler;
        }
    }

    /** A new world, of which nothing has been told yet. */
    protected SagaWorld(Stage<E> stage, Random random) {
        this.stage = stage;
        this.random = random;
        stage.told.clear();
    }

    /** What the service has told in this world. */
    protected final List<E> told() {
        return stage.told;
    }

    /** Lets somebody else read all that the service tells, in order. */
    protected final void reads(Consumer<E> handler) {
        readers.add(new Reader<>(handler));
    }

    /** Has somebody else tell the service something. */
    protected final void tell(String topicAndKey, DomainEvent event) {
        unread.computeIfAbsent(topicAndKey, topic -> new ArrayDeque<>()).add(event);
    }

    protected final void send(Object command) {
        stage.axon.commandGateway().sendAndWait(command);
    }

    /** What others do sooner or later, whatever time it is. */
    protected abstract List<Runnable> due();

    /** What may never happen. */
    protected abstract List<Runnable> whims();

    /** The service asks to be told something else before {@code event}, and is told it again later. */
    protected void tooEarly(DomainEvent event) {
        throw new AssertionError("nothing comes before " + event);
    }

    /**
     * Lives until nobody has anything left to do.
     *
     * @param eventful for so many steps there are whims
     * @param sober one step in so many is a whim although something is due
     */
    protected final void live(int eventful, int sober) {
        for (int step = 0; step < PATIENCE; step++) {
            List<Runnable> due = allDue();
            List<Runnable> whims = step < eventful ? whims() : List.of();
            if (!whims.isEmpty() && (due.isEmpty() || random.nextInt(sober) == 0)) {
                whims.get(random.nextInt(whims.size())).run();
            } else if (!due.isEmpty()) {
                due.get(random.nextInt(due.size())).run();
            } else if (!stage.deadlines.getScheduledDeadlines().isEmpty()) {
                timePasses();
            } else {
                return;
            }
        }
        throw new AssertionError("it never ends: " + stage.told);
    }

    private List<Runnable> allDue() {
        List<Runnable> actions = new ArrayList<>(due());
        unread.values().stream().filter(topic -> !topic.isEmpty()).forEach(topic -> actions.add(() -> read(topic)));
        for (Reader<E> reader : readers) {
            if (reader.position < stage.told.size()) {
                actions.add(() -> reader.handler.accept(stage.told.get(reader.position++)));
            }
        }
        return actions;
    }

    private static Map<String, Anchored> anchored(DomainEvent event) {
        Cite at = new Cite(0, MerkleTree.leafHash(EventJson.write(event)));
        return Map.of(AnchoredAt.METADATA, new Anchored(at, new Ruling.Valid(List.of(), Map.of())));
    }

    /** As the inbox does: what comes too early is tried again. All that others tell is valid where it stands. */
    private void read(Deque<DomainEvent> topic) {
        try {
            stage.axon.eventBus().publish(new GenericEventMessage<>(topic.getFirst(), anchored(topic.getFirst())));
            topic.removeFirst();
        } catch (PredecessorMissing e) {
            tooEarly(topic.getFirst());
        }
    }

    /** Until the next deadline. */
    protected final void timePasses() {
        stage.deadlines.getScheduledDeadlines().stream()
                .findFirst()
                .ifPresent(next -> stage.deadlines.advanceTimeTo(
                        next.getScheduleTime(),
                        (scope, deadline) -> stage.axon
                                .eventProcessingConfiguration()
                                .sagaConfiguration(stage.saga)
                                .manager()
                                .send(deadline, scope)));
    }
}
