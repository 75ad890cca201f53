package io.jiucang.token;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.jiucang.events.value.Ids;
import io.jiucang.starter.RefusedToStart;
import io.jiucang.starter.ServiceSettings;
import io.jiucang.starter.store.KeyFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.stereotype.Component;

/**
 * Access tokens of wallets: JWTs with RS256, which every request of every service verifies, and RSA verifies fastest. They
 * say of the account what services decide by (roles, age) and not who it is.
 */
@Component
class WalletTokens {

    /** A stolen token reads until then; nothing moves by it, for which a device has to sign. */
    static final Duration LIFETIME = Duration.ofMinutes(15);

    private static final Set<String> OF_WALLETS = Set.of("buyer", "courier");
    private static final String AGE = "age_over_18";

    private final String issuer;
    private final RSAKey key;
    private final RSASSASigner signer;
    private final Clock clock;

    WalletTokens(ServiceSettings service, TokenSettings settings, Clock clock) {
        this.issuer = service.walletIssuer();
        this.key = read(settings.walletTokens().keyFile());
        this.clock = clock;
        try {
            this.signer = new RSASSASigner(key);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** RFC 8693 section 2.2.1. */
    record AccessToken(
            @JsonProperty("access_token") String accessToken,
            @JsonProperty("issued_token_type") String issuedTokenType,
            @JsonProperty("token_type") String tokenType,
            @JsonProperty("expires_in") long expiresIn) {}

    /** For as long as the account's own token holds, at most. */
    AccessToken issue(String wallet, Jwt account) {
        Instant now = clock.instant();
        Instant end = now.plus(LIFETIME);
        Instant accountsEnd = Objects.requireNonNull(account.getExpiresAt(), "exp");
        Instant expires = accountsEnd.isBefore(end) ? accountsEnd : end;
        List<String> roles = Objects.requireNonNullElse(account.getClaimAsStringList("roles"), List.of());
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .type(JOSEObjectType.JWT)
                        .keyID(key.getKeyID())
                        .build(),
                new JWTClaimsSet.Builder()
                        .issuer(issuer)
                        .subject(wallet)
                        .audience(account.getAudience())
                        .jwtID(Ids.next())
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(expires))
                        .claim(
                                "roles",
                                roles.stream().filter(OF_WALLETS::contains).toList())
                        .claim(AGE, Boolean.TRUE.equals(account.getClaim(AGE)))
                        .build());
        try {
            jwt.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("an RSA key signs with RS256", e);
        }
        return new AccessToken(
                jwt.serialize(),
                "urn:ietf:params:oauth:token-type:access_token",
                "Bearer",
                Duration.between(now, expires).toSeconds());
    }

    String issuer() {
        return issuer;
    }

    /** Its public key as JWK Set (RFC 7517 section 5). */
    Map<String, Object> publicKeys() {
        return new JWKSet(key).toJSONObject(true);
    }

    /** @param pem an RSA private key, PKCS#8 in PEM */
    static RSAKey read(Path pem) {
        try {
            KeyFactory rsa = KeyFactory.getInstance("RSA");
            RSAPrivateCrtKey secret = (RSAPrivateCrtKey) rsa.generatePrivate(KeyFiles.pkcs8(pem));
            RSAPublicKey open = (RSAPublicKey)
                    rsa.generatePublic(new RSAPublicKeySpec(secret.getModulus(), secret.getPublicExponent()));
            return new RSAKey.Builder(open)
                    .privateKey(secret)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.RS256)
                    .keyIDFromThumbprint()
                    .build();
        } catch (IOException e) {
            throw new RefusedToStart("cannot read the key of wallets' access tokens in " + pem, e);
        } catch (GeneralSecurityException | JOSEException | IllegalArgumentException e) {
            throw new RefusedToStart(pem + " is not an RSA private key, PKCS#8 in PEM", e);
        }
    }
}
