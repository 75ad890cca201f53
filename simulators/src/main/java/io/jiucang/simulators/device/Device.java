package io.jiucang.simulators.device;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.UUID;

/**
 * What the mobile app does with its key: proves that it holds it, and signs its owner's intents, each a compact JWS
 * (RFC 7515) with ES256.
 */
public final class Device {

    private static final Duration LIFE_OF_AN_INTENT = Duration.ofMinutes(5);

    private final String environment;
    private final String owner;
    private final ECKey key;
    private final Clock clock;

    private Device(String environment, String owner, ECKey key, Clock clock) {
        this.environment = environment;
        this.owner = owner;
        this.key = key;
        this.clock = clock;
    }

    /**
     * A device with a new key.
     *
     * @param environment the system it talks to; what it signs is worth nothing in another
     * @param owner the owner's subject at the identity provider
     */
    public static Device create(String environment, String owner, Clock clock) {
        try {
            ECKey key =
                    new ECKeyGenerator(Curve.P_256).keyIDFromThumbprint(true).generate();
            return new Device(environment, owner, key, clock);
        } catch (JOSEException e) {
            throw new IllegalStateException("every JVM has P-256", e);
        }
    }

    /**
     * A device as {@link #save} left it.
     *
     * @throws IllegalArgumentException if {@code saved} is anything else
     */
    public static Device restore(String environment, String owner, String saved, Clock clock) {
        try {
            return new Device(environment, owner, ECKey.parse(saved), clock);
        } catch (ParseException e) {
            throw new IllegalArgumentException("not a saved device key", e);
        }
    }

    /** The private key as JWK, for the device's own storage. */
    public String save() {
        return key.toJSONString();
    }

    /** RFC 7638 thumbprint of its key. */
    public String kid() {
        return key.getKeyID();
    }

    /** The public key as JWK, to be registered in the owner's wallet. */
    public Map<String, Object> publicJwk() {
        return key.toPublicJWK().toJSONObject();
    }

    /** Proof of possession, to go with the registration. */
    public String proofOfPossession() {
        return sign("register-key", Map.of());
    }

    /** @param terms lower-case hex SHA-256 of the custody agreement the owner accepts */
    public String orderIntent(String planId, long quantity, String terms) {
        return sign("order", Map.of("order", Map.of("plan", planId, "quantity", quantity), "terms", terms));
    }

    /** An intent of any kind, issued now. */
    public String sign(String act, Map<String, ?> claims) {
        Instant now = clock.instant();
        JWTClaimsSet.Builder set = new JWTClaimsSet.Builder()
                .issuer(environment)
                .subject(owner)
                .claim("act", act)
                .jwtID(UUID.randomUUID().toString())
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(LIFE_OF_AN_INTENT)));
        claims.forEach(set::claim);
        return sign(set.build());
    }

    /** Exactly these claims; for whoever wants to try what a well-meant device never signs. */
    public String sign(JWTClaimsSet claims) {
        try {
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(kid()).build(), claims);
            jwt.sign(new ECDSASigner(key));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("a P-256 key signs with ES256", e);
        }
    }
}
