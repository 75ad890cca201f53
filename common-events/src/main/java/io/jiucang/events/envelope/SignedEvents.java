package io.jiucang.events.envelope;

import static io.jiucang.events.EventRefused.Reason.MALFORMED;
import static io.jiucang.events.EventRefused.Reason.MATERIAL_INVALID;
import static io.jiucang.events.EventRefused.Reason.UNSIGNED;

import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventRefused;
import io.jiucang.events.EventTypes;
import io.jiucang.events.Topics;
import io.jiucang.events.value.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Events as CloudEvents 1.0, and those as Kafka records in binary mode: attributes in headers, data in the value.
 *
 * <p>Binary mode, so that nobody re-serialises the data on its way: the signature covers its bytes.
 */
public final class SignedEvents {

    /** CloudEvents Sequence extension. */
    static final String SEQUENCE = "sequence";

    static final String CORRELATION_ID = "correlationid";
    static final String CAUSATION_ID = "causationid";

    /** CloudEvents Distributed Tracing extension. */
    static final String TRACEPARENT = "traceparent";

    static final String JSON = "application/json";

    private SignedEvents() {}

    /** The event before it is signed. Equal arguments give an equal CloudEvent, in every JVM. */
    public static CloudEvent toCloudEvent(DomainEvent event, EventMetadata metadata) {
        return toCloudEvent(event.getClass(), EventJson.write(event), metadata);
    }

    /** @param data the event's JSON, as {@link EventJson} wrote it */
    public static CloudEvent toCloudEvent(Class<? extends DomainEvent> type, byte[] data, EventMetadata metadata) {
        CloudEventBuilder cloudEvent = new CloudEventBuilder()
                .withId(metadata.id())
                .withSource(Topics.sourceOf(EventTypes.serviceOf(type)))
                .withType(EventTypes.typeOf(type))
                .withSubject(metadata.subject())
                .withTime(metadata.time().atOffset(ZoneOffset.UTC))
                .withData(JSON, data)
                // Padded, because the extension has sequences compared as strings.
                .withExtension(SEQUENCE, "%019d".formatted(metadata.sequence()))
                .withExtension(CORRELATION_ID, metadata.correlationId());
        if (metadata.causationId() != null) {
            cloudEvent.withExtension(CAUSATION_ID, metadata.causationId());
        }
        if (metadata.traceparent() != null) {
            cloudEvent.withExtension(TRACEPARENT, metadata.traceparent());
        }
        return cloudEvent.build();
    }

    /**
     * The envelope on a signed event, not verified: the event's leaf in the ledger.
     *
     * @throws EventRefused with {@link EventRefused.Reason#UNSIGNED} or
     *     {@link EventRefused.Reason#MATERIAL_INVALID}
     */
    public static byte[] dsseMaterial(CloudEvent event) {
        byte[] material = switch (event.getExtension(VerificationMaterial.ATTRIBUTE)) {
            case null -> new byte[0];
            case byte[] binary -> binary.clone();
            // A Binary attribute travels as Base64, and no header tells its type.
            case String base64 -> Dsse.base64(base64);
            default -> throw new EventRefused(MATERIAL_INVALID, "not a binary attribute");
        };
        if (material.length == 0) {
            throw new EventRefused(UNSIGNED, "no " + VerificationMaterial.ATTRIBUTE);
        }
        return material;
    }

    /** The RFC 9162 section 2.1.1 hash of the leaf that an envelope is, 32 bytes. */
    public static byte[] leafHash(byte[] dsseMaterial) {
        MessageDigest sha256 = Sha256.digest();
        sha256.update((byte) 0);
        return sha256.digest(dsseMaterial);
    }

    /** The event with the envelope that was made for it. */
    public static CloudEvent signed(CloudEvent event, byte[] dsseMaterial) {
        return new CloudEventBuilder(event)
                .withExtension(VerificationMaterial.ATTRIBUTE, dsseMaterial)
                .build();
    }

    /** The CloudEvents type that a record claims; empty if it claims none, or more than one. */
    public static Optional<String> claimedType(ConsumerRecord<?, ?> record) {
        Iterator<Header> types = record.headers().headers("ce_type").iterator();
        if (!types.hasNext()) {
            return Optional.empty();
        }
        byte[] type = types.next().value();
        return type == null || types.hasNext()
                ? Optional.empty()
                : Optional.of(new String(type, StandardCharsets.UTF_8));
    }

    /** The record for the topic of the event's service; its key is the subject. */
    public static ProducerRecord<String, byte[]> toRecord(CloudEvent event) {
        String service = EventTypes.serviceOf(event.getType())
                .orElseThrow(() -> new IllegalArgumentException("not an event of ours: " + event.getType()));
        String subject = Objects.requireNonNull(event.getSubject(), "subject");
        return KafkaMessageFactory.createWriter(Topics.topicOf(service), subject)
                .writeBinary(event);
    }

    /**
     * The CloudEvent in a Kafka record; nothing of it is verified yet.
     *
     * @throws EventRefused with {@link EventRefused.Reason#MALFORMED}
     */
    public static CloudEvent fromRecord(ConsumerRecord<?, byte[]> record) {
        requireOneHeaderPerAttribute(record.headers());
        CloudEvent event;
        try {
            event = KafkaMessageFactory.createReader(record).toEvent();
        } catch (RuntimeException e) {
            // The SDK throws its own exception for some malformed headers, and whatever comes up for the others.
            throw new EventRefused(MALFORMED, "not a CloudEvent: " + e.getMessage(), e);
        }
        if (event.getSpecVersion() != SpecVersion.V1) {
            throw new EventRefused(MALFORMED, "CloudEvents " + event.getSpecVersion());
        }
        return event;
    }

    /** Of two headers for one attribute, readers may disagree which one counts. */
    private static void requireOneHeaderPerAttribute(Iterable<Header> headers) {
        Set<String> seen = new HashSet<>();
        for (Header header : headers) {
            String name = header.key().toLowerCase(Locale.ROOT);
            String attribute = name.equals("content-type") ? "ce_datacontenttype" : name;
            if (attribute.startsWith("ce_") && (header.value() == null || !seen.add(attribute))) {
                throw new EventRefused(MALFORMED, "header without a single value: " + name);
            }
        }
    }
}
