package io.jiucang.token;

import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** What token-service is told besides what every service is. */
@ConfigurationProperties("jiucang")
record TokenSettings(
        WalletTokenSettings walletTokens, @DefaultValue Patience burn) {

    /** @param keyFile RSA private key, PKCS#8 in PEM, of its own: whoever has it can read what any wallet may read */
    record WalletTokenSettings(Path keyFile) {}

    /** @param overdueAfter how long a burning may wait for the ledger before somebody should look */
    record Patience(@DefaultValue("72h") Duration overdueAfter) {}
}
