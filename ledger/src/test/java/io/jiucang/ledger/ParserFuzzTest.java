package io.jiucang.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.jiucang.ledger.ProofBundle.Item;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** No parser throws anything but its refusal, and what it accepts it writes back byte for byte. */
class ParserFuzzTest {

    @FuzzTest
    void signedNote(byte[] data) {
        unlessRefused(() -> assertThat(SignedNote.parse(data).format()).isEqualTo(new String(data, UTF_8)));
    }

    @FuzzTest
    void checkpoint(byte[] data) {
        String text = new String(data, UTF_8);
        unlessRefused(() -> assertThat(Checkpoint.parse(text).format()).isEqualTo(text));
    }

    @FuzzTest
    void verifierKey(byte[] data) {
        String text = new String(data, UTF_8);
        unlessRefused(() -> assertThat(VerifierKey.parse(text).format()).isEqualTo(text));
    }

    @FuzzTest
    void signingKey(byte[] data) {
        unlessRefused(() -> SigningKey.parse(new String(data, UTF_8)));
    }

    @FuzzTest
    void tilePath(byte[] data) {
        String text = new String(data, UTF_8);
        unlessRefused(() -> assertThat(TilePath.parse(text).format()).isEqualTo(text));
    }

    @FuzzTest
    void entryBundle(byte[] data) {
        unlessRefused(() -> assertThat(EntryBundle.parse(data).format()).isEqualTo(data));
    }

    @FuzzTest
    void tlogProof(byte[] data) {
        unlessRefused(() -> assertThat(TlogProof.parse(data).format()).isEqualTo(new String(data, UTF_8)));
    }

    /** JSON may be written in many ways: here the first rewriting is the one that must stay. */
    @FuzzTest
    void proofBundle(byte[] data) {
        unlessRefused(() -> {
            ProofBundle bundle = ProofBundle.parse(data);
            byte[] written = bundle.format();
            assertThat(ProofBundle.parse(written)).isEqualTo(bundle);
            assertThat(ProofBundle.parse(written).format()).isEqualTo(written);
        });
    }

    @Property(tries = 1_500)
    void everyParserSurvivesAlteredDocuments(@ForAll Random random) {
        signedNote(altered(NOTE, random));
        checkpoint(altered(CHECKPOINT, random));
        verifierKey(altered(VKEY, random));
        signingKey(altered(SKEY, random));
        tilePath(altered(PATH, random));
        entryBundle(altered(ENTRIES, random));
        tlogProof(altered(PROOF, random));
        proofBundle(altered(BUNDLE, random));
    }

    @Property(tries = 1)
    void everyParserReadsTheDocumentsThatAreAltered() {
        assertThatCode(() -> {
                    SignedNote.parse(NOTE);
                    Checkpoint.parse(new String(CHECKPOINT, UTF_8));
                    VerifierKey.parse(new String(VKEY, UTF_8));
                    SigningKey.parse(new String(SKEY, UTF_8));
                    TilePath.parse(new String(PATH, UTF_8));
                    EntryBundle.parse(ENTRIES);
                    TlogProof.parse(PROOF);
                    ProofBundle.parse(BUNDLE);
                })
                .doesNotThrowAnyException();
    }

    private static final byte[] SKEY =
            "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz".getBytes(UTF_8);
    private static final SigningKey KEY = SigningKey.parse(new String(SKEY, UTF_8));
    private static final byte[] VKEY = KEY.verifierKey().format().getBytes(UTF_8);
    private static final TiledTree TREE = Trees.treeOf(11);
    private static final Checkpoint HEAD = new Checkpoint("example.com/log", 11, TREE.root(), List.of("酒仓"));
    private static final byte[] CHECKPOINT = HEAD.format().getBytes(UTF_8);
    private static final byte[] NOTE =
            HEAD.sign(KEY, SigningKey.of("other", new byte[32])).format().getBytes(UTF_8);
    private static final byte[] PATH = "tile/entries/x001/x234/067.p/211".getBytes(UTF_8);
    private static final byte[] ENTRIES = new EntryBundle(List.of(Trees.entry(1), Trees.entry(2))).format();
    private static final TlogProof INCLUSION = new TlogProof("AAEC", 7, TREE.inclusionProof(7), HEAD.sign(KEY));
    private static final byte[] PROOF = INCLUSION.format().getBytes(UTF_8);
    private static final byte[] BUNDLE = new ProofBundle(
                    KEY.verifierKey(),
                    List.of(new Item(Trees.entry(7), INCLUSION, "{\"type\":\"t\",\"n\":-1.50e3,\"m\":{\"a\":[null]}}")))
            .format();

    private static void unlessRefused(Runnable parseAndCompare) {
        try {
            parseAndCompare.run();
        } catch (LedgerException refused) {
            assertThat(refused.reason()).isNotNull();
        }
    }

    /** One to three small edits: bytes replaced, removed, doubled or swapped for what parsers trip over. */
    private static byte[] altered(byte[] document, Random random) {
        byte[] bytes = document;
        for (int edits = 1 + random.nextInt(3); edits > 0 && bytes.length > 0; edits--) {
            int at = random.nextInt(bytes.length);
            int to = Math.min(bytes.length, at + random.nextInt(4));
            byte[] middle = switch (random.nextInt(4)) {
                case 0 -> new byte[] {(byte) random.nextInt(256)};
                case 1 -> new byte[0];
                case 2 -> Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + random.nextInt(40)));
                default -> ODDITIES.get(random.nextInt(ODDITIES.size())).getBytes(UTF_8);
            };
            byte[] next = new byte[at + middle.length + bytes.length - to];
            System.arraycopy(bytes, 0, next, 0, at);
            System.arraycopy(middle, 0, next, at, middle.length);
            System.arraycopy(bytes, to, next, at + middle.length, bytes.length - to);
            bytes = next;
        }
        return bytes;
    }

    private static final List<String> ODDITIES = List.of(
            "\n", "\n\n", "\r", " ", "=", "+", "0", "-", "٣", "\ufeff", "\u2028", "—", "\\ud800", "1e9", "{", "]");
}
