package io.jiucang.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.RSAKey;
import io.jiucang.simulators.KeyFiles;
import io.jiucang.starter.RefusedToStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalletTokensTest {

    @TempDir
    private Path directory;

    @Test
    void readsItsKeyUnderItsThumbprint() throws Exception {
        Path file = directory.resolve("key.pem");
        var pair = KeyFiles.rsa(file);

        RSAKey key = WalletTokens.read(file);
        assertThat(key.toRSAPublicKey()).isEqualTo(pair.getPublic());
        assertThat(key.getKeyID()).isEqualTo(key.computeThumbprint().toString());
    }

    @Test
    void doesNotStartWithoutAKey() {
        assertThatThrownBy(() -> WalletTokens.read(directory.resolve("none.pem")))
                .isInstanceOf(RefusedToStart.class)
                .hasMessageContaining("cannot read the key of wallets' access tokens in " + directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "§§"})
    void doesNotStartWithWhatIsNoKey(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("key.pem"), text);

        assertThatThrownBy(() -> WalletTokens.read(file))
                .isInstanceOf(RefusedToStart.class)
                .hasMessageContaining(file + " is not an RSA private key, PKCS#8 in PEM");
    }
}
