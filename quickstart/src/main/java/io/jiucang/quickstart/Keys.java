package io.jiucang.quickstart;

import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.KeyDirectory;
import io.jiucang.ledger.SigningKey;
import io.jiucang.simulators.KeyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** The services' signing keys, made on the first start and kept, readable by their owner alone. */
final class Keys {

    /** Origin of the ledger: the first line of its checkpoints. */
    static final String ORIGIN = "jiucang.local/ledger";

    private static final Duration LIFE = Duration.ofDays(3650);

    private final Path directory;

    private Keys(Path directory) {
        this.directory = directory;
    }

    static Keys in(Path directory) throws IOException {
        Files.createDirectories(directory);
        Keys keys = new Keys(directory);
        seed(keys.ledger());
        keys.writeDirectory();
        return keys;
    }

    /** PKCS#8 PEM of the service's Ed25519 key. */
    Path signing(String service) {
        return directory.resolve(service + ".pem");
    }

    /** PKCS#8 PEM of the key that signs checkpoints. */
    Path ledger() {
        return directory.resolve("ledger-checkpoint.pem");
    }

    /** What delivery-service's database does not know: 32 random bytes in Base64. */
    Path delivery() {
        Path file = directory.resolve("delivery-secret");
        KeyFiles.readOrMake(file, () -> {
            byte[] secret = new byte[32];
            new SecureRandom().nextBytes(secret);
            return Base64.getEncoder().encodeToString(secret);
        });
        return file;
    }

    /** Public keys of all services. */
    Path directoryFile() {
        return directory.resolve("trusted-keys.json");
    }

    /** The ledger's verifier key (C2SP signed-note). */
    String vkey() {
        return SigningKey.of(ORIGIN, seed(ledger())).verifierKey().format();
    }

    static String keyId(String service) {
        return service + "-1";
    }

    /** Each key is good from the second its file was made, so that a service may join a system that has run before. */
    private void writeDirectory() throws IOException {
        List<KeyDirectory.Key> keys = new ArrayList<>();
        for (Stack.Member member : Stack.Member.values()) {
            String service = member.shortName();
            byte[] publicKey = new EventSigner(seed(signing(service)), keyId(service)).publicKey();
            Instant made =
                    Files.getLastModifiedTime(signing(service)).toInstant().truncatedTo(ChronoUnit.SECONDS);
            keys.add(new KeyDirectory.Key(
                    Topics.sourceOf(service),
                    keyId(service),
                    KeyDirectory.Algorithm.ED25519,
                    publicKey,
                    made,
                    made.plus(LIFE)));
        }
        Files.write(directoryFile(), KeyDirectory.write(keys));
    }

    private static byte[] seed(Path file) {
        KeyFiles.readOrMake(file, () -> KeyFiles.pem("PRIVATE KEY", newKey()));
        return io.jiucang.starter.store.KeyFiles.ed25519Seed(file);
    }

    private static byte[] newKey() {
        try {
            return KeyPairGenerator.getInstance("Ed25519")
                    .generateKeyPair()
                    .getPrivate()
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has Ed25519", e);
        }
    }
}
