package io.jiucang.events.envelope;

import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The public keys each source may sign with, and until when; in use they come from the directory of parties.
 *
 * <p>An event names its key by the key's own thumbprint. The event's own {@code time} is what is held against the key's end,
 * so that an event stays valid however late it is read; but whoever holds a stolen key can date an event back. Against that,
 * only the ledger helps: what was anchored before the key's end is good for ever, and nothing else (law of title, K3).
 */
public final class KeyDirectory {

    private final Map<Name, TrustedKey> keys;

    /**
     * One key of a source.
     *
     * @param validUntil exclusive end of validity; every key has one, so that a directory nobody tends lapses
     */
    public record Key(URI source, Ed25519Key key, Instant validUntil) {

        public Key {
            // Times are signed to the second only: with a finer limit, the unsigned rest could decide.
            if (!validUntil.equals(validUntil.truncatedTo(ChronoUnit.SECONDS))) {
                throw new IllegalArgumentException("a key's end is not in whole seconds: " + validUntil);
            }
        }
    }

    record Name(URI source, String keyId) {}

    record TrustedKey(Instant validUntil, SignatureCheck check) {

        boolean isValidAt(Instant time) {
            return time.isBefore(validUntil);
        }
    }

    @FunctionalInterface
    interface SignatureCheck {
        boolean verifies(byte[] message, byte[] signature);
    }

    KeyDirectory(Map<Name, TrustedKey> keys) {
        this.keys = Map.copyOf(keys);
    }

    /** @throws IllegalArgumentException if a source has one key twice */
    public static KeyDirectory of(Collection<Key> entries) {
        Map<Name, TrustedKey> keys = new HashMap<>();
        for (Key entry : entries) {
            String keyId = entry.key().thumbprint();
            TrustedKey trusted = new TrustedKey(entry.validUntil(), entry.key().check());
            if (keys.put(new Name(entry.source(), keyId), trusted) != null) {
                throw new IllegalArgumentException(entry.source() + " has the key " + keyId + " twice");
            }
        }
        return new KeyDirectory(keys);
    }

    /** Whether an event of this source and time may be signed by this key. */
    public boolean isValid(URI source, String keyId, Instant time) {
        return find(source, keyId).filter(key -> key.isValidAt(time)).isPresent();
    }

    Optional<TrustedKey> find(URI source, String keyId) {
        return Optional.ofNullable(keys.get(new Name(source, keyId)));
    }
}
