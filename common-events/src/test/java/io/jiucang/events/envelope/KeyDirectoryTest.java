package io.jiucang.events.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyDirectoryTest {

    private static final URI ORDER = URI.create("urn:jiucang:order-service");
    private static final URI TOKEN = URI.create("urn:jiucang:token-service");
    private static final EventSigner SIGNER = new EventSigner(new byte[32]);
    private static final Instant END = Instant.parse("2027-01-01T00:00:00Z");

    @Test
    void findsAKeyForItsSourceOnly() {
        KeyDirectory keys = KeyDirectory.of(List.of(key(ORDER, END)));
        assertThat(keys.find(ORDER, SIGNER.keyId())).isPresent();
        assertThat(keys.find(TOKEN, SIGNER.keyId())).isEmpty();
        assertThat(keys.find(ORDER, "order-1")).isEmpty();
    }

    /** RFC 8037 appendix A.3. */
    @Test
    void callsAKeyByItsThumbprint() {
        assertThat(new Ed25519Key("Ed25519", "OKP", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").thumbprint())
                .isEqualTo("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    @Test
    void aKeyIsValidUntilBeforeItsEnd() {
        KeyDirectory keys = KeyDirectory.of(List.of(key(ORDER, END)));
        assertThat(keys.isValid(ORDER, SIGNER.keyId(), END.minusSeconds(1))).isTrue();
        assertThat(keys.isValid(ORDER, SIGNER.keyId(), END)).isFalse();
        assertThat(keys.isValid(TOKEN, SIGNER.keyId(), END.minusSeconds(1))).isFalse();
    }

    @Test
    void refusesAnEndBetweenSecondsAndAKeyTwice() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> key(ORDER, END.plusMillis(500)))
                .withMessageContaining("whole seconds");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyDirectory.of(List.of(key(ORDER, END), key(ORDER, END.plusSeconds(1)))))
                .withMessageContaining("twice");
        assertThat(KeyDirectory.of(List.of(key(ORDER, END), key(TOKEN, END))).find(TOKEN, SIGNER.keyId()))
                .isPresent();
    }

    private static KeyDirectory.Key key(URI source, Instant until) {
        return new KeyDirectory.Key(source, SIGNER.publicKey(), until);
    }
}
