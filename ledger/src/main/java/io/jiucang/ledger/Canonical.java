package io.jiucang.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.ledger.LedgerException.Reason;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;

/**
 * Strict readers of the encodings the formats share: one value, one spelling.
 *
 * <p>The JDK's own decoders forgive (missing padding, stray bits, other scripts' digits, lone surrogates). Where bytes
 * are signed or compared, each forgiven spelling would be a second name for one thing.
 */
final class Canonical {

    private Canonical() {}

    static byte[] base64(String text, Reason reason) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new LedgerException(reason, "not base64: " + shown(text), e);
        }
        if (!base64(bytes).equals(text)) {
            throw new LedgerException(reason, "not canonical base64: " + shown(text));
        }
        return bytes;
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** An unsigned 64-bit ASCII decimal without leading zeroes. */
    static long decimal(String text, Reason reason) {
        boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || (text.length() > 1 && text.charAt(0) == '0')) {
            throw new LedgerException(reason, "not a decimal number: " + shown(text));
        }
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw new LedgerException(reason, "number past 64 bits: " + shown(text), e);
        }
    }

    static String utf8(byte[] bytes, Reason reason) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new LedgerException(reason, "not UTF-8", e);
        }
    }

    static byte[] utf8(String text, Reason reason) {
        try {
            ByteBuffer encoded = UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new LedgerException(reason, "not encodable as UTF-8", e);
        }
    }

    /** Untrusted text in a message: short, and without control characters that could drive a terminal. */
    static String shown(String text) {
        String head = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return '"' + head.replaceAll("\\p{C}", "?") + '"';
    }
}
