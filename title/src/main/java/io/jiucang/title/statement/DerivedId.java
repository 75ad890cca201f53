package io.jiucang.title.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.events.value.Sha256;
import io.jiucang.ledger.Hash;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.UUID;

/** Ids made from a statement's, or from a leaf's hash, which nobody can choose. */
public final class DerivedId {

    private DerivedId() {}

    /** UUIDv8 (RFC 9562 section 5.8) of the first 16 bytes of SHA-256(kind, 0x00, statement id or leaf hash). */
    public static String of(String kind, Hash origin) {
        MessageDigest sha256 = Sha256.digest();
        sha256.update(kind.getBytes(US_ASCII));
        sha256.update((byte) 0);
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest(origin.bytes()));
        long high = (digest.getLong() & ~0xf000L) | 0x8000L;
        long low = (digest.getLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }
}
