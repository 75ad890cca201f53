package io.jiucang.ledger;

import io.jiucang.ledger.LedgerException.Reason;
import java.util.Arrays;

/** One log entry: opaque bytes, as many as an entry bundle can carry, immutable. */
public final class Entry {

    /** The longest entry in bytes: tlog-tiles gives an entry's length two bytes. */
    public static final int MAX_LENGTH = 0xffff;

    private final byte[] bytes;

    private Entry(byte[] owned) {
        this.bytes = owned;
    }

    /** @throws LedgerException {@code ENTRY_TOO_LONG} past {@link #MAX_LENGTH} */
    public static Entry of(byte[] bytes) {
        if (bytes.length > MAX_LENGTH) {
            throw new LedgerException(Reason.ENTRY_TOO_LONG, "an entry has at most 65,535 bytes, not " + bytes.length);
        }
        return new Entry(bytes.clone());
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    /** RFC 9162 §2.1.1. */
    public Hash leafHash() {
        return MerkleTree.leafHash(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Entry entry && Arrays.equals(bytes, entry.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "Entry[" + bytes.length + " bytes]";
    }
}
