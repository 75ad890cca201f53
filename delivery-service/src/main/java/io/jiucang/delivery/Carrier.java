package io.jiucang.delivery;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import io.jiucang.title.form.Form;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A carrier 承运商, for whose eyes alone addresses are.
 *
 * @param name its id in the directory
 * @param title by language tag
 * @param keys public keys (RFC 7517) with {@code nbf} and {@code exp}; they overlap while one follows another
 */
record Carrier(String name, Map<String, String> title, List<RSAKey> keys) {

    private static final int SMALLEST_KEY_BITS = 2048;

    Carrier {
        Form.PARTY.require(name, "name");
        requireThat(
                keys.stream().map(JWK::getKeyID).distinct().count() == keys.size(),
                name + " has two keys with one kid");
        keys.forEach(Carrier::requireUsable);
        keys = List.copyOf(keys);
        title = Map.copyOf(title);
    }

    private static void requireUsable(RSAKey key) {
        String kid = key.getKeyID();
        if (kid == null || kid.isBlank()) {
            throw new IllegalArgumentException("a carrier's key has no kid");
        }
        requireThat(kid.equals(thumbprint(key)), kid + " is not the key's RFC 7638 thumbprint");
        requireThat(!key.isPrivate(), kid + " is a private key, which nobody but the carrier may have");
        requireThat(key.size() >= SMALLEST_KEY_BITS, kid + " has fewer than " + SMALLEST_KEY_BITS + " bits");
        requireThat(KeyUse.ENCRYPTION.equals(key.getKeyUse()), kid + " is not for encryption: use is not enc");
        requireThat(JWEAlgorithm.RSA_OAEP_256.equals(key.getAlgorithm()), kid + " is not for RSA-OAEP-256");
        requireThat(
                key.getNotBeforeTime() != null
                        && key.getExpirationTime() != null
                        && key.getNotBeforeTime()
                                .toInstant()
                                .isBefore(key.getExpirationTime().toInstant()),
                kid + " needs nbf before exp");
    }

    /** As kid it goes into the events, so that everyone can tell later which very key an address was sealed for. */
    private static String thumbprint(RSAKey key) {
        try {
            return key.computeThumbprint().toString();
        } catch (JOSEException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /**
     * Refuses an envelope that the carrier could not open, or should not have to open any more.
     *
     * @throws DeliveryRejected with a {@code CARRIER_KEY_…} or {@code ENVELOPE_…} reason
     */
    void requireOpens(Envelope envelope, Instant now) {
        RSAKey key = keys.stream()
                .filter(each -> each.getKeyID().equals(envelope.kid()))
                .findFirst()
                .orElseThrow(() -> new DeliveryRejected(
                        DeliveryRejected.Reason.CARRIER_KEY_NOT_FOUND, "kid names no key of carrier " + name));
        Instant from = key.getNotBeforeTime().toInstant();
        Instant until = key.getExpirationTime().toInstant();
        DeliveryRejected.require(
                !now.isBefore(from) && now.isBefore(until),
                DeliveryRejected.Reason.CARRIER_KEY_NOT_VALID,
                "the key is valid from " + from + " until " + until);
        DeliveryRejected.require(
                envelope.encryptedKeyLength() == modulusLength(key),
                DeliveryRejected.Reason.ENVELOPE_MALFORMED,
                "the encrypted key is not as long as the carrier's key");
    }

    private static int modulusLength(RSAKey key) {
        try {
            return (key.toRSAPublicKey().getModulus().bitLength() + 7) / 8;
        } catch (JOSEException e) {
            throw new IllegalStateException("the key was checked when it was read", e);
        }
    }

    private static void requireThat(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
