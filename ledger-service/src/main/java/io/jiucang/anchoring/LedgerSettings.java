package io.jiucang.anchoring;

import io.jiucang.ledger.SigningKey;
import io.jiucang.starter.store.KeyFiles;
import java.nio.file.Path;
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
        return SigningKey.of(origin, KeyFiles.ed25519Seed(keyFile));
    }
}
