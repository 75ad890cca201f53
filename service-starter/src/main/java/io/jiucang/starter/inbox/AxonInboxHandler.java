package io.jiucang.starter.inbox;

import io.cloudevents.CloudEvent;
import io.jiucang.events.EventTypes;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.starter.store.Correlation;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericEventMessage;

/** Hands the events of other services to policies, sagas and views. */
final class AxonInboxHandler implements InboxHandler {

    private final InboxEvents inboxEvents;

    AxonInboxHandler(InboxEvents inboxEvents) {
        this.inboxEvents = inboxEvents;
    }

    @Override
    public boolean handles(String type) {
        return EventTypes.classOf(type).filter(inboxEvents::isHandled).isPresent();
    }

    @Override
    public void handle(List<VerifiedEvent> events) {
        events.forEach(event -> inboxEvents.publish(toMessage(event)));
    }

    private static EventMessage<?> toMessage(VerifiedEvent verified) {
        CloudEvent event = verified.event();
        Map<String, Object> metaData = new HashMap<>();
        metaData.put(SignedEvent.METADATA, verified);
        for (String name : List.of(Correlation.CORRELATION_ID, Correlation.TRACEPARENT)) {
            if (event.getExtension(name) instanceof String value) {
                metaData.put(name, value);
            }
        }
        Instant time = Objects.requireNonNull(event.getTime()).toInstant();
        return new GenericEventMessage<>(event.getId(), verified.domainEvent(), metaData, time);
    }
}
