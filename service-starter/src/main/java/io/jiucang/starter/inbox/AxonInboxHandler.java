package io.jiucang.starter.inbox;

import io.cloudevents.CloudEvent;
import io.jiucang.events.EventTypes;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Hash;
import io.jiucang.starter.law.Anchored;
import io.jiucang.starter.law.AnchoredAt;
import io.jiucang.starter.law.OwnAnchored;
import io.jiucang.starter.law.Ruled;
import io.jiucang.starter.store.Correlation;
import io.jiucang.title.Ruling;
import io.jiucang.title.event.Opening;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericEventMessage;

/**
 * Hands the events of other services to policies, sagas and views. Of the service's own, which these have had, it tells where
 * they were anchored, if anybody listens to that.
 */
final class AxonInboxHandler implements InboxHandler {

    private final InboxEvents inboxEvents;
    private final LawGate law;
    private final String service;

    AxonInboxHandler(InboxEvents inboxEvents, LawGate law, String service) {
        this.inboxEvents = inboxEvents;
        this.law = law;
        this.service = service;
    }

    @Override
    public boolean handles(String type) {
        if (EventTypes.serviceOf(type).filter(service::equals).isPresent()) {
            return Opening.concerns(type) && inboxEvents.isHandled(OwnAnchored.class);
        }
        return EventTypes.classOf(type).filter(inboxEvents::isHandled).isPresent();
    }

    @Override
    public void handle(List<VerifiedEvent> events) {
        events.forEach(event -> inboxEvents.publish(toMessage(event)));
    }

    private EventMessage<?> toMessage(VerifiedEvent verified) {
        CloudEvent event = verified.event();
        Map<String, Object> metaData = new HashMap<>();
        metaData.put(SignedEvent.METADATA, verified);
        for (String name : List.of(Correlation.CORRELATION_ID, Correlation.TRACEPARENT)) {
            if (event.getExtension(name) instanceof String value) {
                metaData.put(name, value);
            }
        }
        Object payload = verified.domainEvent();
        if (law.isOwn(verified)) {
            Ruled ruled = law.ruled(verified).orElseThrow();
            String leaf = Hash.of(verified.leafHash()).hex();
            payload = new OwnAnchored(leaf, verified.domainEvent(), ruled.at(), ruled.ruling());
        } else {
            law.ruled(verified).ifPresent(ruled -> {
                if (ruled.ruling() instanceof Ruling.Valid valid) {
                    metaData.put(AnchoredAt.METADATA, new Anchored(ruled.at(), valid));
                }
            });
        }
        Instant time = Objects.requireNonNull(event.getTime()).toInstant();
        return new GenericEventMessage<>(event.getId(), payload, metaData, time);
    }
}
