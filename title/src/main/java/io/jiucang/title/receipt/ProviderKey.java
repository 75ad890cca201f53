package io.jiucang.title.receipt;

import static io.jiucang.title.form.Form.NAME;

import io.jiucang.events.value.Base64Url;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;

/**
 * A key that a payment provider signs its answers with: RSA, SHA-256, PKCS #1 v1.5.
 *
 * @param serial what the provider calls it by in {@code Wechatpay-Serial}
 * @param publicKey its SubjectPublicKeyInfo in base64url; at least 2048 bits
 */
public record ProviderKey(String serial, String publicKey) {

    private static final int FEWEST_BITS = 2048;

    public ProviderKey {
        NAME.require(serial, "serial");
        rsa(publicKey);
    }

    boolean verifies(byte[] message, byte[] signature) {
        try {
            Signature rsa = Signature.getInstance("SHA256withRSA");
            rsa.initVerify(rsa(publicKey));
            rsa.update(message);
            return rsa.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static PublicKey rsa(String publicKey) {
        byte[] encoded = Base64Url.decode(publicKey);
        try {
            PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(encoded));
            if (!(key instanceof RSAPublicKey rsa)
                    || rsa.getModulus().bitLength() < FEWEST_BITS
                    || !Arrays.equals(key.getEncoded(), encoded)) {
                throw new IllegalArgumentException("not an RSA key of at least " + FEWEST_BITS + " bits");
            }
            return key;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not an RSA key", e);
        }
    }
}
