package io.jiucang.starter.store;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * Seals what the service writes, so that it believes nothing in its database that it did not write itself: an
 * HMAC-SHA256 (RFC 2104) over a row's contents and place, under a key derived from the service's signing key (HKDF, RFC
 * 5869).
 *
 * <p>A seal says that the service wrote the row once, not that it is the newest it wrote, nor that none is missing: of its
 * events, their numbers say so. Safe for use by several threads.
 */
final class Seal {

    private static final byte[] PURPOSE = "jiucang row seal v1".getBytes(StandardCharsets.US_ASCII);

    /** One for each key, ready to seal with; only copies of them are used, for each is for one thread. */
    private final List<Mac> macs;

    /** @param seeds secret keys of the service: the one it signs with first, then those it signed with before */
    Seal(List<byte[]> seeds) {
        this.macs = seeds.stream().map(Seal::derive).map(Seal::mac).toList();
    }

    private static SecretKey derive(byte[] seed) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveKey(
                            "HmacSHA256",
                            HKDFParameterSpec.ofExtract().addIKM(seed).thenExpand(PURPOSE, 32));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HKDF-SHA256", e);
        }
    }

    /** @param fields texts, numbers, byte arrays and nulls, in an order of the table's own */
    byte[] of(String table, @Nullable Object... fields) {
        return copy(macs.getFirst()).doFinal(encoded(table, fields));
    }

    /** @throws StoredRowAltered if {@code seal} was not made by this service for just these fields */
    void require(byte @Nullable [] seal, String row, String table, @Nullable Object... fields) {
        if (seal != null) {
            byte[] encoded = encoded(table, fields);
            for (Mac mac : macs) {
                if (MessageDigest.isEqual(seal, copy(mac).doFinal(encoded))) {
                    return;
                }
            }
        }
        throw new StoredRowAltered(table, row, seal == null ? "it bears no seal" : "its seal is of something else");
    }

    private static Mac mac(SecretKey key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    /** A fraction of what it costs to look one up and give it its key. */
    private static Mac copy(Mac mac) {
        try {
            return (Mac) mac.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("HmacSHA256 of " + mac.getProvider() + " cannot be copied", e);
        }
    }

    /** Each field with its length, so that no two lists of fields give the same bytes. */
    private static byte[] encoded(String table, @Nullable Object... fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            write(out, table);
            for (Object field : fields) {
                write(out, field);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, @Nullable Object field) throws IOException {
        if (field == null) {
            out.writeInt(-1);
            return;
        }
        byte[] bytes =
                field instanceof byte[] binary ? binary : field.toString().getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
