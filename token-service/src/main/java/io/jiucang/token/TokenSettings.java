package io.jiucang.token;

import io.jiucang.ledger.VerifierKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** What token-service is told besides what every service is. */
@ConfigurationProperties("jiucang")
record TokenSettings(
        LedgerSettings ledger,
        WalletTokenSettings walletTokens,
        @DefaultValue Patience title,
        @DefaultValue Patience burn) {

    /**
     * Whom we believe that an event is in the ledger.
     *
     * @param vkey the log's public key, as C2SP signed-note vkey; or {@code vkeyFile}, a file with it
     */
    record LedgerSettings(@Nullable String vkey, @Nullable Path vkeyFile) {

        VerifierKey verifierKey() {
            if (vkey != null && !vkey.isBlank()) {
                return VerifierKey.parse(vkey.strip());
            }
            if (vkeyFile == null) {
                throw new IllegalStateException("set jiucang.ledger.vkey or jiucang.ledger.vkey-file");
            }
            try {
                return VerifierKey.parse(Files.readString(vkeyFile).strip());
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the ledger's public key " + vkeyFile, e);
            }
        }
    }

    /** @param keyFile RSA private key, PKCS#8 in PEM, of its own: whoever has it can read what any wallet may read */
    record WalletTokenSettings(Path keyFile) {}

    /** @param overdueAfter how long a title, or a burning, may wait for the ledger before somebody should look */
    record Patience(@DefaultValue("72h") Duration overdueAfter) {}
}
