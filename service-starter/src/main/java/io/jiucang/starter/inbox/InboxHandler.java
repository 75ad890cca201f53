package io.jiucang.starter.inbox;

import io.jiucang.events.envelope.VerifiedEvent;
import java.util.List;

/** What a service does with verified, not yet seen events: by default, hand them to its policies, sagas and views. */
@FunctionalInterface
public interface InboxHandler {

    /** Called within the transaction that marks these events as seen; an exception undoes both. */
    void handle(List<VerifiedEvent> events);
}
