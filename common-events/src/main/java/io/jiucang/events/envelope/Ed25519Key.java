package io.jiucang.events.envelope;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.events.value.Base64Url;
import io.jiucang.events.value.Sha256;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * A public Ed25519 key as JWK (RFC 8037): exactly the members that its thumbprint is taken over.
 *
 * @param crv always {@code Ed25519}
 * @param kty always {@code OKP}
 * @param x 32 bytes, base64url
 */
public record Ed25519Key(String crv, String kty, String x) {

    public Ed25519Key {
        if (!crv.equals("Ed25519") || !kty.equals("OKP")) {
            throw new IllegalArgumentException("not an Ed25519 key");
        }
        if (!Ed25519.validatePublicKeyFull(Base64Url.decode(x, Ed25519.PUBLIC_KEY_SIZE, "x"), 0)) {
            throw new IllegalArgumentException("not an Ed25519 public key");
        }
    }

    /** @param publicKey the 32 bytes of RFC 8032 */
    public static Ed25519Key of(byte[] publicKey) {
        return new Ed25519Key("Ed25519", "OKP", Base64Url.encode(publicKey));
    }

    /** RFC 7638 and RFC 8037 thumbprint, SHA-256 in base64url: 43 characters. */
    public String thumbprint() {
        String members = "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"" + x + "\"}";
        return Base64Url.encode(Sha256.digest().digest(members.getBytes(US_ASCII)));
    }

    public boolean verifies(byte[] message, byte[] signature) {
        return check().verifies(message, signature);
    }

    /** The same for many signatures: to read the point off its 32 bytes is a tenth of the work. */
    KeyDirectory.SignatureCheck check() {
        Ed25519PublicKeyParameters point = new Ed25519PublicKeyParameters(Base64Url.decode(x));
        return (message, signature) -> signature.length == Ed25519.SIGNATURE_SIZE
                && point.verify(Ed25519.Algorithm.Ed25519, null, message, 0, message.length, signature, 0);
    }
}
