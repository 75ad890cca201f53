package io.jiucang.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.ledger.LedgerException.Reason;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** A C2SP signed-note verifier key (vkey) of type Ed25519: {@code <name>+<key ID>+<base64(0x01 || public key)>}. */
public final class VerifierKey {

    static final byte ED25519 = 0x01;

    private final String name;
    private final int id;
    private final byte[] publicKey;

    private VerifierKey(String name, byte[] ownedPublicKey) {
        this.name = name;
        this.publicKey = ownedPublicKey;
        this.id = keyId(name, ownedPublicKey);
    }

    /**
     * @param publicKey the 32 bytes of RFC 8032
     * @throws LedgerException {@code MALFORMED_KEY} for a name with spaces or a plus, or for bytes that are no point of the
     *     prime-order group: under a key of small order, one signature fits many texts
     */
    public static VerifierKey of(String name, byte[] publicKey) {
        requireName(name, Reason.MALFORMED_KEY);
        if (publicKey.length != Ed25519.PUBLIC_KEY_SIZE || !Ed25519.validatePublicKeyFull(publicKey, 0)) {
            throw new LedgerException(Reason.MALFORMED_KEY, "not an Ed25519 public key");
        }
        return new VerifierKey(name, publicKey.clone());
    }

    /** @throws LedgerException {@code MALFORMED_KEY} or {@code UNSUPPORTED_KEY} */
    public static VerifierKey parse(String vkey) {
        String[] parts = vkey.split("\\+", 3);
        if (parts.length != 3) {
            throw new LedgerException(Reason.MALFORMED_KEY, "not <name>+<key ID>+<key>: " + Canonical.shown(vkey));
        }
        VerifierKey key = of(parts[0], keyMaterial(parts[2]));
        if (!key.idHex().equals(parts[1])) {
            throw new LedgerException(
                    Reason.MALFORMED_KEY, "the key ID is " + key.idHex() + ", not " + Canonical.shown(parts[1]));
        }
        return key;
    }

    public String name() {
        return name;
    }

    /** The 32-bit key ID: the head of SHA-256(name || 0x0A || 0x01 || public key). */
    public int id() {
        return id;
    }

    public String idHex() {
        return HexFormat.of().toHexDigits(id);
    }

    public byte[] publicKey() {
        return publicKey.clone();
    }

    /** The vkey text. */
    public String format() {
        byte[] material = new byte[1 + publicKey.length];
        material[0] = ED25519;
        System.arraycopy(publicKey, 0, material, 1, publicKey.length);
        return name + "+" + idHex() + "+" + Canonical.base64(material);
    }

    boolean verifies(byte[] message, byte[] signature) {
        return signature.length == Ed25519.SIGNATURE_SIZE
                && Ed25519.verify(signature, 0, publicKey, 0, message, 0, message.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifierKey key && name.equals(key.name) && Arrays.equals(publicKey, key.publicKey);
    }

    @Override
    public int hashCode() {
        return id;
    }

    @Override
    public String toString() {
        return format();
    }

    /** Key names are non-empty and have neither Unicode spaces nor plus; what no note can hold is refused as well. */
    static void requireName(String name, Reason reason) {
        boolean bad = name.codePoints()
                .anyMatch(c -> c == '+' || c < ' ' || c == 0x85 || Character.isSpaceChar(c) || isSurrogate(c));
        if (name.isEmpty() || bad) {
            throw new LedgerException(reason, "not a key name: " + Canonical.shown(name));
        }
    }

    /** The 32 bytes behind the signature type. */
    static byte[] keyMaterial(String base64) {
        byte[] typed = Canonical.base64(base64, Reason.MALFORMED_KEY);
        if (typed.length == 0) {
            throw new LedgerException(Reason.MALFORMED_KEY, "the key is empty");
        }
        if (typed[0] != ED25519) {
            throw new LedgerException(
                    Reason.UNSUPPORTED_KEY,
                    "only Ed25519 (0x01) keys are supported, not type 0x"
                            + HexFormat.of().toHexDigits(typed[0]));
        }
        return Arrays.copyOfRange(typed, 1, typed.length);
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    private static int keyId(String name, byte[] publicKey) {
        MessageDigest sha256 = MerkleTree.sha256();
        sha256.update(name.getBytes(UTF_8));
        sha256.update((byte) '\n');
        sha256.update(ED25519);
        sha256.update(publicKey);
        return ByteBuffer.wrap(sha256.digest()).getInt();
    }
}
