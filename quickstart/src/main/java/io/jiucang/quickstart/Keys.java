package io.jiucang.quickstart;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.ledger.SigningKey;
import io.jiucang.simulators.KeyFiles;
import io.jiucang.simulators.wechatpay.Merchant;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.Document;
import io.jiucang.title.directory.Document.ServiceEntry;
import io.jiucang.title.directory.Document.ServiceKey;
import io.jiucang.title.directory.Parameters;
import io.jiucang.title.directory.Pins;
import io.jiucang.title.directory.Service;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * The services' signing keys and the directory that lists them, made on the first start and kept, readable by their owner
 * alone. In production the roots' keys are offline, in the hands of several; here they are a file beside the others.
 */
final class Keys {

    /** Origin of the ledger: the first line of its checkpoints. */
    static final String ORIGIN = "jiucang.local/ledger";

    static final String DIRECTORY = "directory.json";

    private static final Duration LIFE = Duration.ofDays(3650);

    private final Path folder;

    private Keys(Path folder) {
        this.folder = folder;
    }

    static Keys in(Path folder) throws IOException {
        Files.createDirectories(folder);
        Keys keys = new Keys(folder);
        seed(keys.ledger());
        return keys;
    }

    /** PKCS#8 PEM of the service's Ed25519 key. */
    Path signing(String service) {
        return folder.resolve(service + ".pem");
    }

    /** PKCS#8 PEM of the key that signs checkpoints. */
    Path ledger() {
        return folder.resolve("ledger-checkpoint.pem");
    }

    /** What delivery-service's database does not know: 32 random bytes in Base64. */
    Path delivery() {
        Path file = folder.resolve("delivery-secret");
        KeyFiles.readOrMake(file, () -> {
            byte[] secret = new byte[32];
            new SecureRandom().nextBytes(secret);
            return Base64.getEncoder().encodeToString(secret);
        });
        return file;
    }

    /** PKCS#8 PEM of the RSA key that signs wallets' access tokens, where the simulator's {@code AccessTokens} keep theirs. */
    Path walletTokens() {
        Path file = folder.resolve("wallets").resolve("token-signing.key.pem");
        KeyFiles.rsa(file);
        return file;
    }

    /** Public keys of all services and parties. */
    Path directoryFile() {
        return folder.resolve(DIRECTORY);
    }

    Directory directory() {
        try {
            return Directory.read(Files.readAllBytes(directoryFile()), pins());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Pins pins() {
        return new Pins(ORIGIN, List.of(rootKey().publicKey()), 1);
    }

    /** The root's public key, base64url. */
    String root() {
        return rootKey().publicKey().x();
    }

    /** The ledger's verifier key (C2SP signed-note). */
    String vkey() {
        return SigningKey.of(ORIGIN, seed(ledger())).verifierKey().format();
    }

    private EventSigner rootKey() {
        return new EventSigner(seed(folder.resolve("root.pem")));
    }

    /** Once: the ledger begins with it. */
    void writeDirectory(Parties parties, Merchant merchant) {
        KeyFiles.readOrMake(
                directoryFile(),
                () -> new String(Directory.sign(document(parties, merchant), List.of(rootKey())), US_ASCII));
    }

    private Document document(Parties parties, Merchant merchant) {
        Instant until = Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(LIFE);
        List<ServiceEntry> services = Arrays.stream(Stack.Member.values())
                .map(member -> new ServiceEntry(
                        Service.of(Topics.sourceOf(member.shortName())).orElseThrow(),
                        List.of(new ServiceKey(new EventSigner(seed(signing(member.shortName()))).publicKey(), until))))
                .toList();
        return new Document(
                Directory.LAW,
                1,
                ORIGIN,
                Parameters.USUAL,
                services,
                parties.wineries(merchant, until),
                parties.warehouses(until),
                parties.carriers(until),
                parties.providers(merchant, until));
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
