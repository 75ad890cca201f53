package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryRejected.Reason.ENVELOPE_ALGORITHM_REFUSED;
import static io.jiucang.delivery.DeliveryRejected.Reason.ENVELOPE_MALFORMED;
import static io.jiucang.delivery.DeliveryRejected.require;

import io.jiucang.events.EventJson;
import io.jiucang.events.value.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A sealed address: a compact JWE (RFC 7516 section 7.1) that the platform can check from outside, but never open.
 *
 * <p>Only one form of it is taken: {@code alg} RSA-OAEP-256, {@code enc} A256GCM, {@code kid}, no other header, canonical
 * Base64url. So one ciphertext has one text and one hash, and nothing can be smuggled in or compressed.
 *
 * @param compact the JWE itself, ASCII
 * @param sha256 lower-case hex SHA-256 of it
 * @param kid which of the carrier's keys opens it
 * @param encryptedKeyLength in bytes; as long as that key's modulus
 */
record Envelope(String compact, String sha256, String kid, int encryptedKeyLength) {

    private static final int LONGEST = 8192;
    private static final int LONGEST_CIPHERTEXT = 4096;
    private static final int IV_LENGTH = 12;
    private static final int TAG_LENGTH = 16;
    private static final Set<String> HEADERS = Set.of("alg", "enc", "kid");

    /** @throws DeliveryRejected with an {@code ENVELOPE_…} reason */
    static Envelope parse(String compact) {
        require(compact.length() <= LONGEST, ENVELOPE_MALFORMED, "longer than " + LONGEST + " characters");
        List<byte[]> parts =
                Arrays.stream(compact.split("\\.", -1)).map(Envelope::decode).toList();
        require(parts.size() == 5, ENVELOPE_MALFORMED, "not five parts");
        int ciphertext = parts.get(3).length;
        require(parts.get(1).length > 0, ENVELOPE_MALFORMED, "there is no encrypted key");
        require(parts.get(2).length == IV_LENGTH, ENVELOPE_MALFORMED, "A256GCM has an IV of 96 bits");
        require(
                ciphertext > 0 && ciphertext <= LONGEST_CIPHERTEXT,
                ENVELOPE_MALFORMED,
                "the ciphertext has 1 to " + LONGEST_CIPHERTEXT + " bytes");
        require(parts.get(4).length == TAG_LENGTH, ENVELOPE_MALFORMED, "A256GCM has a tag of 128 bits");
        return new Envelope(
                compact,
                Sha256.hex(compact.getBytes(StandardCharsets.US_ASCII)),
                kid(parts.getFirst()),
                parts.get(1).length);
    }

    private static String kid(byte[] header) {
        JsonNode json;
        try {
            json = EventJson.mapper().readTree(header);
        } catch (JacksonException e) {
            throw malformed("its header is not JSON");
        }
        require(json.isObject(), ENVELOPE_MALFORMED, "its header is not a JSON object");
        require(
                Set.copyOf(json.propertyNames()).equals(HEADERS)
                        && json.path("alg").stringValue("").equals("RSA-OAEP-256")
                        && json.path("enc").stringValue("").equals("A256GCM"),
                ENVELOPE_ALGORITHM_REFUSED,
                "alg RSA-OAEP-256, enc A256GCM and kid, nothing else");
        String kid = json.path("kid").stringValue("");
        require(!kid.isBlank(), ENVELOPE_MALFORMED, "kid is not the name of a key");
        return kid;
    }

    /** Re-encoded, because padding and stray bits would make several texts of one envelope. */
    private static byte[] decode(String part) {
        try {
            byte[] decoded = Base64.getUrlDecoder().decode(part);
            if (Base64.getUrlEncoder().withoutPadding().encodeToString(decoded).equals(part)) {
                return decoded;
            }
        } catch (IllegalArgumentException e) {
            throw malformed("not Base64url");
        }
        throw malformed("not canonical Base64url without padding");
    }

    private static DeliveryRejected malformed(String detail) {
        return new DeliveryRejected(ENVELOPE_MALFORMED, detail);
    }

    /** Ciphertext as it is, it belongs in no log. */
    @Override
    public String toString() {
        return "Envelope[" + sha256 + "]";
    }
}
