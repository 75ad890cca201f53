package io.jiucang.quickstart;

import io.jiucang.events.EventSigner;
import io.jiucang.events.KeyDirectory;
import io.jiucang.events.Topics;
import io.jiucang.ledger.SigningKey;
import io.jiucang.simulators.KeyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
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
        for (Stack.Member member : Stack.Member.values()) {
            keys.seed(keys.signing(member.shortName()));
        }
        keys.seed(keys.ledger());
        if (!Files.exists(keys.directoryFile())) {
            keys.writeDirectory();
        }
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

    private void writeDirectory() throws IOException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<KeyDirectory.Key> keys = new ArrayList<>();
        for (Stack.Member member : Stack.Member.values()) {
            String service = member.shortName();
            keys.add(new KeyDirectory.Key(
                    Topics.sourceOf(service),
                    keyId(service),
                    KeyDirectory.Algorithm.ED25519,
                    new EventSigner(seed(signing(service)), keyId(service)).publicKey(),
                    now,
                    now.plus(LIFE)));
        }
        Files.write(directoryFile(), KeyDirectory.write(keys));
    }

    private byte[] seed(Path file) {
        String pem = KeyFiles.readOrMake(file, () -> KeyFiles.pem("PRIVATE KEY", newKey()));
        try {
            return ((EdECPrivateKey) KeyFactory.getInstance("Ed25519")
                            .generatePrivate(new PKCS8EncodedKeySpec(KeyFiles.content(pem))))
                    .getBytes()
                    .orElseThrow();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(file + " is damaged; remove the data directory, or start with --fresh", e);
        }
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
