package io.jiucang.starter;

import java.util.List;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Wakes the outbox relay when events are really there to be read.
 *
 * <p>A unit of work within a longer transaction, such as the inbox's, ends before that transaction does; woken then, the
 * relay would find nothing and sleep until its next poll.
 */
final class PromptEventStore extends EmbeddedEventStore {

    PromptEventStore(EventStorageEngine engine) {
        super(builder().storageEngine(engine).fetchDelay(1000));
    }

    @Override
    protected void afterCommit(List<? extends EventMessage<?>> events) {
        if (TransactionSynchronizationManager.isSynchronizationActive()
                && TransactionSynchronizationManager.isActualTransactionActive()) {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    PromptEventStore.super.afterCommit(events);
                }
            });
        } else {
            super.afterCommit(events);
        }
    }
}
