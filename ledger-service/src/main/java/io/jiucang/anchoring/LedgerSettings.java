package io.jiucang.anchoring;

import io.jiucang.ledger.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param origin names the log for ever, in each checkpoint and as its key's name; by custom the URL it is served under,
 *     without the scheme
 * @param keyFile the log's own Ed25519 private key, PKCS#8 in PEM; not the one that signs events
 * @param recomputeAtStart how many of the newest entries are hashed again before the service starts
 */
@ConfigurationProperties("jiucang.ledger")
record LedgerSettings(
        String origin, Path keyFile, @DefaultValue("200000") long recomputeAtStart) {

    SigningKey signingKey() {
        try {
            String base64 = Files.readString(keyFile).replaceAll("-----[^-]+-----", "");
            PKCS8EncodedKeySpec pkcs8 =
                    new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
            byte[] seed = ((EdECPrivateKey) KeyFactory.getInstance("Ed25519").generatePrivate(pkcs8))
                    .getBytes()
                    .orElseThrow();
            return SigningKey.of(origin, seed);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the log's key " + keyFile, e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalStateException("not an Ed25519 private key in PKCS#8 PEM: " + keyFile, e);
        }
    }
}
