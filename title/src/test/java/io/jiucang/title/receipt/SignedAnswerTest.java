package io.jiucang.title.receipt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.jiucang.events.envelope.EvidenceRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One answer has one spelling, and that is what its hash is of. */
class SignedAnswerTest {

    @ParameterizedTest
    @ValueSource(strings = {"{}", "", "\n", "\n\n\n", "{\n\"a\":\n1\n}\n", "酒仓\n"})
    void readsWhatItWroteWhateverTheBodyIs(String body) {
        for (byte[] signature : new byte[][] {{}, {1}, {-1, 0, 62, 63}}) {
            SignedAnswer written = new SignedAnswer("7132D7", "1795800000", "c5ac", body.getBytes(UTF_8), signature);
            SignedAnswer read = SignedAnswer.parse(written.bytes());
            assertThat(read.serial()).isEqualTo("7132D7");
            assertThat(read.timestamp()).isEqualTo("1795800000");
            assertThat(read.nonce()).isEqualTo("c5ac");
            assertThat(read.body()).isEqualTo(body.getBytes(UTF_8));
            assertThat(read.signature()).isEqualTo(signature);
            assertThat(read.sha256()).isEqualTo(written.sha256());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "\n\n",
                "serial",
                "serial\n1795800000\nnonce\n",
                "serial\n1795800000\nnonce\nAQ==\n",
                "serial\n1795800000\nnonce\n{}\nAQ==",
                "serial\n1795800000\nnonce\n{}\nAQ\n",
                "serial\n1795800000\nnonce\n{}\nAR==\n",
                "serial\n1795800000\nnonce\n{}\nA Q==\n",
                "serial\r\n1795800000\nnonce\n{}\nAQ==\n",
                "serial\n01795800000\nnonce\n{}\nAQ==\n",
                "ſerial\n1795800000\nnonce\n{}\nAQ==\n"
            })
    void readsNothingElse(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> SignedAnswer.parse(text.getBytes(UTF_8)));
    }

    @Test
    void theLongestAnswerIsEvidenceThatMayBeSent() {
        SignedAnswer longest = new SignedAnswer(
                "S".repeat(64), "9".repeat(12), "n".repeat(64), new byte[SignedAnswer.LONGEST_BODY], new byte[1_024]);
        assertThat(longest.bytes()).hasSizeLessThan(EvidenceRecords.LARGEST);
        assertThat(SignedAnswer.parse(longest.bytes()).sha256()).isEqualTo(longest.sha256());
    }
}
