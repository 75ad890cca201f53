package io.jiucang.starter.inbox;

import io.jiucang.events.envelope.VerifiedEvent;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * What of a service's events must not be handled side by side: one order, one pickup, one vault. Batches of several
 * partitions, and of several replicas, overlap in everything else.
 */
@FunctionalInterface
public interface BusinessLocks {

    /** Batches of the whole service one after another. */
    BusinessLocks ONE_BATCH_AT_A_TIME = (events, lock) -> lock.accept(List.of("inbox"));

    /**
     * Names what these events touch, before anything of it is read. An aggregate's id locks the aggregate itself, as
     * requests and deadlines do; so name each aggregate that is not found by way of another.
     *
     * @param events of types the service handles, readable
     * @param lock waits for all names it is given, in one order for everyone. Whoever calls it twice locks, the second time,
     *     what only those can hold who hold names of the first kind
     */
    void take(List<VerifiedEvent> events, Consumer<Collection<String>> lock);
}
