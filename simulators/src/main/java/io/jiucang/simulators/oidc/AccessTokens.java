package io.jiucang.simulators.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.jiucang.simulators.KeyFiles;
import java.net.URI;
import java.nio.file.Path;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Date;
import java.util.UUID;

/**
 * The access tokens of the identity provider that keeps its key in a directory. Whoever may read that directory can be any
 * number of users, known to the provider or not: so thousands can buy without thousands signing in.
 */
public final class AccessTokens {

    static final Duration LIFETIME = Duration.ofHours(8);

    private static final int ADULT = 18;

    private final RSAKey key;
    private final RSASSASigner signer;
    private final Clock clock;

    private AccessTokens(RSAKey key, RSASSASigner signer, Clock clock) {
        this.key = key;
        this.signer = signer;
        this.clock = clock;
    }

    /** @param directory of an {@link OpenIdSimulator}; a key is made if it has none */
    public static AccessTokens of(Path directory, Clock clock) {
        var keyPair = KeyFiles.rsa(directory.resolve("token-signing.key.pem"));
        try {
            RSAKey key = new RSAKey.Builder((RSAPublicKey) keyPair.getPublic())
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.RS256)
                    .keyIDFromThumbprint()
                    .build();
            return new AccessTokens(key, new RSASSASigner(keyPair.getPrivate()), clock);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The public key as JWK. */
    RSAKey key() {
        return key;
    }

    public String issue(URI issuer, User user) {
        Instant now = clock.instant();
        boolean adult = !user.birthdate().plusYears(ADULT).isAfter(LocalDate.ofInstant(now, clock.getZone()));
        var claims = new JWTClaimsSet.Builder()
                .issuer(issuer.toString())
                .subject(user.username())
                .audience(OpenIdSimulator.AUDIENCE)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(LIFETIME)))
                .jwtID(UUID.randomUUID().toString())
                .claim("preferred_username", user.username())
                .claim("name", user.displayName())
                .claim("roles", user.roles())
                // The birthdate itself stays here: nobody but the identity provider needs it.
                .claim("age_over_18", adult)
                .build();
        var header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .type(JOSEObjectType.JWT)
                .keyID(key.getKeyID())
                .build();
        var jwt = new SignedJWT(header, claims);
        try {
            jwt.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
        return jwt.serialize();
    }
}
