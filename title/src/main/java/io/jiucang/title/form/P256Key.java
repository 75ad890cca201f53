package io.jiucang.title.form;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.events.value.Base64Url;
import io.jiucang.events.value.Sha256;
import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.math.ec.ECPoint;

/**
 * A public P-256 key as JWK (RFC 7518 section 6.2): exactly the members that its thumbprint is taken over.
 *
 * @param crv always {@code P-256}
 * @param kty always {@code EC}
 * @param x 32 bytes, base64url
 * @param y 32 bytes, base64url
 */
public record P256Key(String crv, String kty, String x, String y) {

    private static final int COORDINATE = 32;
    private static final ECDomainParameters DOMAIN = domain();

    public P256Key {
        if (!crv.equals("P-256") || !kty.equals("EC")) {
            throw new IllegalArgumentException("not a P-256 key");
        }
        point(x, y);
    }

    /** RFC 7638 thumbprint, SHA-256 in base64url: 43 characters. */
    public String thumbprint() {
        String members = "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" + x + "\",\"y\":\"" + y + "\"}";
        return Base64Url.encode(Sha256.digest().digest(members.getBytes(US_ASCII)));
    }

    /**
     * @param signature ES256's form of it (RFC 7518 section 3.4): r and s, 32 bytes each. Both s and n−s pass: whoever
     *     identifies something by its signature is mistaken.
     */
    public boolean verifies(byte[] message, byte[] signature) {
        if (signature.length != 2 * COORDINATE) {
            return false;
        }
        ECDSASigner verifier = new ECDSASigner();
        verifier.init(false, new ECPublicKeyParameters(point(x, y), DOMAIN));
        return verifier.verifySignature(
                Sha256.digest().digest(message),
                new BigInteger(1, Arrays.copyOf(signature, COORDINATE)),
                new BigInteger(1, Arrays.copyOfRange(signature, COORDINATE, 2 * COORDINATE)));
    }

    /** @throws IllegalArgumentException if the point is not on the curve */
    private static ECPoint point(String x, String y) {
        return DOMAIN.validatePublicPoint(DOMAIN.getCurve()
                .createPoint(
                        new BigInteger(1, Base64Url.decode(x, COORDINATE, "x")),
                        new BigInteger(1, Base64Url.decode(y, COORDINATE, "y"))));
    }

    private static ECDomainParameters domain() {
        X9ECParameters curve = CustomNamedCurves.getByName("P-256");
        return new ECDomainParameters(curve.getCurve(), curve.getG(), curve.getN(), curve.getH());
    }
}
