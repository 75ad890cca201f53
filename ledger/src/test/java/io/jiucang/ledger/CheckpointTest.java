package io.jiucang.ledger;

import static io.jiucang.ledger.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.ledger.LedgerException.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {

    private static final String ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    private static final SigningKey KEY = SigningKey.of("example.com/log", new byte[32]);
    private static final Checkpoint CHECKPOINT = new Checkpoint("example.com/log", 42, Hash.ofBase64(ROOT));

    /** Tree heads that the Go checksum database signed; the first is the one that C2SP tlog-checkpoint shows. */
    @ParameterizedTest
    @CsvSource({
        "20852163, CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=, Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=",
        "31700353, qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=, Az3grnmrIUEDFqHzAElIQCPNoRFRAAdFo47fooyWKMHb89k11GJh5zHIfNCOBmwn/C3YI8oW9/C8DJ87F61QqspBYwM=",
        "65209736, 5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=, Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=",
    })
    void opensTheHeadsOfALiveLog(long size, String root, String signature) {
        String note = "go.sum database tree\n" + size + "\n" + root + "\n\n— sum.golang.org " + signature + "\n";
        List<VerifierKey> keys =
                List.of(VerifierKey.parse("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"));
        Checkpoint opened = Checkpoint.open(SignedNote.parse(note), "go.sum database tree", keys);
        assertThat(opened).isEqualTo(new Checkpoint("go.sum database tree", size, Hash.ofBase64(root)));
        assertRefused(
                Reason.BAD_SIGNATURE,
                () -> Checkpoint.open(
                        SignedNote.parse(note.replace("go.sum", "GO.sum")), "GO.sum database tree", keys));
    }

    @Test
    void opensWhatItSigned() {
        Checkpoint extended = new Checkpoint("example.com/log", -1, Hash.ofBase64(ROOT), List.of("one", "two"));
        SignedNote note = extended.sign(KEY);
        assertThat(note.text()).isEqualTo("example.com/log\n18446744073709551615\n" + ROOT + "\none\ntwo\n");
        assertThat(Checkpoint.open(note, "example.com/log", List.of(KEY.verifierKey())))
                .isEqualTo(extended);
    }

    @Test
    void refusesAnotherLogsCheckpoint() {
        SignedNote note = CHECKPOINT.sign(KEY);
        List<VerifierKey> keys = List.of(KEY.verifierKey());
        assertRefused(Reason.WRONG_ORIGIN, () -> Checkpoint.open(note, "example.com/other", keys));
        List<VerifierKey> others = List.of(SigningKey.of("other", new byte[32]).verifierKey());
        assertRefused(Reason.UNTRUSTED_NOTE, () -> Checkpoint.open(note, "example.com/log", others));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "log\n",
                "log\n1\n",
                "log\n1\n" + ROOT,
                "\n1\n" + ROOT + "\n",
                "log\n\n" + ROOT + "\n",
                "log\n01\n" + ROOT + "\n",
                "log\n+1\n" + ROOT + "\n",
                "log\n-1\n" + ROOT + "\n",
                "log\n1 \n" + ROOT + "\n",
                "log\n١\n" + ROOT + "\n",
                "log\n18446744073709551616\n" + ROOT + "\n",
                "log\n1\nAAAA\n",
                "log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
                "log\n1\n" + ROOT + "\n\n",
                "log\n1\n" + ROOT + "\next\n\n",
                "log\n1\n" + ROOT + "\n\next\n",
                "log\n1\n" + ROOT + "\next",
                "l\rog\n1\n" + ROOT + "\n",
            })
    void refusesWhatIsNoCheckpoint(String text) {
        assertRefused(Reason.MALFORMED_CHECKPOINT, () -> Checkpoint.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two\nlines", "tab\t"})
    void refusesLinesThatWouldNotComeBack(String line) {
        Hash root = Hash.ofBase64(ROOT);
        assertRefused(Reason.MALFORMED_CHECKPOINT, () -> new Checkpoint(line, 1, root));
        assertRefused(Reason.MALFORMED_CHECKPOINT, () -> new Checkpoint("log", 1, root, List.of(line)));
    }
}
