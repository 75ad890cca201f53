package io.jiucang.simulators.device;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.jiucang.simulators.statement.SigningKey;
import io.jiucang.simulators.statement.Speaker;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What the mobile app of an owner, or of a courier, does with its key: speaks for their wallet, and signs intents, each a
 * compact JWS (RFC 7515) with ES256. It also seals addresses and makes handover codes, so that neither is ever known to
 * the platform. {@code docs/device/device.js} does the same in a browser.
 */
public final class Device {

    private static final Duration LIFE_OF_AN_INTENT = Duration.ofMinutes(5);
    private static final int SMALLEST_CARRIER_KEY_BITS = 2048;
    private static final int PADDED_TO_BYTES = 512;
    private static final int LONGEST_ADDRESS_BYTES = 4096;

    private final String environment;
    private final String origin;
    private final String wallet;
    private final ECKey key;
    private final Clock clock;

    private Device(String environment, String origin, String wallet, ECKey key, Clock clock) {
        this.environment = environment;
        this.origin = origin;
        this.wallet = wallet;
        this.key = key;
        this.clock = clock;
    }

    /**
     * A device with a new key, the first of a wallet.
     *
     * @param environment the system it talks to; the intents it signs are worth nothing in another
     * @param origin the ledger's name, by which statements are told from those of another system
     */
    public static Device create(String environment, String origin, Clock clock) {
        ECKey key = newKey();
        return new Device(environment, origin, key.getKeyID(), key, clock);
    }

    /** Another device with a new key, for the same wallet, which this one has to endorse. */
    public Device another() {
        return new Device(environment, origin, wallet, newKey(), clock);
    }

    /**
     * A wallet's first device as {@link #save} left it.
     *
     * @throws IllegalArgumentException if {@code saved} is anything else
     */
    public static Device restore(String environment, String origin, String saved, Clock clock) {
        try {
            ECKey key = ECKey.parse(saved);
            return new Device(environment, origin, key.getKeyID(), key, clock);
        } catch (ParseException e) {
            throw new IllegalArgumentException("not a saved device key", e);
        }
    }

    private static ECKey newKey() {
        try {
            return new ECKeyGenerator(Curve.P_256).keyIDFromThumbprint(true).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException("every JVM has P-256", e);
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

    /** The wallet's id: the thumbprint of its first key. */
    public String wallet() {
        return wallet;
    }

    /** The wallet, speaking with this device's key. */
    public Wallet speaking() {
        return new Wallet(Speaker.wallet(origin, wallet, signingKey(), clock));
    }

    /** The wallet's first words, without a recovery key. */
    public String birth() {
        return speaking().birth();
    }

    /** Lets another device in. */
    public String endorsement(Device other) {
        return speaking().keyEndorsement(other.signingKey().publicKey());
    }

    /** Puts a device out, by its key's thumbprint. */
    public String revocation(String kid) {
        return speaking().keyRevocation(kid);
    }

    /** For the statements of what this device is: a wallet's, or a courier's phone. */
    public SigningKey signingKey() {
        return SigningKey.restore(save());
    }

    /** @param account who asks for this device to join their wallet: the subject at the identity provider */
    public String proofOfPossession(String account) {
        return sign(intent("register-key", Map.of()).subject(account).build());
    }

    /** For an owner who forgot their pickup password 提货密码: that they hold this device lets them set another. */
    public String pickupPasswordIntent() {
        return sign("set-pickup-password", Map.of());
    }

    /**
     * Seals an address for a carrier's eyes: a compact JWE (RFC 7516 section 7.1), A256GCM under a random key, that key
     * wrapped with RSA-OAEP-256 (RFC 7518 sections 4.3 and 5.3). Spaces fill it up, so that its length tells nothing.
     *
     * @param carrierKey one of the carrier's public keys, as JWK
     * @throws IllegalArgumentException if the address is blank or longer than 4096 bytes, or if nobody should encrypt with
     *     this key now
     */
    public String seal(String address, Map<String, Object> carrierKey) {
        RSAKey key = requireUsable(carrierKey);
        JWEHeader header = new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
                .keyID(key.getKeyID())
                .build();
        JWEObject jwe = new JWEObject(header, new Payload(padded(address.strip())));
        try {
            jwe.encrypt(new RSAEncrypter(key));
            return jwe.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("every JVM has RSA-OAEP and AES-GCM", e);
        }
    }

    private RSAKey requireUsable(Map<String, Object> jwk) {
        try {
            RSAKey key = RSAKey.parse(jwk);
            Instant now = clock.instant();
            require(!key.isPrivate(), "a private key, which the carrier should have kept");
            // The platform's events name the kid: so they show for which key it was, even if it was a false one.
            require(
                    key.computeThumbprint().toString().equals(key.getKeyID()),
                    "under a kid that is not its thumbprint");
            require(key.size() >= SMALLEST_CARRIER_KEY_BITS, "shorter than " + SMALLEST_CARRIER_KEY_BITS + " bits");
            require(JWEAlgorithm.RSA_OAEP_256.equals(key.getAlgorithm()), "not for RSA-OAEP-256");
            require(
                    key.getNotBeforeTime() != null
                            && !now.isBefore(key.getNotBeforeTime().toInstant()),
                    "not valid yet");
            require(
                    key.getExpirationTime() != null
                            && now.isBefore(key.getExpirationTime().toInstant()),
                    "not valid any more");
            return key;
        } catch (ParseException | JOSEException e) {
            throw new IllegalArgumentException("the carrier's key is not an RSA JWK", e);
        }
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException("the carrier's key is " + otherwise);
        }
    }

    private static byte[] padded(String address) {
        byte[] bytes = address.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > LONGEST_ADDRESS_BYTES) {
            throw new IllegalArgumentException("an address has 1 to " + LONGEST_ADDRESS_BYTES + " bytes");
        }
        byte[] padded = Arrays.copyOf(bytes, Math.ceilDiv(bytes.length, PADDED_TO_BYTES) * PADDED_TO_BYTES);
        Arrays.fill(padded, bytes.length, padded.length, (byte) ' ');
        return padded;
    }

    /** A new handover code 收货码 for each token, in their order. */
    public static Map<String, HandoverCode> newHandoverCodes(Collection<String> tokenIds) {
        SecureRandom random = new SecureRandom();
        Map<String, HandoverCode> codes = new LinkedHashMap<>();
        tokenIds.forEach(token -> codes.put(token, HandoverCode.random(random)));
        return codes;
    }

    /** An intent of any kind, issued now. */
    public String sign(String act, Map<String, ?> claims) {
        return sign(intent(act, claims).build());
    }

    private JWTClaimsSet.Builder intent(String act, Map<String, ?> claims) {
        Instant now = clock.instant();
        JWTClaimsSet.Builder set = new JWTClaimsSet.Builder()
                .issuer(environment)
                .subject(wallet)
                .claim("act", act)
                .jwtID(UUID.randomUUID().toString())
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(LIFE_OF_AN_INTENT)));
        claims.forEach(set::claim);
        return set;
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
