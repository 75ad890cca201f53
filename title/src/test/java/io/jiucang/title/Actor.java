package io.jiucang.title;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.events.value.Base64Url;
import io.jiucang.events.value.Sha256;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Spoken;
import io.jiucang.title.statement.Statements;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.util.BigIntegers;

/** Somebody with a P-256 key, the same for the same name, who signs whatever they like (RFC 6979). */
public final class Actor {

    private static final X9ECParameters CURVE = CustomNamedCurves.getByName("P-256");
    private static final ECDomainParameters DOMAIN =
            new ECDomainParameters(CURVE.getCurve(), CURVE.getG(), CURVE.getN(), CURVE.getH());
    private static final int COORDINATE = 32;

    private final String name;
    private final BigInteger secret;
    private final P256Key key;

    private Actor(String name) {
        this.name = name;
        byte[] seed = Sha256.digest().digest(("key of " + name).getBytes(US_ASCII));
        this.secret = new BigInteger(1, seed)
                .mod(DOMAIN.getN().subtract(BigInteger.ONE))
                .add(BigInteger.ONE);
        ECPoint point = DOMAIN.getG().multiply(secret).normalize();
        this.key = new P256Key(
                "P-256",
                "EC",
                Base64Url.encode(point.getAffineXCoord().getEncoded()),
                Base64Url.encode(point.getAffineYCoord().getEncoded()));
    }

    public static Actor called(String name) {
        return new Actor(name);
    }

    /** A party's id in the directory. */
    public String name() {
        return name;
    }

    public P256Key key() {
        return key;
    }

    /** A wallet's id or a terminal's, if this is its first key. */
    public String id() {
        return key.thumbprint();
    }

    public byte[] secret() {
        return BigIntegers.asUnsignedByteArray(COORDINATE, secret);
    }

    public String says(Spoken spoken, Act act) {
        return signed(Statements.signingInput(id(), spoken, act));
    }

    public String signed(String signingInput) {
        return signingInput + "." + Base64Url.encode(sign(signingInput));
    }

    /** The same statement under the other signature, r and n−s. */
    public static String malleated(String jws) {
        int dot = jws.lastIndexOf('.');
        byte[] signature = Base64Url.decode(jws.substring(dot + 1));
        BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, COORDINATE, 2 * COORDINATE));
        byte[] other = BigIntegers.asUnsignedByteArray(COORDINATE, DOMAIN.getN().subtract(s));
        System.arraycopy(other, 0, signature, COORDINATE, COORDINATE);
        return jws.substring(0, dot + 1) + Base64Url.encode(signature);
    }

    /** Claims for anything, {@code jti} counted instead of random. */
    public static Spoken spoken(String origin, String sub, long number, Instant iat, Optional<Instant> exp) {
        byte[] jti = Arrays.copyOf(Sha256.digest().digest(Long.toString(number).getBytes(US_ASCII)), 16);
        return new Spoken(origin, sub, Base64Url.encode(jti), iat, exp);
    }

    private byte[] sign(String signingInput) {
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
        signer.init(true, new ECPrivateKeyParameters(secret, DOMAIN));
        BigInteger[] rs = signer.generateSignature(Sha256.digest().digest(signingInput.getBytes(US_ASCII)));
        byte[] signature = new byte[2 * COORDINATE];
        System.arraycopy(BigIntegers.asUnsignedByteArray(COORDINATE, rs[0]), 0, signature, 0, COORDINATE);
        System.arraycopy(BigIntegers.asUnsignedByteArray(COORDINATE, rs[1]), 0, signature, COORDINATE, COORDINATE);
        return signature;
    }
}
