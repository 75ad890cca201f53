package io.jiucang.events.envelope;

import static io.jiucang.events.EventRefused.Reason.ALTERED;
import static io.jiucang.events.EventRefused.Reason.BAD_SIGNATURE;
import static io.jiucang.events.EventRefused.Reason.KEY_NOT_VALID;
import static io.jiucang.events.EventRefused.Reason.MALFORMED;
import static io.jiucang.events.EventRefused.Reason.MATERIAL_INVALID;
import static io.jiucang.events.EventRefused.Reason.NOT_CANONICAL;
import static io.jiucang.events.EventRefused.Reason.UNKNOWN_KEY;
import static io.jiucang.events.EventRefused.Reason.WRONG_SOURCE;
import static io.jiucang.events.EventRefused.Reason.WRONG_TOPIC;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.EventRefused;
import io.jiucang.events.Topics;
import io.jiucang.events.value.Ids;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Lets through only events that their source signed, by the CloudEvents extension "Verifiable CloudEvents with DSSE".
 *
 * <p>In the extension's words: in strict mode, and with a policy that every event must be signed. It does not protect
 * against replay; whoever acts on an event deduplicates by its leaf hash. Safe for use by several threads.
 */
public final class EventVerifier {

    private static final List<String> MANDATORY_EXTENSIONS =
            List.of(SignedEvents.SEQUENCE, SignedEvents.CORRELATION_ID);
    private static final int LAST_YEAR_OF_RFC_3339 = 9999;

    private static final Pattern STORABLE = Pattern.compile("\\P{C}{1,255}");

    private final KeyDirectory keys;

    public EventVerifier(KeyDirectory keys) {
        this.keys = keys;
    }

    /**
     * Verifies a record as it came from its topic: the event, that its source publishes on this topic, and that the
     * record's key, which decides on its order, is the signed subject.
     *
     * @throws EventRefused with the reason, for every record that must not take effect
     */
    public VerifiedEvent verify(ConsumerRecord<String, byte[]> record) {
        VerifiedEvent verified = verify(SignedEvents.fromRecord(record));
        CloudEvent event = verified.event();
        if (!Topics.mayPublish(event.getSource(), record.topic())) {
            throw new EventRefused(WRONG_TOPIC, event.getSource() + " does not publish on " + record.topic());
        }
        if (!String.valueOf(event.getSubject()).equals(record.key())) {
            throw new EventRefused(WRONG_TOPIC, "the record's key is not the subject, " + event.getSubject());
        }
        return verified;
    }

    /**
     * @return the event with nothing on it that its source did not sign
     * @throws EventRefused with the reason, for every event that must not take effect
     */
    public VerifiedEvent verify(CloudEvent event) {
        Instant at = timeOf(event);
        Parsed parsed = Parsed.of(event);
        VerifiedEvent verified = authenticate(event, parsed, at);
        requireCanonical(verified, parsed);
        requireOurAttributes(verified.event());
        if (!Topics.mayClaim(event.getSource(), event.getType())) {
            throw new EventRefused(WRONG_SOURCE, event.getSource() + " may not publish " + event.getType());
        }
        return verified;
    }

    /**
     * The extension's verification protocol and no more.
     *
     * <p>Of several signatures, one by a key of this source that is valid suffices; but none that claims to be by a key
     * of this source may be false.
     *
     * @param at when the key has to be valid
     */
    VerifiedEvent authenticate(CloudEvent event, Instant at) {
        return authenticate(event, Parsed.of(event), at);
    }

    private VerifiedEvent authenticate(CloudEvent event, Parsed parsed, Instant at) {
        Set<String> signers = signersOf(parsed.envelope, event.getSource(), at);
        if (!parsed.signed.matches(event)) {
            throw new EventRefused(ALTERED, "not the event that was signed");
        }
        return new VerifiedEvent(strict(event, parsed.signed.signedExtensions()), parsed.material, signers);
    }

    /**
     * An envelope as it came, and what it says.
     *
     * @param signed nothing to rely on before the signatures are verified
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Parsed(byte[] material, Dsse envelope, VerificationMaterial signed) {

        static Parsed of(CloudEvent event) {
            byte[] material = SignedEvents.dsseMaterial(event);
            Dsse envelope = Dsse.parse(material);
            if (!envelope.payloadType().equals(VerificationMaterial.PAYLOAD_TYPE)) {
                throw new EventRefused(MATERIAL_INVALID, "unknown payload type " + envelope.payloadType());
            }
            return new Parsed(material, envelope, VerificationMaterial.parse(envelope.payload()));
        }
    }

    /**
     * Of the envelopes that sign an event only the one that {@link EventSigner} makes: exactly one signature, every
     * extension attribute covered, no other way to write it. So one event is one leaf, and nobody but its source can make
     * another. Its digests are the event's, as has been verified: only how they are written is left to compare.
     */
    private static void requireCanonical(VerifiedEvent verified, Parsed parsed) {
        List<Dsse.Signature> signatures = parsed.envelope.signatures();
        if (signatures.size() != 1) {
            throw new EventRefused(NOT_CANONICAL, "one signature is expected, not " + signatures.size());
        }
        List<String> names =
                verified.event().getExtensionNames().stream().sorted().toList();
        byte[] expected = new Dsse(VerificationMaterial.PAYLOAD_TYPE, parsed.signed.toJson(), signatures).toJson();
        if (!parsed.signed.signedExtensions().equals(names) || !Arrays.equals(parsed.material, expected)) {
            throw new EventRefused(NOT_CANONICAL, "the envelope is not written as its source writes it");
        }
    }

    private Set<String> signersOf(Dsse envelope, URI source, Instant at) {
        byte[] message = envelope.preAuthenticationEncoding();
        Set<String> claimed = new HashSet<>();
        Set<String> expired = new LinkedHashSet<>();
        Set<String> signers = new LinkedHashSet<>();
        for (Dsse.Signature signature : envelope.signatures()) {
            // Repeated, a known key could have us verify thousands of signatures for one record.
            if (!claimed.add(signature.keyId())) {
                throw new EventRefused(MATERIAL_INVALID, "two signatures of " + signature.keyId());
            }
            keys.find(source, signature.keyId()).ifPresent(key -> {
                if (!key.check().verifies(message, signature.value())) {
                    throw new EventRefused(BAD_SIGNATURE, "not a signature of " + signature.keyId());
                }
                (key.isValidAt(at) ? signers : expired).add(signature.keyId());
            });
        }
        if (signers.isEmpty()) {
            throw expired.isEmpty()
                    ? new EventRefused(UNKNOWN_KEY, "signed by " + claimed + ", unknown for " + source)
                    : new EventRefused(KEY_NOT_VALID, "signed by " + expired + ", not valid at " + at);
        }
        return signers;
    }

    private static CloudEvent strict(CloudEvent event, List<String> signedExtensions) {
        CloudEventBuilder strict = new CloudEventBuilder(event);
        for (String name : event.getExtensionNames()) {
            if (!signedExtensions.contains(name)) {
                strict.withoutExtension(name);
            }
        }
        OffsetDateTime time = event.getTime();
        if (time != null) {
            strict.withTime(time.withOffsetSameInstant(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS));
        }
        return strict.build();
    }

    private static Instant timeOf(CloudEvent event) {
        OffsetDateTime time = event.getTime();
        if (time == null || time.getYear() < 0 || time.getYear() > LAST_YEAR_OF_RFC_3339) {
            throw new EventRefused(MALFORMED, "no time in RFC 3339");
        }
        return time.toInstant();
    }

    /** Whoever acts on an event keeps what it is called by: printable, and no longer than an index takes. */
    private static void requireStorable(String name, @Nullable Object value) {
        if (!(value instanceof String text) || !STORABLE.matcher(text).matches()) {
            throw new EventRefused(MALFORMED, name + " is missing, not signed, too long or not printable");
        }
    }

    /** Present and not empty, because the signature cannot tell empty from absent. */
    private static void requireOurAttributes(CloudEvent event) {
        try {
            Ids.requireValid(event.getId());
        } catch (IllegalArgumentException e) {
            throw new EventRefused(MALFORMED, "id: " + e.getMessage(), e);
        }
        requireStorable("subject", event.getSubject());
        if (!SignedEvents.JSON.equals(event.getDataContentType()) || event.getDataSchema() != null) {
            throw new EventRefused(MALFORMED, "subject, datacontenttype or dataschema is not as agreed");
        }
        if (!(event.getExtension(SignedEvents.SEQUENCE) instanceof String sequence)
                || !sequence.matches("[0-9]{19}")
                || sequence.compareTo("9223372036854775807") > 0) {
            throw new EventRefused(MALFORMED, "sequence is not a number of 19 digits");
        }
        for (String name : MANDATORY_EXTENSIONS) {
            requireStorable(name, event.getExtension(name));
        }
        for (String name : event.getExtensionNames()) {
            if (!name.equals(VerificationMaterial.ATTRIBUTE)) {
                requireStorable(name, event.getExtension(name));
            }
        }
    }
}
