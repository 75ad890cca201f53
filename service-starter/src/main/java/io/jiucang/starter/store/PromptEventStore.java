package io.jiucang.starter.store;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingEventStream;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.eventsourcing.eventstore.jdbc.JdbcEventStorageEngine;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Wakes the outbox relay when events are really there to be read; Axon's own leaves it to look twice a second.
 *
 * <p>A unit of work within a longer transaction, such as the inbox's, ends before that transaction does; woken then, the
 * relay would find nothing.
 */
final class PromptEventStore extends EmbeddedEventStore {

    private final Set<Runnable> readers = ConcurrentHashMap.newKeySet();

    PromptEventStore(EventStorageEngine engine) {
        // The one reader reads for itself, so that it finds what it was woken for.
        super(builder().storageEngine(engine).optimizeEventConsumption(false));
    }

    boolean isDurable() {
        return storageEngine() instanceof JdbcEventStorageEngine;
    }

    @Override
    public TrackingEventStream openStream(TrackingToken token) {
        return new PromptStream(super.openStream(token));
    }

    @Override
    protected void afterCommit(List<? extends EventMessage<?>> events) {
        if (TransactionSynchronizationManager.isSynchronizationActive()
                && TransactionSynchronizationManager.isActualTransactionActive()) {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    wake();
                }
            });
        } else {
            wake();
        }
    }

    /** Another replica's events, too, may be this one's to send. */
    @Scheduled(fixedDelay = 500)
    void wake() {
        readers.forEach(Runnable::run);
    }

    private final class PromptStream implements TrackingEventStream {

        private final BlockingStream<TrackedEventMessage<?>> stream;
        private Runnable callback = () -> {};

        PromptStream(BlockingStream<TrackedEventMessage<?>> stream) {
            this.stream = stream;
        }

        @Override
        public boolean setOnAvailableCallback(Runnable callback) {
            readers.remove(this.callback);
            this.callback = callback;
            readers.add(callback);
            return true;
        }

        @Override
        public Optional<TrackedEventMessage<?>> peek() {
            return stream.peek();
        }

        @Override
        public boolean hasNextAvailable(int timeout, TimeUnit unit) throws InterruptedException {
            return stream.hasNextAvailable(timeout, unit);
        }

        @Override
        public TrackedEventMessage<?> nextAvailable() throws InterruptedException {
            return stream.nextAvailable();
        }

        @Override
        public void close() {
            readers.remove(callback);
            stream.close();
        }
    }
}
