package io.jiucang.ledger;

import io.jiucang.ledger.LedgerException.Reason;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** A SHA-256 hash: 32 bytes, immutable. */
public final class Hash {

    /** Length of every hash in bytes. */
    public static final int LENGTH = 32;

    private final byte[] bytes;

    private Hash(byte[] owned) {
        this.bytes = owned;
    }

    /** @throws LedgerException {@code MALFORMED_HASH} unless there are exactly 32 bytes */
    public static Hash of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new LedgerException(Reason.MALFORMED_HASH, "a hash has 32 bytes, not " + bytes.length);
        }
        return new Hash(bytes.clone());
    }

    /** @throws LedgerException {@code MALFORMED_HASH} unless the text is the canonical base64 of 32 bytes */
    public static Hash ofBase64(String text) {
        return of(Canonical.base64(text, Reason.MALFORMED_HASH));
    }

    /** @throws LedgerException {@code MALFORMED_HASH} unless the text is 64 lower-case hex digits */
    public static Hash ofHex(String text) {
        boolean lowerHex = text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        if (!lowerHex || text.length() != 2 * LENGTH) {
            throw new LedgerException(Reason.MALFORMED_HASH, "not 64 hex digits: " + Canonical.shown(text));
        }
        return new Hash(HexFormat.of().parseHex(text));
    }

    static Hash at(byte[] hashes, int position) {
        return new Hash(Arrays.copyOfRange(hashes, position * LENGTH, (position + 1) * LENGTH));
    }

    static Hash finish(MessageDigest digest) {
        return new Hash(digest.digest());
    }

    void updateInto(MessageDigest digest) {
        digest.update(bytes);
    }

    void copyInto(byte[] hashes, int position) {
        System.arraycopy(bytes, 0, hashes, position * LENGTH, LENGTH);
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public String base64() {
        return Canonical.base64(bytes);
    }

    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Hash hash && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return hex();
    }
}
