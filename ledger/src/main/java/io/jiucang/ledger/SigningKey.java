package io.jiucang.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.ledger.LedgerException.Reason;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** An Ed25519 key that signs notes under its name. It never shows its seed. */
public final class SigningKey {

    private static final String SKEY_PREFIX = "PRIVATE+KEY+";

    private final byte[] seed;
    private final byte[] publicKey;
    private final VerifierKey verifierKey;

    private SigningKey(byte[] ownedSeed, byte[] ownedPublicKey, VerifierKey verifierKey) {
        this.seed = ownedSeed;
        this.publicKey = ownedPublicKey;
        this.verifierKey = verifierKey;
    }

    /**
     * @param seed the 32-byte private key of RFC 8032
     * @throws LedgerException {@code MALFORMED_KEY}
     */
    public static SigningKey of(String name, byte[] seed) {
        if (seed.length != Ed25519.SECRET_KEY_SIZE) {
            throw new LedgerException(Reason.MALFORMED_KEY, "a seed has 32 bytes, not " + seed.length);
        }
        byte[] publicKey = new byte[Ed25519.PUBLIC_KEY_SIZE];
        Ed25519.generatePublicKey(seed, 0, publicKey, 0);
        return new SigningKey(seed.clone(), publicKey, VerifierKey.of(name, publicKey));
    }

    /**
     * Reads the text form of Go's note package, {@code PRIVATE+KEY+<name>+<key ID>+<base64(0x01 || seed)>}.
     *
     * @throws LedgerException {@code MALFORMED_KEY} or {@code UNSUPPORTED_KEY}; the message never repeats the text
     */
    public static SigningKey parse(String skey) {
        String[] parts = skey.startsWith(SKEY_PREFIX)
                ? skey.substring(SKEY_PREFIX.length()).split("\\+", 3)
                : new String[0];
        if (parts.length != 3) {
            throw new LedgerException(Reason.MALFORMED_KEY, "not PRIVATE+KEY+<name>+<key ID>+<key>");
        }
        SigningKey key;
        try {
            key = of(parts[0], VerifierKey.keyMaterial(parts[2]));
        } catch (LedgerException e) {
            // Without its cause, whose message may quote the secret.
            throw new LedgerException(e.reason(), "not a signing key of type Ed25519 (0x01)");
        }
        if (!key.verifierKey.idHex().equals(parts[1])) {
            throw new LedgerException(Reason.MALFORMED_KEY, "the key ID is not that of this name and key");
        }
        return key;
    }

    public VerifierKey verifierKey() {
        return verifierKey;
    }

    SignedNote.Signature sign(String text) {
        byte[] message = text.getBytes(UTF_8);
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(seed, 0, publicKey, 0, message, 0, message.length, signature, 0);
        return SignedNote.Signature.of(verifierKey.name(), verifierKey.id(), signature);
    }

    @Override
    public String toString() {
        return "SigningKey[" + verifierKey.name() + "+" + verifierKey.idHex() + "]";
    }
}
