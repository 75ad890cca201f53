package io.jiucang.events.envelope;

import static io.jiucang.events.EventRefused.Reason.MATERIAL_INVALID;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventRefused;
import io.jiucang.events.value.Sha256;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is signed of an event, by the CloudEvents extension "Verifiable CloudEvents with DSSE", v0.1: a digest of its
 * context attributes and data, and one of those extension attributes that it names.
 *
 * @param ext absent if and only if no extension attribute is signed
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by matches(), never by equals().
record VerificationMaterial(byte[] core, byte @Nullable [] ext, List<String> signedExtensions) {

    static final String PAYLOAD_TYPE = "https://cloudevents.io/verifiability/dsse/v0.1";
    static final String ATTRIBUTE = "dssematerial";

    private static final Set<String> NEVER_SIGNED_AS_EXTENSION = Set.of(
            "id", "source", "specversion", "type", "datacontenttype", "dataschema", "subject", "time", ATTRIBUTE);
    private static final int DIGEST_LENGTH = 32;

    /** @throws IllegalArgumentException if the extension forbids signing these extension attributes */
    static VerificationMaterial of(CloudEvent event, List<String> signedExtensions) {
        requireSignable(signedExtensions);
        return new VerificationMaterial(
                coreDigest(event),
                signedExtensions.isEmpty() ? null : extensionDigest(event, signedExtensions),
                List.copyOf(signedExtensions));
    }

    boolean matches(CloudEvent event) {
        return MessageDigest.isEqual(core, coreDigest(event))
                && (ext == null || MessageDigest.isEqual(ext, extensionDigest(event, signedExtensions)));
    }

    byte[] toJson() {
        Base64.Encoder base64 = Base64.getEncoder();
        ObjectNode material = JsonNodeFactory.instance.objectNode().put("core", base64.encodeToString(core));
        if (ext != null) {
            material.put("ext", base64.encodeToString(ext));
            ArrayNode names = material.putArray("signedextattrs");
            signedExtensions.forEach(names::add);
        }
        return EventJson.mapper().writeValueAsBytes(material);
    }

    static VerificationMaterial parse(byte[] json) {
        JsonNode material = Dsse.parseObject(json, "verification material");
        if (material.has("ext") != material.has("signedextattrs")) {
            throw new EventRefused(MATERIAL_INVALID, "ext and signedextattrs go together");
        }
        byte[] core = digest(material, "core");
        if (!material.has("ext")) {
            return new VerificationMaterial(core, null, List.of());
        }
        byte[] ext = digest(material, "ext");
        JsonNode array = material.path("signedextattrs");
        List<String> names = new ArrayList<>();
        for (JsonNode name : array) {
            if (!name.isString()) {
                throw new EventRefused(MATERIAL_INVALID, "an attribute's name is not a string");
            }
            names.add(name.stringValue());
        }
        if (!array.isArray() || names.isEmpty()) {
            throw new EventRefused(MATERIAL_INVALID, "signedextattrs names no attribute");
        }
        try {
            requireSignable(names);
        } catch (IllegalArgumentException e) {
            throw new EventRefused(MATERIAL_INVALID, String.valueOf(e.getMessage()), e);
        }
        return new VerificationMaterial(core, ext, List.copyOf(names));
    }

    private static byte[] digest(JsonNode material, String field) {
        byte[] digest = Dsse.base64(Dsse.string(material, field));
        if (digest.length != DIGEST_LENGTH) {
            throw new EventRefused(MATERIAL_INVALID, field + " has " + digest.length + " bytes");
        }
        return digest;
    }

    private static void requireSignable(List<String> extensions) {
        Set<String> seen = new HashSet<>();
        for (String name : extensions) {
            if (NEVER_SIGNED_AS_EXTENSION.contains(name)) {
                throw new IllegalArgumentException(name + " is not signed as an extension attribute");
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException(name + " is named twice");
            }
        }
    }

    private static byte[] coreDigest(CloudEvent event) {
        CloudEventData data = event.getData();
        return digestOfDigests(
                canonical(event.getId()),
                canonical(event.getSource()),
                canonical(event.getSpecVersion().toString()),
                canonical(event.getType()),
                canonical(event.getDataContentType()),
                canonical(event.getDataSchema()),
                canonical(event.getSubject()),
                canonical(event.getTime()),
                data == null ? new byte[0] : data.toBytes());
    }

    private static byte[] extensionDigest(CloudEvent event, List<String> names) {
        return digestOfDigests(names.stream()
                .map(event::getExtension)
                .map(VerificationMaterial::canonical)
                .toArray(byte[][]::new));
    }

    private static byte[] digestOfDigests(byte[]... values) {
        MessageDigest sha256 = Sha256.digest();
        byte[] digests = new byte[values.length * DIGEST_LENGTH];
        for (int i = 0; i < values.length; i++) {
            System.arraycopy(sha256.digest(values[i]), 0, digests, i * DIGEST_LENGTH, DIGEST_LENGTH);
        }
        return sha256.digest(digests);
    }

    /**
     * The extension's "Canonical Value Serialization".
     *
     * <p>An attribute that is absent counts as empty, and time is cut to the second, so neither "absent or empty" nor
     * fractions of a second are protected by the signature.
     *
     * @throws IllegalArgumentException if {@code value} is of no CloudEvents type
     */
    static byte[] canonical(@Nullable Object value) {
        return switch (value) {
            case null -> new byte[0];
            case byte[] binary -> binary;
            case OffsetDateTime time ->
                utf8(DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                        time.withOffsetSameInstant(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS)));
            case String string -> utf8(string);
            case URI uri -> utf8(uri.toString());
            case Boolean bool -> utf8(bool.toString());
            case Integer integer -> utf8(integer.toString());
            default -> throw new IllegalArgumentException("not a CloudEvents type: " + value.getClass());
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
