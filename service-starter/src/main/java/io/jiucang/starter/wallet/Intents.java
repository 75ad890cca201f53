package io.jiucang.starter.wallet;

import static io.jiucang.starter.RequestRejected.Reason.INTENT_EXPIRED;
import static io.jiucang.starter.RequestRejected.Reason.INTENT_KEY_REVOKED;
import static io.jiucang.starter.RequestRejected.Reason.INTENT_KEY_UNKNOWN;
import static io.jiucang.starter.RequestRejected.Reason.INTENT_MALFORMED;
import static io.jiucang.starter.RequestRejected.Reason.INTENT_NOT_FOR_THIS;
import static io.jiucang.starter.RequestRejected.Reason.INTENT_REUSED;
import static io.jiucang.starter.RequestRejected.Reason.INTENT_SIGNATURE_INVALID;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.jiucang.events.EventJson;
import io.jiucang.events.value.Base64Url;
import io.jiucang.events.value.Ids;
import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.ServiceSettings;
import io.jiucang.title.form.P256Key;
import java.sql.Timestamp;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Verifies the owner's intent: a compact JWS (RFC 7515) with ES256 (RFC 7518 section 3.4), made on a device whose key
 * stands in the owner's wallet. Without it, the platform itself can dispose of nothing.
 */
public final class Intents {

    private static final Duration LONGEST_LIFE = Duration.ofMinutes(15);
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);
    private static final int LONGEST_TEXT = 16_384;
    private static final Set<String> HEADER = Set.of("alg", "kid");
    private static final int SIGNATURE_BYTES = 64;

    private final String environment;
    private final WalletKeys keys;
    private final JdbcClient jdbc;
    private final Clock clock;

    Intents(ServiceSettings settings, WalletKeys keys, JdbcClient jdbc, Clock clock) {
        this.environment = settings.environment();
        this.keys = keys;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * Verifies an intent and uses it up, in the running transaction: if that is undone, the intent may be used again.
     *
     * @param owner the wallet that must have signed
     * @param act what they must have asked for
     * @throws RequestRejected with an {@code INTENT_…} reason
     */
    public Intent use(String jws, String owner, Act act) {
        return useAt(jws, owner, act, clock.instant());
    }

    /**
     * The same for an intent that comes in an event, perhaps long after it was given: key and life of the intent are
     * judged as of {@code at}, when the event happened. A key revoked since then was still good.
     */
    public Intent useAt(String jws, String owner, Act act, Instant at) {
        return use(jws, owner, act, at, at);
    }

    /**
     * The same for what an event asks for and is still to be done: the life of the intent is judged as of {@code at}, but
     * its key must not have been revoked until now. A thief with a stolen device and a false date gets nothing.
     */
    public Intent useRequestedAt(String jws, String owner, Act act, Instant at) {
        return use(jws, owner, act, at, clock.instant());
    }

    private Intent use(String jws, String owner, Act act, Instant at, Instant unrevokedUntil) {
        Signed signed = parse(jws);
        verifySignature(signed.jwt(), owner, at, unrevokedUntil);
        useUp(signed.claims(), owner, act, at);
        return toIntent(signed.claims(), owner, act, jws);
    }

    /**
     * Verifies that the sender holds the private key of a device that is about to join their account's wallet, and uses the
     * proof up, as {@link #use} does an intent. The only text of all that names an account, and it enters no event.
     *
     * @param jws the proof: an intent signed by the very key
     * @throws RequestRejected with an {@code INTENT_…} reason
     */
    public void provePossession(String jws, String account, P256Key key) {
        Signed signed = parse(jws);
        if (!key.thumbprint().equals(signed.jwt().getHeader().getKeyID())) {
            throw new RequestRejected(INTENT_KEY_UNKNOWN, "kid is not the thumbprint of this key, " + key.thumbprint());
        }
        if (!isSignedBy(signed.jwt(), key)) {
            throw new RequestRejected(INTENT_SIGNATURE_INVALID, "the signature is not by this key");
        }
        useUp(signed.claims(), account, Act.REGISTER_KEY, clock.instant());
    }

    /** Reads a text in its one form: neither its spelling nor what nobody reads may carry anything into an event. */
    static Signed parse(String jws) {
        if (jws.length() > LONGEST_TEXT) {
            throw malformed("longer than " + LONGEST_TEXT + " characters");
        }
        try {
            String[] parts = jws.split("\\.", -1);
            if (parts.length != 3 || Base64Url.decode(parts[2]).length != SIGNATURE_BYTES) {
                throw malformed("not three parts, the last of " + SIGNATURE_BYTES + " bytes");
            }
            JsonNode header = compactJson(parts[0]);
            JsonNode payload = compactJson(parts[1]);
            if (!Set.copyOf(header.propertyNames()).equals(HEADER)
                    || !header.path("kid").isString()
                    || !payload.path("iat").isIntegralNumber()
                    || !payload.path("exp").isIntegralNumber()) {
                throw malformed("it needs exactly alg and kid in its header, and iat and exp in whole seconds");
            }
            SignedJWT jwt = SignedJWT.parse(jws);
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            if (!JWSAlgorithm.ES256.equals(jwt.getHeader().getAlgorithm())
                    || jwt.getHeader().getKeyID().indexOf('\0') >= 0) {
                throw malformed("it needs alg ES256 and a kid");
            }
            Ids.requireValid(String.valueOf(claims.getJWTID()));
            return new Signed(jwt, claims);
        } catch (ParseException | IllegalArgumentException e) {
            throw malformed(e.getMessage());
        }
    }

    /** @throws IllegalArgumentException unless the part is strict base64url of a JSON object without any white space */
    private static JsonNode compactJson(String part) {
        byte[] json = Base64Url.decode(part);
        try {
            JsonNode tree = EventJson.mapper().readTree(json);
            if (tree.isObject() && Arrays.equals(EventJson.mapper().writeValueAsBytes(tree), json)) {
                return tree;
            }
            throw new IllegalArgumentException("not a JSON object in its shortest form");
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }

    private void verifySignature(SignedJWT jwt, String owner, Instant at, Instant unrevokedUntil) {
        WalletKeys.Key key = keys.find(owner, jwt.getHeader().getKeyID())
                .filter(found -> !found.joinedAt().isAfter(at.plus(CLOCK_SKEW)))
                .orElseThrow(() -> new RequestRejected(
                        INTENT_KEY_UNKNOWN, "kid names no key of this wallet; the device has to join it first"));
        if (key.revokedBy(unrevokedUntil)) {
            throw new RequestRejected(INTENT_KEY_REVOKED, "this device's key was revoked");
        }
        if (!isSignedBy(jwt, key.key())) {
            throw new RequestRejected(INTENT_SIGNATURE_INVALID, "the signature is not by the key that kid names");
        }
    }

    static boolean isSignedBy(SignedJWT jwt, P256Key key) {
        return key.verifies(jwt.getSigningInput(), jwt.getSignature().decode());
    }

    private static Instant requireCurrent(JWTClaimsSet claims, Instant at) {
        Instant issued = claims.getIssueTime().toInstant();
        Instant expires = claims.getExpirationTime().toInstant();
        if (issued.isAfter(at.plus(CLOCK_SKEW))
                || !expires.isAfter(at)
                || Duration.between(issued, expires).compareTo(LONGEST_LIFE) > 0) {
            throw new RequestRejected(
                    INTENT_EXPIRED, "an intent lives at most " + LONGEST_LIFE.toMinutes() + " minutes from iat to exp");
        }
        return expires;
    }

    private void useUp(JWTClaimsSet claims, String owner, Act act, Instant at) {
        Instant expires = requireCurrent(claims, at);
        require(environment.equals(claims.getIssuer()), "iss is not " + environment);
        require(owner.equals(claims.getSubject()), "sub is not " + owner);
        require(act.claim().equals(claims.getClaim("act")), "act is not " + act.claim());
        if (!claims.getClaims().keySet().equals(act.claims())) {
            throw malformed("its claims are not exactly " + act.claims());
        }
        int inserted = jdbc.sql(
                        "insert into used_intent (owner, jti, expires_at) values (?, ?, ?) on conflict do nothing")
                .params(owner, claims.getJWTID(), Timestamp.from(expires))
                .update();
        if (inserted == 0) {
            throw new RequestRejected(INTENT_REUSED, "jti was used before; sign a new intent");
        }
    }

    static Intent toIntent(JWTClaimsSet claims, String owner, Act act, String jws) {
        try {
            return new Intent(
                    owner,
                    act,
                    textList(claims, "tokens"),
                    claims.getStringClaim("to"),
                    claims.getStringClaim("pickup"),
                    texts(claims, "hashlocks"),
                    claims.getStringClaim("terms"),
                    jws);
        } catch (ParseException e) {
            throw malformed(e.getMessage());
        }
    }

    /** A claim that is a list of texts; empty if it is not there. */
    static List<String> textList(JWTClaimsSet claims, String name) throws ParseException {
        List<String> claim =
                Optional.ofNullable(claims.getStringListClaim(name)).orElse(List.of());
        if (claim.stream().anyMatch(Objects::isNull)) {
            throw malformed(name + " has a value that is not a text");
        }
        return claim;
    }

    /** A claim that is an object of texts; empty if it is not there. */
    static Map<String, String> texts(JWTClaimsSet claims, String name) throws ParseException {
        Map<String, Object> claim =
                Optional.ofNullable(claims.getJSONObjectClaim(name)).orElse(Map.of());
        Map<String, String> texts = new LinkedHashMap<>();
        for (Map.Entry<String, Object> entry : claim.entrySet()) {
            if (!(entry.getValue() instanceof String text)) {
                throw malformed(name + " has a value that is not a text");
            }
            texts.put(entry.getKey(), text);
        }
        return texts;
    }

    private static void require(boolean condition, String detail) {
        if (!condition) {
            throw new RequestRejected(INTENT_NOT_FOR_THIS, detail);
        }
    }

    private static RequestRejected malformed(@Nullable String detail) {
        return new RequestRejected(INTENT_MALFORMED, "not an intent: " + detail);
    }

    record Signed(SignedJWT jwt, JWTClaimsSet claims) {}
}
