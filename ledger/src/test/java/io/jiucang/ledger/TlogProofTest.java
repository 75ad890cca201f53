package io.jiucang.ledger;

import static io.jiucang.ledger.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.ledger.LedgerException.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlogProofTest {

    private static final String ORIGIN = "example.com/log";
    private static final SigningKey KEY = SigningKey.of(ORIGIN, new byte[32]);
    private static final List<VerifierKey> KEYS = List.of(KEY.verifierKey());
    private static final TiledTree TREE = Trees.treeOf(11);
    private static final SignedNote CHECKPOINT = new Checkpoint(ORIGIN, 11, TREE.root()).sign(KEY);
    private static final TlogProof PROOF = new TlogProof(7, TREE.inclusionProof(7), CHECKPOINT);
    private static final Hash LEAF = Trees.entry(7).leafHash();

    private static final String HASH = MerkleTree.emptyRoot().base64();

    /** The example of C2SP tlog-proof; the standard abridges its signatures, so these are others. */
    private static final String C2SP_EXAMPLE = """
            c2sp.org/tlog-proof@v1
            extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
            index 73894
            gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
            B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
            EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
            RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
            AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

            example.com/fancylog
            109482
            sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

            — example.com/fancylog hI2DJwAAAAA=
            — witness1.example mJirIgAAAAA=
            """;

    @Test
    void readsTheExampleOfTheStandard() {
        TlogProof proof = TlogProof.parse(C2SP_EXAMPLE);
        assertThat(proof.index()).isEqualTo(73_894);
        assertThat(proof.path()).hasSize(5);
        assertThat(proof.checkpoint().signatures()).hasSize(2);
        assertThat(proof.format()).isEqualTo(C2SP_EXAMPLE);
    }

    @Test
    void verifiesALeafWithNothingButTheLogsKey() {
        TlogProof parsed = TlogProof.parse(PROOF.format());
        assertThat(parsed).isEqualTo(PROOF);
        assertThat(parsed.verify(LEAF, ORIGIN, KEYS)).isEqualTo(new Checkpoint(ORIGIN, 11, TREE.root()));
    }

    @Test
    void refusesWhateverIsNotProven() {
        assertRefused(Reason.ROOT_MISMATCH, () -> PROOF.verify(Trees.entry(8).leafHash(), ORIGIN, KEYS));
        assertRefused(Reason.WRONG_ORIGIN, () -> PROOF.verify(LEAF, "example.com/other", KEYS));
        assertRefused(Reason.UNTRUSTED_NOTE, () -> PROOF.verify(LEAF, ORIGIN, List.of()));
        assertRefused(
                Reason.ROOT_MISMATCH, () -> new TlogProof(6, PROOF.path(), CHECKPOINT).verify(LEAF, ORIGIN, KEYS));
        assertRefused(
                Reason.INDEX_BEYOND_SIZE, () -> new TlogProof(11, PROOF.path(), CHECKPOINT).verify(LEAF, ORIGIN, KEYS));
        assertRefused(
                Reason.WRONG_PROOF_LENGTH, () -> new TlogProof(7, List.of(), CHECKPOINT).verify(LEAF, ORIGIN, KEYS));
        SignedNote forged = new SignedNote(new Checkpoint(ORIGIN, 12, TREE.root()).format(), CHECKPOINT.signatures());
        assertRefused(Reason.BAD_SIGNATURE, () -> new TlogProof(7, PROOF.path(), forged).verify(LEAF, ORIGIN, KEYS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n\n",
                "c2sp.org/tlog-proof@v1",
                "c2sp.org/tlog-proof@v1\n\n%s",
                "c2sp.org/tlog-proof@v2\nindex 7\n\n%s",
                " c2sp.org/tlog-proof@v1\nindex 7\n\n%s",
                "c2sp.org/tlog-proof@v1\r\nindex 7\n\n%s",
                "c2sp.org/tlog-proof@v1\nindex 07\n\n%s",
                "c2sp.org/tlog-proof@v1\nindex  7\n\n%s",
                "c2sp.org/tlog-proof@v1\nindex -7\n\n%s",
                "c2sp.org/tlog-proof@v1\nindex\n\n%s",
                "c2sp.org/tlog-proof@v1\nindex 18446744073709551616\n\n%s",
                "c2sp.org/tlog-proof@v1\nextra \nindex 7\n\n%s",
                "c2sp.org/tlog-proof@v1\nextra AA\nindex 7\n\n%s",
                "c2sp.org/tlog-proof@v1\nextra AAAA\n\n%s",
                "c2sp.org/tlog-proof@v1\nindex 7\nextra AAAA\n\n%s",
                "c2sp.org/tlog-proof@v1\nindex 7\nAAAA\n\n%s",
            })
    void refusesWhatIsNoProof(String template) {
        String proof = template.replace("%s", CHECKPOINT.format());
        assertRefused(Reason.MALFORMED_PROOF, () -> TlogProof.parse(proof));
    }

    @Test
    void refusesAProofWithoutACheckpoint() {
        String head = "c2sp.org/tlog-proof@v1\nindex 7\n\n";
        assertRefused(Reason.MALFORMED_NOTE, () -> TlogProof.parse(head));
        assertRefused(Reason.MALFORMED_CHECKPOINT, () -> TlogProof.parse(head + "\n" + CHECKPOINT.format()));
        SignedNote noCheckpoint = SignedNote.sign("text\n", List.of(KEY));
        assertRefused(Reason.MALFORMED_CHECKPOINT, () -> TlogProof.parse(head + noCheckpoint.format()));
    }

    @Test
    void refusesAPathHigherThanAnyTree() {
        String head = "c2sp.org/tlog-proof@v1\nindex 7\n";
        String tail = "\n" + CHECKPOINT.format();
        assertThat(TlogProof.parse(head + (HASH + "\n").repeat(64) + tail).path())
                .hasSize(64);
        assertRefused(Reason.MALFORMED_PROOF, () -> TlogProof.parse(head + (HASH + "\n").repeat(65) + tail));
    }
}
