package io.jiucang.starter.store;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.EventRefused;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.value.Ids;
import io.jiucang.starter.RefusedToStart;
import io.jiucang.starter.ServiceSettings;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.DirectoryRefused;
import io.jiucang.title.directory.Pins;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** Reads the keys that a service signs with and trusts; with keys that do not fit, it does not start. */
public final class KeyFiles {

    private KeyFiles() {}

    /**
     * The 32 secret bytes (RFC 8032 section 5.1.5) of an Ed25519 private key, PKCS#8 in PEM (RFC 8410).
     *
     * @throws IllegalStateException which names the file, if that is not what it holds
     */
    public static byte[] ed25519Seed(Path pem) {
        try {
            return ((EdECPrivateKey) KeyFactory.getInstance("Ed25519").generatePrivate(pkcs8(pem)))
                    .getBytes()
                    .orElseThrow();
        } catch (IOException e) {
            throw new RefusedToStart("cannot read the signing key in " + pem, e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new RefusedToStart("the signing key in " + pem + " is not an Ed25519 private key, PKCS#8 in PEM", e);
        }
    }

    /**
     * A private key of any kind, PKCS#8 in PEM.
     *
     * @throws IllegalArgumentException if it is not Base64 between its lines
     */
    public static PKCS8EncodedKeySpec pkcs8(Path pem) throws IOException {
        String base64 = Files.readString(pem).replaceAll("-----[^-]+-----", "");
        return new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
    }

    /** Of the key the service signs with, then of those it signed with before. */
    static List<byte[]> seeds(ServiceSettings.Signing signing) {
        return Stream.concat(Stream.of(signing.keyFile()), signing.retiredKeyFiles().stream())
                .map(KeyFiles::ed25519Seed)
                .toList();
    }

    /** @throws RefusedToStart unless the pinned roots signed it for this ledger */
    static Directory directory(Path file, Pins pins) {
        try {
            return Directory.read(Files.readAllBytes(file), pins);
        } catch (IOException e) {
            throw new RefusedToStart("cannot read the directory in " + file, e);
        } catch (DirectoryRefused e) {
            throw new RefusedToStart("the directory in " + file + " is refused: " + e.getMessage(), e);
        }
    }

    /** @throws RefusedToStart unless they name a ledger and its roots */
    static Pins pins(ServiceSettings.Pins pins) {
        try {
            return Pins.of(pins.origin(), pins.roots(), pins.quorum());
        } catch (IllegalArgumentException e) {
            throw new RefusedToStart("jiucang.pins do not name a ledger and its roots: " + e.getMessage(), e);
        }
    }

    /** Signs with a key that others will accept: better not to start than to publish what everyone refuses. */
    static EventSigner signer(ServiceSettings settings, EventVerifier verifier, Instant now) {
        Path file = settings.signing().keyFile();
        EventSigner signer = new EventSigner(ed25519Seed(file));
        try {
            verifier.verify(signer.sign(probe(settings.service(), now)));
        } catch (EventRefused e) {
            throw new RefusedToStart(
                    "the directory does not list the key in " + file + ", " + signer.keyId() + ", for "
                            + settings.service() + " (" + e.reason() + ")",
                    e);
        }
        return signer;
    }

    /** An event of the service in all but its type, which nobody knows. */
    private static CloudEvent probe(String service, Instant now) {
        return new CloudEventBuilder()
                .withId(Ids.next())
                .withSource(Topics.sourceOf(service))
                .withType("io.jiucang." + service + ".KeyProbed.v1")
                .withSubject(service)
                .withTime(now.atOffset(ZoneOffset.UTC))
                .withData("application/json", "{}".getBytes(StandardCharsets.UTF_8))
                .withExtension("sequence", "0".repeat(19))
                .withExtension(Correlation.CORRELATION_ID, "start")
                .build();
    }
}
