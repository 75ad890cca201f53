package io.jiucang.ledger;

import static io.jiucang.ledger.Refusals.assertRefused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jiucang.ledger.LedgerException.Reason;
import io.jiucang.ledger.ProofBundle.Item;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProofBundleTest {

    private static final String ORIGIN = "example.com/log";
    private static final SigningKey KEY = SigningKey.of(ORIGIN, new byte[32]);
    private static final List<VerifierKey> KEYS = List.of(KEY.verifierKey());
    private static final TiledTree TREE = Trees.treeOf(11);
    private static final String EVENT =
            "{\"type\":\"t.v1\",\"subject\":\"箱\",\"price\":1.10,\"big\":123456789012345678901234567890,\"data_base64\":\"AA==\"}";
    private static final ProofBundle BUNDLE =
            new ProofBundle(KEY.verifierKey(), List.of(item(3, 11, EVENT), item(7, 9, null)));

    @Test
    void comesBackAsItWas() {
        ProofBundle parsed = ProofBundle.parse(BUNDLE.format());
        assertThat(parsed).isEqualTo(BUNDLE);
        assertThat(parsed.format()).isEqualTo(BUNDLE.format());
        assertThat(parsed.items().getFirst().event()).isEqualTo(EVENT);
        assertThat(parsed.items().getFirst().claimed("subject")).hasValue("箱");
        assertThat(parsed.items().getFirst().claimed("price")).isEmpty();
        assertThat(parsed.items().getLast().claimed("subject")).isEmpty();
    }

    @Test
    void provesItsEntriesInTreesOfSeveralSizes() {
        assertThat(BUNDLE.verify(ORIGIN, KEYS)).extracting(Checkpoint::size).containsExactly(11L, 9L);
    }

    @Test
    void namesTheItemThatIsNotProven() {
        Item swapped = new Item(Trees.entry(4), item(3, 11, null).proof(), null);
        ProofBundle forged = new ProofBundle(KEY.verifierKey(), List.of(item(7, 9, null), swapped));
        assertThat(catchThrowableOfType(LedgerException.class, () -> forged.verify(ORIGIN, KEYS)))
                .hasMessageStartingWith("item 2 of 2: ")
                .returns(Reason.ROOT_MISMATCH, LedgerException::reason);
    }

    @Test
    void doesNotTrustTheKeyItCarries() {
        VerifierKey other = SigningKey.of("other", new byte[32]).verifierKey();
        assertRefused(Reason.UNTRUSTED_NOTE, () -> BUNDLE.verify(ORIGIN, List.of(other)));
    }

    @Test
    void exposesALogThatSignedTwoRootsForOneSize() {
        TiledTree fork = TiledTree.empty().append(Trees.leaves(1, 12)).tree();
        TlogProof forked = new TlogProof(0, fork.inclusionProof(0), new Checkpoint(ORIGIN, 11, fork.root()).sign(KEY));
        ProofBundle both =
                new ProofBundle(KEY.verifierKey(), List.of(item(3, 11, null), new Item(Trees.entry(1), forked, null)));
        assertRefused(Reason.SPLIT_VIEW, () -> both.verify(ORIGIN, KEYS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"format\":\"jiucang-proof/v2\",\"vkey\":\"%k\",\"items\":[%i]}",
                "{\"format\":1,\"vkey\":\"%k\",\"items\":[%i]}",
                "{\"vkey\":\"%k\",\"items\":[%i]}",
                "{\"format\":\"jiucang-proof/v1\",\"vkey\":null,\"items\":[%i]}",
                "{\"format\":\"jiucang-proof/v1\",\"vkey\":\"%k\",\"items\":[]}",
                "{\"format\":\"jiucang-proof/v1\",\"vkey\":\"%k\",\"items\":{}}",
                "{\"format\":\"jiucang-proof/v1\",\"vkey\":\"%k\"}",
                "{\"format\":\"jiucang-proof/v1\",\"vkey\":\"%k\",\"items\":[1]}",
                "{\"format\":\"jiucang-proof/v1\",\"vkey\":\"%k\",\"items\":[{}]}",
                "{\"format\":\"jiucang-proof/v1\",\"vkey\":\"%k\",\"items\":[%i],\"more\":1}",
                "{\"format\":\"jiucang-proof/v1\",\"vkey\":\"%k\",\"vkey\":\"%k\",\"items\":[%i]}",
                "{\"format\":\"jiucang-proof/v1\",\"vkey\":\"%k\",\"items\":[%i]} {}",
                "\ufeff{\"format\":\"jiucang-proof/v1\",\"vkey\":\"%k\",\"items\":[%i]}",
            })
    void refusesWhatIsNoBundle(String template) {
        assertRefused(Reason.MALFORMED_BUNDLE, () -> ProofBundle.parse(filled(template, PLAIN_ITEM)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'entry':'AA','proof':'%p'} | MALFORMED_BUNDLE",
                "{'proof':'%p'} | MALFORMED_BUNDLE",
                "{'entry':'AA=='} | MALFORMED_BUNDLE",
                "{'entry':'AA==','proof':'%p','event':[]} | MALFORMED_BUNDLE",
                "{'entry':'AA==','proof':'%p','event':null} | MALFORMED_BUNDLE",
                "{'entry':'AA==','proof':'%p','event':{'a':1,'a':2}} | MALFORMED_BUNDLE",
                "{'entry':'AA==','proof':'%p','event':{'a':'\\ud800'}} | MALFORMED_BUNDLE",
                "{'entry':'AA==','proof':'%p','more':1} | MALFORMED_BUNDLE",
                "{'entry':'AA==','proof':''} | MALFORMED_PROOF",
            },
            quoteCharacter = '`')
    void refusesWhatIsNoItem(String item, Reason reason) {
        String bundle = "{\"format\":\"jiucang-proof/v1\",\"vkey\":\"%k\",\"items\":[%i]}";
        assertRefused(reason, () -> ProofBundle.parse(filled(bundle, item.replace('\'', '"'))));
        assertThat(ProofBundle.parse(filled(bundle, PLAIN_ITEM)).items()).hasSize(1);
    }

    @Test
    void refusesAnEventThatIsNoObject() {
        TlogProof proof = item(3, 11, null).proof();
        assertRefused(Reason.MALFORMED_BUNDLE, () -> new Item(Trees.entry(3), proof, "[1]"));
        assertRefused(Reason.MALFORMED_BUNDLE, () -> new Item(Trees.entry(3), proof, "{"));
        assertRefused(
                Reason.MALFORMED_BUNDLE, () -> new Item(Trees.entry(3), proof, "{\"n\":1.5e" + "9".repeat(60) + "}"));
    }

    private static final String PLAIN_ITEM = "{\"entry\":\"AA==\",\"proof\":\"%p\"}";

    private static byte[] filled(String template, String item) {
        return template.replace("%i", item)
                .replace("%p", item(3, 11, null).proof().format().replace("\n", "\\n"))
                .replace("%k", KEY.verifierKey().format())
                .getBytes(UTF_8);
    }

    private static Item item(int index, int size, @Nullable String event) {
        SignedNote checkpoint = new Checkpoint(ORIGIN, size, TREE.rootAt(size)).sign(KEY);
        return new Item(Trees.entry(index), new TlogProof(index, TREE.inclusionProof(index, size), checkpoint), event);
    }
}
