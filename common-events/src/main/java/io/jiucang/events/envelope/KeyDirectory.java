package io.jiucang.events.envelope;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.jiucang.events.EventJson;
import io.jiucang.events.value.Require;
import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The public keys each source may sign with, and when.
 *
 * <p>To rotate, add the new key with an interval that overlaps the old one's, then switch the signer. To revoke, close
 * the interval at the last moment the key was safe: everything later is refused at once. The event's own {@code time}
 * is what is held against the interval, so that an event stays valid however late it is read; but whoever holds a stolen
 * key can date an event back into the interval. Against that, take the key out of the directory altogether as soon as
 * its last honest event is consumed; what was honest stays provable, because it stands in the ledger.
 */
public final class KeyDirectory {

    private static final JsonMapper MAPPER = EventJson.mapper()
            .rebuild()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Map<Name, TrustedKey> keys;

    /** The one signature algorithm in use. It belongs to the key, never to the message. */
    public enum Algorithm {
        @JsonProperty("Ed25519")
        ED25519
    }

    /**
     * One entry of the directory.
     *
     * @param publicKey the 32 bytes of RFC 8032, in JSON as Base64
     * @param validFrom first second of validity
     * @param validUntil exclusive end of validity; every key has one, so that a directory nobody tends lapses
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record Key(
            URI source, String keyId, Algorithm algorithm, byte[] publicKey, Instant validFrom, Instant validUntil) {

        public Key {
            Require.text(keyId, "keyId");
            if (publicKey.length != Ed25519.PUBLIC_KEY_SIZE || !Ed25519.validatePublicKeyFull(publicKey, 0)) {
                throw new IllegalArgumentException("not an Ed25519 public key: " + keyId);
            }
            // Times are signed to the second only: with finer limits, the unsigned rest could decide.
            if (!validFrom.equals(validFrom.truncatedTo(ChronoUnit.SECONDS))
                    || !validUntil.equals(validUntil.truncatedTo(ChronoUnit.SECONDS))
                    || !validFrom.isBefore(validUntil)) {
                throw new IllegalArgumentException("not an interval in whole seconds: " + keyId);
            }
        }
    }

    record Name(URI source, String keyId) {}

    record TrustedKey(Instant validFrom, Instant validUntil, SignatureCheck check) {

        boolean isValidAt(Instant time) {
            return !time.isBefore(validFrom) && time.isBefore(validUntil);
        }
    }

    @FunctionalInterface
    interface SignatureCheck {
        boolean verifies(byte[] message, byte[] signature);
    }

    private record Document(List<Key> keys) {
        Document {
            keys = List.copyOf(keys);
        }
    }

    KeyDirectory(Map<Name, TrustedKey> keys) {
        this.keys = Map.copyOf(keys);
    }

    /** @throws IllegalArgumentException if two keys of one source have the same id */
    public static KeyDirectory of(Collection<Key> entries) {
        Map<Name, TrustedKey> keys = new HashMap<>();
        for (Key key : entries) {
            TrustedKey trusted = new TrustedKey(key.validFrom(), key.validUntil(), ed25519(key.publicKey()));
            if (keys.put(new Name(key.source(), key.keyId()), trusted) != null) {
                throw new IllegalArgumentException("two keys of " + key.source() + " are called " + key.keyId());
            }
        }
        return new KeyDirectory(keys);
    }

    /**
     * Reads {@code {"keys": [{"source", "keyId", "algorithm": "Ed25519", "publicKey", "validFrom", "validUntil"}]}}, as
     * {@link #write} writes it; nothing may be missing or added.
     *
     * @throws IllegalArgumentException if the document is anything else
     */
    public static KeyDirectory read(byte[] json) {
        try {
            return of(MAPPER.readValue(json, Document.class).keys());
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not a key directory: " + e.getMessage(), e);
        }
    }

    public static byte[] write(Collection<Key> entries) {
        return MAPPER.writeValueAsBytes(new Document(List.copyOf(entries)));
    }

    /** Whether an event of this source and time may be signed by this key. */
    public boolean isValid(URI source, String keyId, Instant time) {
        return find(source, keyId).filter(key -> key.isValidAt(time)).isPresent();
    }

    Optional<TrustedKey> find(URI source, String keyId) {
        return Optional.ofNullable(keys.get(new Name(source, keyId)));
    }

    private static SignatureCheck ed25519(byte[] publicKey) {
        Ed25519PublicKeyParameters key = new Ed25519PublicKeyParameters(publicKey);
        return (message, signature) -> signature.length == Ed25519.SIGNATURE_SIZE
                && key.verify(Ed25519.Algorithm.Ed25519, null, message, 0, message.length, signature, 0);
    }
}
