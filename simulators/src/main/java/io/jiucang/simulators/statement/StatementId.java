package io.jiucang.simulators.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.simulators.Sha256;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.UUID;

/**
 * What a statement is known by, and what the ids of all that it begins are made from.
 *
 * @param hex SHA-256 of its signing input, in lower-case hex; the signature, which others can change, has no part in it
 */
public record StatementId(String hex) {

    /** @param jws a statement; a text without a dot is none */
    public static StatementId of(String jws) {
        String signingInput = jws.substring(0, jws.lastIndexOf('.'));
        return new StatementId(HexFormat.of().formatHex(Sha256.of(signingInput.getBytes(US_ASCII))));
    }

    /** Of an offer. */
    public String planId() {
        return made("plan");
    }

    /** Of an offer. */
    public String vaultId() {
        return made("vault");
    }

    /** Of an order. */
    public String orderId() {
        return made("order");
    }

    /** Of an order; without hyphens it is the payment provider's order number. */
    public String paymentId() {
        return made("payment");
    }

    /** Of a pickup. */
    public String holdId() {
        return made("hold");
    }

    /** UUIDv8 (RFC 9562 section 5.8) of the first 16 bytes of SHA-256(kind, 0x00, id). */
    private String made(String kind) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.writeBytes(kind.getBytes(US_ASCII));
        input.write(0);
        input.writeBytes(HexFormat.of().parseHex(hex));
        byte[] uuid = Sha256.of(input.toByteArray());
        uuid[6] = (byte) ((uuid[6] & 0x0f) | 0x80);
        uuid[8] = (byte) ((uuid[8] & 0x3f) | 0x80);
        ByteBuffer halves = ByteBuffer.wrap(uuid);
        return new UUID(halves.getLong(), halves.getLong()).toString();
    }
}
