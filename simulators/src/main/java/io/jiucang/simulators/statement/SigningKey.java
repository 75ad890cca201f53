package io.jiucang.simulators.statement;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import io.jiucang.simulators.KeyFiles;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A P-256 key of a party, a terminal or a wallet, and the form of what it signs. */
public final class SigningKey {

    private static final JsonMapper CANONICAL = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private final ECKey key;
    private final String thumbprint;

    private SigningKey(ECKey key) throws JOSEException {
        this.key = key;
        this.thumbprint = key.computeThumbprint().toString();
    }

    public static SigningKey create() {
        try {
            return new SigningKey(
                    new ECKeyGenerator(Curve.P_256).keyIDFromThumbprint(true).generate());
        } catch (JOSEException e) {
            throw new IllegalStateException("every JVM has P-256", e);
        }
    }

    /**
     * A key as {@link #save} left it.
     *
     * @throws IllegalArgumentException if {@code saved} is anything else
     */
    public static SigningKey restore(String saved) {
        try {
            ECKey key = ECKey.parse(saved);
            if (!key.isPrivate() || !Curve.P_256.equals(key.getCurve())) {
                throw new IllegalArgumentException("not a private P-256 key");
            }
            return new SigningKey(key);
        } catch (ParseException | JOSEException e) {
            throw new IllegalArgumentException("not a saved key", e);
        }
    }

    /** The key in this file; a new one, if there is no such file yet. */
    public static SigningKey open(Path file) {
        return restore(KeyFiles.readOrMake(file, () -> create().save()));
    }

    /** The private key as JWK. */
    public String save() {
        return key.toJSONString();
    }

    /** RFC 7638: what a statement's {@code kid} is, and what a terminal or a wallet with this first key is known by. */
    public String thumbprint() {
        return thumbprint;
    }

    /** The public key as JWK, exactly the four members that its thumbprint is taken over. */
    public Map<String, String> publicKey() {
        return Map.of(
                "crv",
                key.getCurve().getName(),
                "kty",
                key.getKeyType().getValue(),
                "x",
                key.getX().toString(),
                "y",
                key.getY().toString());
    }

    /**
     * Exactly these claims, as a compact JWS in the one form of statements; for whoever wants to try what a well-meaning
     * {@link Speaker} never says.
     *
     * @param claims texts, whole numbers, booleans; lists, sets and maps of them
     */
    public String sign(String typ, Map<String, ?> claims) {
        String signingInput = part(Map.of("alg", "ES256", "kid", thumbprint, "typ", typ)) + "." + part(claims);
        try {
            // Of the header, this signer asks for the algorithm alone; its bytes are ours.
            return signingInput + "."
                    + new ECDSASigner(key).sign(new JWSHeader(JWSAlgorithm.ES256), signingInput.getBytes(UTF_8));
        } catch (JOSEException e) {
            throw new IllegalStateException("a P-256 key signs with ES256", e);
        }
    }

    private static String part(Map<String, ?> members) {
        return Base64URL.encode(CANONICAL.writeValueAsBytes(members)).toString();
    }
}
