package io.jiucang.anchoring;

import io.jiucang.ledger.SigningKey;
import io.jiucang.starter.store.KeyFiles;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param keyFile the log's own Ed25519 private key, PKCS#8 in PEM; not the one that signs events
 * @param recomputeAtStart how many of the newest entries are hashed again before the service starts
 * @param tickEvery how often the log says how late it is
 */
@ConfigurationProperties("jiucang.ledger")
record LedgerSettings(
        Path keyFile,
        @DefaultValue("200000") long recomputeAtStart,
        @DefaultValue("1m") Duration tickEvery) {

    SigningKey signingKey(String origin) {
        return SigningKey.of(origin, KeyFiles.ed25519Seed(keyFile));
    }
}
