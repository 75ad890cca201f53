package io.jiucang.ledger;

import static io.jiucang.ledger.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.jiucang.ledger.LedgerException.Reason;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedNoteTest {

    /** The example of C2SP signed-note. */
    private static final VerifierKey C2SP =
            VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");

    private static final String C2SP_NOTE = """
            This is an example message.

            — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
            """;

    /** The example key pair of Go's golang.org/x/mod/sumdb/note and its note. */
    private static final SigningKey GO =
            SigningKey.parse("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz");

    private static final String GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private static final String GO_TEXT = """
            If you think cryptography is the answer to your problem,
            then you don't know what your problem is.
            """;
    private static final String GO_LINE =
            "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    private static final String SOME_LINE = "— a AAAAAAA=\n";

    @Test
    void verifiesTheExampleOfTheStandard() {
        SignedNote note = SignedNote.parse(C2SP_NOTE);
        assertThat(note.verify(List.of(C2SP))).containsExactly(C2SP);
        assertThat(note.text()).isEqualTo("This is an example message.\n");
        assertThat(note.format()).isEqualTo(C2SP_NOTE);
    }

    @Test
    void signsAsGoDoes() {
        assertThat(GO.verifierKey().format()).isEqualTo(GO_VKEY);
        assertThat(SignedNote.sign(GO_TEXT, List.of(GO)).format()).isEqualTo(GO_TEXT + "\n" + GO_LINE);
    }

    @Test
    void ignoresSignaturesOfUnknownKeysAndTypes() {
        String stranger = "— PeterNeumann AAAAAAAA\n";
        String cosignature =
                "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
        String sameId = "— Stranger x08go/ZJ\n";
        SignedNote note = SignedNote.parse(GO_TEXT + "\n" + stranger + sameId + GO_LINE + cosignature + GO_LINE);
        assertThat(note.verify(List.of(C2SP, GO.verifierKey()))).containsExactly(GO.verifierKey());
        assertRefused(Reason.UNTRUSTED_NOTE, () -> note.verify(List.of(C2SP)));
        assertRefused(Reason.UNTRUSTED_NOTE, () -> note.verify(List.of()));
    }

    @Test
    void refusesANoteWithOneFalseSignatureOfAKnownKey() {
        SigningKey second = SigningKey.of("second", new byte[32]);
        SignedNote other = SignedNote.sign("Another text.\n", List.of(second));
        SignedNote good = SignedNote.sign(GO_TEXT, List.of(GO));
        List<SignedNote.Signature> both = new ArrayList<>(good.signatures());
        both.addAll(other.signatures());
        SignedNote mixed = new SignedNote(GO_TEXT, both);
        assertThat(mixed.verify(List.of(GO.verifierKey()))).containsExactly(GO.verifierKey());
        assertRefused(Reason.BAD_SIGNATURE, () -> mixed.verify(List.of(GO.verifierKey(), second.verifierKey())));
    }

    @Test
    void refusesAnAlteredTextAndAShortenedSignature() {
        SignedNote note = SignedNote.parse((GO_TEXT + "\n" + GO_LINE).replace("answer", "Answer"));
        assertRefused(Reason.BAD_SIGNATURE, () -> note.verify(List.of(GO.verifierKey())));
        SignedNote cut = SignedNote.parse(GO_TEXT + "\n— PeterNeumann x08go/ZJkuBS9UE=\n");
        assertRefused(Reason.BAD_SIGNATURE, () -> cut.verify(List.of(GO.verifierKey())));
    }

    @Test
    void signsWithSeveralKeysInTheirOrder() {
        SigningKey second = SigningKey.of("second", new byte[32]);
        SignedNote note = SignedNote.sign("Text\n\nwith an empty line\n", List.of(GO, second));
        SignedNote parsed = SignedNote.parse(note.format());
        assertThat(parsed).isEqualTo(note);
        assertThat(parsed.verify(List.of(second.verifierKey(), GO.verifierKey())))
                .containsExactly(GO.verifierKey(), second.verifierKey());
    }

    @Test
    void limitsTheNumberOfSignatures() {
        assertThat(SignedNote.parse("t\n\n" + SOME_LINE.repeat(100)).signatures())
                .hasSize(100);
        assertRefused(Reason.MALFORMED_NOTE, () -> SignedNote.parse("t\n\n" + SOME_LINE.repeat(101)));
        assertRefused(
                Reason.MALFORMED_NOTE,
                () -> new SignedNote("t\n", Collections.nCopies(101, new SignedNote.Signature("a", "AAAAAAA="))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "\n\n",
                "text\n",
                "text\n\n",
                "text" + SOME_LINE,
                "text\n" + SOME_LINE,
                "text\n\n— a AAAAAAA=",
                "text\n\n- a AAAAAAA=\n",
                "text\n\n—a AAAAAAA=\n",
                "text\n\n— AAAAAAA=\n",
                "text\n\n—  AAAAAAA=\n",
                "text\n\n— a\n",
                "text\n\n— a \n",
                "text\n\n— a  AAAAAAA=\n",
                "text\n\n— a AAAAAAA= \n",
                "text\n\n— a AAAAAAA\n",
                "text\n\n— a AAAAAAB=\n",
                "text\n\n— a AAAAAA==\n",
                "text\n\n— a+b AAAAAAA=\n",
                "text\n\n— a\u00a0b AAAAAAA=\n",
                "text\n\n— a\u0085b AAAAAAA=\n",
                "text\n\n— a\u2028b AAAAAAA=\n",
                "text\n\n— a AAAAAAA=\r\n",
                "te\rxt\n\n" + SOME_LINE,
                "te\txt\n\n" + SOME_LINE,
                "te\u0000xt\n\n" + SOME_LINE,
                "te\ud800xt\n\n" + SOME_LINE,
                "text\n\n" + SOME_LINE + "more\n",
            })
    void refusesWhatIsNoNote(String note) {
        assertRefused(Reason.MALFORMED_NOTE, () -> SignedNote.parse(note));
    }

    @Test
    void refusesBytesThatAreNotUtf8() {
        assertRefused(Reason.MALFORMED_NOTE, () -> SignedNote.parse(new byte[] {(byte) 0xc3, '\n', '\n'}));
    }

    @Test
    void refusesEveryManglingOfAVerifierKey() {
        assertThat(VerifierKey.parse(GO_VKEY).format()).isEqualTo(GO_VKEY);
        for (int from = 0; from < GO_VKEY.length(); from++) {
            for (int to = from; to <= GO_VKEY.length(); to++) {
                if (to - from != GO_VKEY.length()) {
                    assertNoKey(GO_VKEY.substring(from, to));
                }
            }
            char next = (char) (GO_VKEY.charAt(from) + 1);
            assertNoKey(GO_VKEY.substring(0, from) + next + GO_VKEY.substring(from + 1));
        }
    }

    @Test
    void refusesKeysThatAreNotEd25519() {
        // Go's own two: a key too long and an unknown type, each with a fitting key ID.
        assertRefused(
                Reason.MALFORMED_KEY,
                () -> VerifierKey.parse("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="));
        assertRefused(
                Reason.UNSUPPORTED_KEY,
                () -> VerifierKey.parse("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
        assertRefused(
                Reason.MALFORMED_KEY,
                () -> VerifierKey.parse("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
        assertRefused(Reason.MALFORMED_KEY, () -> VerifierKey.parse("PeterNeumann+c74f20a3+"));
    }

    @Test
    void refusesPointsOutsideThePrimeOrderGroup() {
        byte[] identity = new byte[32];
        identity[0] = 1;
        byte[] mixedOrder = new byte[32];
        mixedOrder[0] = 3;
        for (byte[] point : List.of(new byte[32], identity, mixedOrder)) {
            assertRefused(Reason.MALFORMED_KEY, () -> VerifierKey.of("anyone", point));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a+b", "a\nb", "a\u3000b", "a\ud800"})
    void refusesNamesNoNoteCanHold(String name) {
        assertRefused(Reason.MALFORMED_KEY, () -> SigningKey.of(name, new byte[32]));
    }

    @Test
    void keepsTheSeedOutOfSight() {
        String seed = Base64.getEncoder().encodeToString(new byte[32]);
        assertThat(SigningKey.of("log", new byte[32]).toString()).isEqualTo("SigningKey[log+" + idOfZeroSeed() + "]");
        assertRefused(Reason.MALFORMED_KEY, () -> SigningKey.of("log", new byte[31]));
        for (String skey : List.of(
                seed,
                "PRIVATE+KEY+log+00000000+AQ" + seed,
                "PRIVATE+KEY+log+00000000+" + seed,
                "PRIVATE+KEY+PeterNeumann+c74f20a4+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")) {
            assertThatExceptionOfType(LedgerException.class)
                    .isThrownBy(() -> SigningKey.parse(skey))
                    .withNoCause()
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("AAAA", "AYEK"));
        }
    }

    private static String idOfZeroSeed() {
        return SigningKey.of("log", new byte[32]).verifierKey().idHex();
    }

    private static void assertNoKey(String vkey) {
        assertThatExceptionOfType(LedgerException.class).isThrownBy(() -> VerifierKey.parse(vkey));
    }
}
