package io.jiucang.starter.inbox;

import io.jiucang.events.envelope.VerifiedEvent;
import java.util.List;

/** What a service does with verified, not yet seen events: by default, hand them to its policies, sagas and views. */
public interface InboxHandler {

    /**
     * Whether an event of this type means anything here; if not, it is passed over before its signature is looked at.
     *
     * @param type CloudEvents type, perhaps of a newer version than this one
     */
    boolean handles(String type);

    /**
     * Called within the same transaction before any event of a batch is handled, so that one that waits costs the others
     * nothing; again when it is tried again, {@link #handle} has to see to it itself.
     *
     * @throws PredecessorMissing if something is not here without which the event cannot be handled
     */
    default void requirePredecessors(VerifiedEvent event) {}

    /** Called within the transaction that marks these events as seen; an exception undoes both. */
    void handle(List<VerifiedEvent> events);
}
