package io.jiucang.events.envelope;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventRefused;
import io.jiucang.events.EventTypes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An event that its source signed; made by {@link EventVerifier} alone. */
public final class VerifiedEvent {

    private final CloudEvent event;
    private final byte[] dsseMaterial;
    private final Set<String> keyIds;

    /** Read once, however many ask; by several threads perhaps twice, to the same effect. */
    private @Nullable DomainEvent domainEvent;

    VerifiedEvent(CloudEvent event, byte[] dsseMaterial, Set<String> keyIds) {
        this.event = event;
        this.dsseMaterial = dsseMaterial.clone();
        this.keyIds = Set.copyOf(keyIds);
    }

    /** The context attributes, the data and those extension attributes that were signed: nothing else. */
    public CloudEvent event() {
        return event;
    }

    /** The envelope as received, a commitment to the event plus its signatures: the event's leaf in the ledger. */
    public byte[] dsseMaterial() {
        return dsseMaterial.clone();
    }

    /**
     * What the event is known by, in every inbox as in the log: the RFC 9162 section 2.1.1 hash of its leaf, 32 bytes. Two
     * leaves are two events, even if they bear one id.
     */
    public byte[] leafHash() {
        return SignedEvents.leafHash(dsseMaterial);
    }

    /** The valid keys whose signatures it carries, at least one. */
    public Set<String> keyIds() {
        return keyIds;
    }

    /**
     * What happened.
     *
     * @throws EventRefused with {@link EventRefused.Reason#UNKNOWN_TYPE}, which a reader that has no use for the type
     *     need not take for an error: its sender may be newer; or with
     *     {@link EventRefused.Reason#UNREADABLE_DATA}
     */
    public DomainEvent domainEvent() {
        DomainEvent known = domainEvent;
        if (known == null) {
            known = read();
            domainEvent = known;
        }
        return known;
    }

    private DomainEvent read() {
        Class<? extends DomainEvent> type = EventTypes.classOf(event.getType())
                .orElseThrow(() -> new EventRefused(EventRefused.Reason.UNKNOWN_TYPE, event.getType()));
        CloudEventData data = event.getData();
        return EventJson.read(data == null ? new byte[0] : data.toBytes(), type);
    }
}
