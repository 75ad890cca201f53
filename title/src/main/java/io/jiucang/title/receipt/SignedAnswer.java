package io.jiucang.title.receipt;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.events.value.Sha256;
import io.jiucang.ledger.Hash;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * What a provider answered and signed, byte for byte (WeChat Pay, API v3): its {@code Wechatpay-*} headers and the body.
 *
 * @param serial of the key
 * @param timestamp as the header has it, seconds since 1970
 * @param nonce as the header has it
 * @param body the answer's bytes
 * @param signature the header's Base64, decoded
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by its hash alone.
public record SignedAnswer(String serial, String timestamp, String nonce, byte[] body, byte[] signature) {

    private static final Pattern TIMESTAMP = Pattern.compile("[1-9][0-9]{0,11}");
    private static final Pattern NONCE = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern SERIAL = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    /** In bytes. */
    public static final int LONGEST_BODY = 16_384;

    private static final int LONGEST_SIGNATURE = 1_024;

    public SignedAnswer {
        if (!TIMESTAMP.matcher(timestamp).matches()
                || !NONCE.matcher(nonce).matches()
                || !SERIAL.matcher(serial).matches()) {
            throw new IllegalArgumentException("not the headers of a signed answer");
        }
        if (body.length > LONGEST_BODY || signature.length > LONGEST_SIGNATURE) {
            throw new IllegalArgumentException("longer than any answer");
        }
        body = body.clone();
        signature = signature.clone();
    }

    @Override
    public byte[] body() {
        return body.clone();
    }

    @Override
    public byte[] signature() {
        return signature.clone();
    }

    /**
     * Reads {@link #bytes} back. The body alone may hold line feeds, so the first three and the last two part the rest.
     *
     * @throws IllegalArgumentException if nothing else would be written so
     */
    public static SignedAnswer parse(byte[] bytes) {
        String text = new String(bytes, ISO_8859_1);
        int serial = text.indexOf('\n');
        int timestamp = text.indexOf('\n', serial + 1);
        int nonce = text.indexOf('\n', timestamp + 1);
        int body = text.lastIndexOf('\n', text.length() - 2);
        if (serial < 0 || timestamp < 0 || nonce < 0 || body <= nonce || !text.endsWith("\n")) {
            throw new IllegalArgumentException("not the lines of a signed answer");
        }
        SignedAnswer answer = new SignedAnswer(
                text.substring(0, serial),
                text.substring(serial + 1, timestamp),
                text.substring(timestamp + 1, nonce),
                Arrays.copyOfRange(bytes, nonce + 1, body),
                Base64.getDecoder().decode(text.substring(body + 1, text.length() - 1)));
        if (!Arrays.equals(answer.bytes(), bytes)) {
            throw new IllegalArgumentException("another signed answer's lines");
        }
        return answer;
    }

    /** What is kept of it: serial, timestamp, nonce, body and the Base64 of the signature, a line feed after each. */
    public byte[] bytes() {
        return lines(
                ascii(serial),
                ascii(timestamp),
                ascii(nonce),
                body,
                ascii(Base64.getEncoder().encodeToString(signature)));
    }

    /** What events name it by: SHA-256 of {@link #bytes}. */
    public Hash sha256() {
        return Hash.of(Sha256.digest().digest(bytes()));
    }

    /** Timestamp, nonce and body, a line feed after each: neither the URL nor the status is signed. */
    byte[] signedMessage() {
        return lines(ascii(timestamp), ascii(nonce), body);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    private static byte[] lines(byte[]... lines) {
        ByteBuffer bytes = ByteBuffer.allocate(
                Arrays.stream(lines).mapToInt(line -> line.length + 1).sum());
        for (byte[] line : lines) {
            bytes.put(line).put((byte) '\n');
        }
        return bytes.array();
    }
}
