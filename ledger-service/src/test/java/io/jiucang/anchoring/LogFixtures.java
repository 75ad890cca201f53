package io.jiucang.anchoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.events.value.Ids;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.SigningKey;
import io.jiucang.ledger.VerifierKey;
import io.jiucang.starter.test.TestPlatform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;

/** The log under test: its name, its key, and leaves for it. */
final class LogFixtures {

    static final String ORIGIN = TestPlatform.ORIGIN;
    static final byte[] SEED = new byte[32];
    static final SigningKey KEY = SigningKey.of(ORIGIN, SEED);
    static final List<VerifierKey> TRUSTED = List.of(KEY.verifierKey());

    /** Turns one byte of a tile into another; done twice, it is as it was. */
    static final String FLIP = "update tile set hashes = set_byte(hashes, 3, 255 - get_byte(hashes, 3)) ";

    private LogFixtures() {}

    static Path keyFile(byte[] seed) {
        try {
            byte[] pkcs8 = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed))
                    .getEncoded();
            Path file = Files.createTempFile("log", ".pem");
            file.toFile().deleteOnExit();
            return Files.writeString(
                    file,
                    "-----BEGIN PRIVATE KEY-----\n"
                            + Base64.getMimeEncoder().encodeToString(pkcs8)
                            + "\n-----END PRIVATE KEY-----\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<Leaf> leaves(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    String id = Ids.next();
                    return new Leaf(
                            "urn:jiucang:order-service",
                            id,
                            "io.jiucang.order.OrderPaid.v1",
                            Entry.of(("envelope of " + id).getBytes(UTF_8)));
                })
                .toList();
    }
}
