package io.jiucang.title.receipt;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.events.value.Sha256;
import io.jiucang.ledger.Hash;
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
    private static final int LONGEST_BODY = 16_384;
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

    /** What events name it by: SHA-256 of serial, timestamp, nonce, body and the Base64 signature, a line feed after each. */
    public Hash sha256() {
        var digest = Sha256.digest();
        digest.update((serial + "\n").getBytes(US_ASCII));
        digest.update(signedMessage());
        digest.update((Base64.getEncoder().encodeToString(signature) + "\n").getBytes(US_ASCII));
        return Hash.of(digest.digest());
    }

    /** Timestamp, nonce and body, a line feed after each: neither the URL nor the status is signed. */
    byte[] signedMessage() {
        byte[] head = (timestamp + "\n" + nonce + "\n").getBytes(US_ASCII);
        byte[] message = new byte[head.length + body.length + 1];
        System.arraycopy(head, 0, message, 0, head.length);
        System.arraycopy(body, 0, message, head.length, body.length);
        message[message.length - 1] = '\n';
        return message;
    }
}
