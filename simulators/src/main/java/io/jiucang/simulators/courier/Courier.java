package io.jiucang.simulators.courier;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObject;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.crypto.RSADecrypter;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.jiucang.simulators.KeyFiles;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.statement.Speaker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Map;

/**
 * A courier 配送员 with what they carry: their carrier's private keys, which open sealed addresses, and the device that
 * signs proofs of delivery. All of it lies in one directory, which the couriers of one carrier may share; it is read
 * anew each time, so that what one rotates, the others see.
 */
public final class Courier {

    /** As strong as AES-128, beyond 2030 (NIST SP 800-57 part 1, table 2). */
    private static final int KEY_BITS = 3072;

    private static final Duration VALIDITY = Duration.ofDays(90);

    /** Longer than any delivery: what was sealed on a key's last day must still be opened. */
    private static final Duration KEPT_AFTERWARDS = Duration.ofDays(60);

    private final Path keys;
    private final String carrier;
    private final String name;
    private final Device device;
    private final Clock clock;

    private Courier(Path keys, String carrier, String name, Device device, Clock clock) {
        this.keys = keys;
        this.carrier = carrier;
        this.name = name;
        this.device = device;
        this.clock = clock;
    }

    /**
     * A courier as the last run left them, or a new one; with a valid key in any case.
     *
     * @param environment the system the device talks to
     * @param origin the ledger's name
     * @param carrier name of the carrier, as delivery-service knows it
     * @param name the courier's subject at the identity provider, which nobody but token-service learns
     */
    public static Courier open(
            Path directory, String environment, String origin, String carrier, String name, Clock clock) {
        String saved = KeyFiles.readOrMake(
                directory.resolve(name + "-device.jwk"),
                () -> Device.create(environment, origin, clock).save());
        Device device = Device.restore(environment, origin, saved, clock);
        Courier courier = new Courier(directory.resolve(carrier), carrier, name, device, clock);
        if (courier.validKeys().isEmpty()) {
            courier.rotate();
        }
        return courier;
    }

    public String carrier() {
        return carrier;
    }

    public String name() {
        return name;
    }

    public Device device() {
        return device;
    }

    /** Their device as a terminal of the carrier, which has yet to enrol it. */
    public Phone phone(String origin) {
        return new Phone(Speaker.terminal(origin, device.signingKey(), clock));
    }

    /** Makes a new key. The old ones can still be encrypted for until they expire, and open what was. */
    public void rotate() {
        Instant now = clock.instant();
        try {
            RSAKey key = new RSAKeyGenerator(KEY_BITS)
                    .keyUse(KeyUse.ENCRYPTION)
                    .algorithm(JWEAlgorithm.RSA_OAEP_256)
                    .keyIDFromThumbprint(true)
                    .notBeforeTime(Date.from(now))
                    .expirationTime(Date.from(now.plus(VALIDITY)))
                    .generate();
            KeyFiles.readOrMake(file(key), key::toJSONString);
            // A key that is gone gives nothing away, whoever may have kept the ciphertext.
            for (RSAKey old : keys()) {
                if (expiry(old).plus(KEPT_AFTERWARDS).isBefore(now)) {
                    Files.delete(file(old));
                }
            }
        } catch (JOSEException e) {
            throw new IllegalStateException("every JVM has RSA", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The public keys to encrypt for, newest first: JWKs (RFC 7517) with {@code nbf} and {@code exp}. */
    public List<Map<String, Object>> publicJwks() {
        return validKeys().stream().map(key -> key.toPublicJWK().toJSONObject()).toList();
    }

    /**
     * The carrier as delivery-service's carriers file lists it.
     *
     * @param title by language tag
     */
    public Map<String, Object> listing(Map<String, String> title) {
        return Map.of(
                "name", carrier, "title", title, "jwks", new JWKSet(List.<JWK>copyOf(validKeys())).toJSONObject(true));
    }

    /**
     * Opens a sealed address.
     *
     * @param sealed a compact JWE as {@link Device#seal} makes it
     * @throws EnvelopeUnreadable if it is anything else, or not for a key of this carrier
     */
    public String readAddress(String sealed) {
        try {
            String kid = kid(requireCanonical(sealed));
            RSAKey key = keys().stream()
                    .filter(each -> each.getKeyID().equals(kid))
                    .findFirst()
                    .orElseThrow(() -> new EnvelopeUnreadable("it is for none of the keys of " + carrier));
            JWEObject jwe = JWEObject.parse(sealed);
            jwe.decrypt(new RSADecrypter(key));
            return text(jwe.getPayload().toBytes()).replaceFirst(" +$", "");
        } catch (ParseException e) {
            throw new EnvelopeUnreadable("it is not a compact JWE", e);
        } catch (JOSEException e) {
            throw new EnvelopeUnreadable("it does not open: changed, cut short or sealed for another key", e);
        } catch (CharacterCodingException e) {
            throw new EnvelopeUnreadable("what was sealed is not a text", e);
        }
    }

    /** Lenient decoders let the last bits of a part be changed; then one envelope would have many texts and hashes. */
    private static String requireCanonical(String compact) {
        for (String part : compact.split("\\.", -1)) {
            if (!Base64URL.encode(new Base64URL(part).decode()).toString().equals(part)) {
                throw new EnvelopeUnreadable("it is not in canonical Base64url");
            }
        }
        return compact;
    }

    /** One form alone is taken, so that nobody is talked into a weaker one. */
    private static String kid(String compact) throws ParseException {
        Map<String, Object> header = JSONObjectUtils.parse(JOSEObject.split(compact)[0].decodeToString());
        if (header.get("kid") instanceof String kid
                && header.equals(Map.of("alg", "RSA-OAEP-256", "enc", "A256GCM", "kid", kid))) {
            return kid;
        }
        throw new EnvelopeUnreadable("its header is not RSA-OAEP-256, A256GCM and kid, and nothing else");
    }

    private static String text(byte[] utf8) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    }

    private List<RSAKey> validKeys() {
        Instant now = clock.instant();
        return keys().stream()
                .filter(key -> now.isBefore(expiry(key)))
                .sorted(Comparator.comparing(Courier::expiry).reversed())
                .toList();
    }

    private List<RSAKey> keys() {
        if (Files.notExists(keys)) {
            return List.of();
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(keys, "*.jwk")) {
            List<RSAKey> found = new ArrayList<>();
            for (Path file : files) {
                found.add(RSAKey.parse(Files.readString(file)));
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ParseException e) {
            throw new IllegalStateException("a file in " + keys + " is not a key", e);
        }
    }

    private Path file(RSAKey key) {
        return keys.resolve(key.getKeyID() + ".jwk");
    }

    private static Instant expiry(RSAKey key) {
        return key.getExpirationTime().toInstant();
    }
}
