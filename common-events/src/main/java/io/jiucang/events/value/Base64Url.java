package io.jiucang.events.value;

import java.util.Base64;

/**
 * Base64url without padding (RFC 7515 section 2), of which only the text that its own encoder writes is taken: no padding,
 * no foreign character, no bit set behind the last byte.
 */
public final class Base64Url {

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private Base64Url() {}

    public static String encode(byte[] bytes) {
        return ENCODER.encodeToString(bytes);
    }

    /** @throws IllegalArgumentException if the text is not the canonical form of any bytes */
    public static byte[] decode(String text) {
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        if (!encode(bytes).equals(text)) {
            throw new IllegalArgumentException("not canonical base64url");
        }
        return bytes;
    }

    /** @throws IllegalArgumentException if the text is not the canonical form of exactly {@code length} bytes */
    public static byte[] decode(String text, int length, String name) {
        byte[] bytes = decode(text);
        if (bytes.length != length) {
            throw new IllegalArgumentException(name + " has " + length + " bytes, not " + bytes.length);
        }
        return bytes;
    }
}
