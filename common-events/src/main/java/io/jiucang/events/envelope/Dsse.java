package io.jiucang.events.envelope;

import static io.jiucang.events.EventRefused.Reason.MATERIAL_INVALID;

import io.jiucang.events.EventJson;
import io.jiucang.events.EventRefused;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON envelope of DSSE 1.0.2 (Dead Simple Signing Envelope) and its pre-authentication encoding.
 *
 * @param payload the bytes that were signed; whoever verified them must use them, and never parse the envelope again
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Dsse(String payloadType, byte[] payload, List<Signature> signatures) {

    /** @param keyId a hint, not authenticated; empty if unset */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record Signature(String keyId, byte[] value) {}

    static byte[] preAuthenticationEncoding(String payloadType, byte[] payload) {
        ByteArrayOutputStream encoding = new ByteArrayOutputStream(64 + payloadType.length() + payload.length);
        byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
        encoding.writeBytes(("DSSEv1 " + type.length + " ").getBytes(StandardCharsets.US_ASCII));
        encoding.writeBytes(type);
        encoding.writeBytes((" " + payload.length + " ").getBytes(StandardCharsets.US_ASCII));
        encoding.writeBytes(payload);
        return encoding.toByteArray();
    }

    /** The bytes that every signature of the envelope is over. */
    public byte[] preAuthenticationEncoding() {
        return preAuthenticationEncoding(payloadType, payload);
    }

    /** The one form in which we write an envelope. */
    public byte[] toJson() {
        Base64.Encoder base64 = Base64.getEncoder();
        ObjectNode envelope = JsonNodeFactory.instance
                .objectNode()
                .put("payloadType", payloadType)
                .put("payload", base64.encodeToString(payload));
        ArrayNode array = envelope.putArray("signatures");
        for (Signature signature : signatures) {
            array.addObject().put("keyid", signature.keyId()).put("sig", base64.encodeToString(signature.value()));
        }
        return EventJson.mapper().writeValueAsBytes(envelope);
    }

    /** @throws EventRefused with {@link EventRefused.Reason#MATERIAL_INVALID} */
    public static Dsse parse(byte[] json) {
        JsonNode envelope = parseObject(json, "envelope");
        JsonNode array = envelope.path("signatures");
        if (!array.isArray()) {
            throw new EventRefused(MATERIAL_INVALID, "no array of signatures");
        }
        List<Signature> signatures = new ArrayList<>();
        for (JsonNode signature : array) {
            String keyId = signature.path("keyid").isMissingNode() ? "" : string(signature, "keyid");
            signatures.add(new Signature(keyId, base64(string(signature, "sig"))));
        }
        return new Dsse(string(envelope, "payloadType"), base64(string(envelope, "payload")), List.copyOf(signatures));
    }

    /** The bytes must be UTF-8: left alone, the parser would take UTF-16 and UTF-32 as well. */
    static JsonNode parseObject(byte[] json, String what) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
            JsonNode node = EventJson.mapper().readTree(text);
            if (!node.isObject()) {
                throw new EventRefused(MATERIAL_INVALID, what + " is not a JSON object");
            }
            return node;
        } catch (CharacterCodingException | JacksonException e) {
            throw new EventRefused(MATERIAL_INVALID, what + " is not JSON in UTF-8: " + e.getMessage(), e);
        }
    }

    static String string(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (!value.isString()) {
            throw new EventRefused(MATERIAL_INVALID, field + " is not a string");
        }
        return value.stringValue();
    }

    /**
     * Standard or URL-safe, as DSSE has verifiers accept either; but, of the texts a decoder would take for the same
     * bytes, only the one that RFC 4648 encodes them as.
     */
    static byte[] base64(String text) {
        boolean urlSafe = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
        try {
            byte[] bytes = (urlSafe ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text);
            if ((urlSafe ? Base64.getUrlEncoder() : Base64.getEncoder())
                    .encodeToString(bytes)
                    .equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new EventRefused(MATERIAL_INVALID, "not Base64: " + e.getMessage(), e);
        }
        throw new EventRefused(MATERIAL_INVALID, "not canonical Base64");
    }
}
