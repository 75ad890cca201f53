package io.jiucang.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/**
 * What the database does not know: whoever has a copy of it, and not this, can neither try passwords nor open a stored
 * envelope.
 */
@Component
class DeliverySecret {

    private static final int SHORTEST = 32;

    private final byte[] secret;

    DeliverySecret(DeliverySettings settings) {
        try {
            this.secret = Base64.getMimeDecoder().decode(Files.readAllBytes(settings.secretFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (secret.length < SHORTEST) {
            throw new IllegalStateException(settings.secretFile() + " has fewer than " + SHORTEST + " bytes in Base64");
        }
    }

    /** 32 bytes that only the secret's holder can compute; different for each purpose, and for each input. */
    byte[] derive(String purpose, byte[] input) {
        return hmac(hmac(secret, purpose.getBytes(StandardCharsets.UTF_8)), input);
    }

    private static byte[] hmac(byte[] key, byte[] input) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(input);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has HMAC-SHA-256", e);
        }
    }
}
