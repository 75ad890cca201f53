package io.jiucang.ledger;

import static io.jiucang.ledger.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.jiucang.ledger.LedgerException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MerkleTreeTest {

    /** The eight leaves and roots by which Certificate Transparency implementations have always been compared. */
    private static final List<String> CT_LEAVES =
            List.of("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f");

    private static final List<String> CT_ROOTS = List.of(
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    @Test
    void growsTheKnownRootsFromTheKnownLeaves() {
        TiledTree tree = TiledTree.empty();
        assertThat(tree.root().hex()).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (int i = 0; i < CT_LEAVES.size(); i++) {
            Hash leaf = MerkleTree.leafHash(HexFormat.of().parseHex(CT_LEAVES.get(i)));
            tree = tree.append(List.of(leaf)).tree();
            assertThat(tree.root().hex()).isEqualTo(CT_ROOTS.get(i));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("inclusionVectors")
    void judgesInclusionAsOthersDo(Vector vector) {
        JsonNode json = vector.json;
        vector.judge(() -> MerkleTree.verifyInclusion(
                Hash.ofBase64(json.get("leafHash").asString()),
                unsigned(json, "leafIdx"),
                unsigned(json, "treeSize"),
                proof(json),
                Hash.ofBase64(json.get("root").asString())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("consistencyVectors")
    void judgesConsistencyAsOthersDo(Vector vector) {
        JsonNode json = vector.json;
        vector.judge(() -> MerkleTree.verifyConsistency(
                unsigned(json, "size1"),
                root(json, "root1"),
                unsigned(json, "size2"),
                root(json, "root2"),
                proof(json)));
    }

    @Test
    void refusesAnIndexBeyondTheSize() {
        Hash hash = MerkleTree.emptyRoot();
        assertRefused(Reason.INDEX_BEYOND_SIZE, () -> MerkleTree.verifyInclusion(hash, 0, 0, List.of(), hash));
        assertRefused(Reason.INDEX_BEYOND_SIZE, () -> MerkleTree.verifyInclusion(hash, 7, 7, List.of(), hash));
        // -1 is the largest unsigned index, not a small one.
        assertRefused(Reason.INDEX_BEYOND_SIZE, () -> MerkleTree.verifyInclusion(hash, -1, 7, List.of(), hash));
    }

    @Test
    void verifiesInTheLargestTree() {
        List<Hash> siblings = Trees.leaves(0, 64);
        Hash leaf = MerkleTree.leafHash(new byte[0]);
        Hash expected = leaf;
        for (Hash sibling : siblings) {
            expected = MerkleTree.nodeHash(expected, sibling);
        }
        Hash root = expected;
        long size = -1;
        assertThatCode(() -> MerkleTree.verifyInclusion(leaf, 0, size, siblings, root))
                .doesNotThrowAnyException();
        assertRefused(
                Reason.WRONG_PROOF_LENGTH,
                () -> MerkleTree.verifyInclusion(leaf, 0, size, siblings.subList(0, 63), root));
        assertRefused(
                Reason.WRONG_PROOF_LENGTH, () -> MerkleTree.verifyInclusion(leaf, 0, size, Trees.leaves(0, 65), root));
    }

    @Test
    void namesWhatIsWrongWithAConsistencyProof() {
        TiledTree tree = Trees.treeOf(7);
        Hash root = tree.root();
        Hash earlier = tree.rootAt(3);
        List<Hash> proof = tree.consistencyProof(3, 7);
        assertRefused(Reason.EMPTY_TREE, () -> MerkleTree.verifyConsistency(0, MerkleTree.emptyRoot(), 7, root, proof));
        assertRefused(Reason.SIZE_BEYOND_TREE, () -> MerkleTree.verifyConsistency(-1, earlier, 7, root, proof));
        assertRefused(Reason.WRONG_PROOF_LENGTH, () -> MerkleTree.verifyConsistency(3, earlier, 7, root, List.of()));
        assertRefused(Reason.WRONG_PROOF_LENGTH, () -> MerkleTree.verifyConsistency(7, root, 7, root, proof));
        assertRefused(Reason.ROOT_MISMATCH, () -> MerkleTree.verifyConsistency(7, earlier, 7, root, List.of()));
        assertRefused(Reason.ROOT_MISMATCH, () -> MerkleTree.verifyConsistency(3, root, 7, root, proof));
        assertRefused(Reason.ROOT_MISMATCH, () -> MerkleTree.verifyConsistency(3, earlier, 7, earlier, proof));
    }

    static Stream<Vector> inclusionVectors() {
        return vectors("inclusion");
    }

    static Stream<Vector> consistencyVectors() {
        return vectors("consistency");
    }

    private static Stream<Vector> vectors(String kind) {
        try (InputStream in = MerkleTreeTest.class.getResourceAsStream("transparency-dev/" + kind + ".json")) {
            return JsonMapper.shared()
                    .readTree(Objects.requireNonNull(in))
                    .valueStream()
                    .map(Vector::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long unsigned(JsonNode json, String field) {
        return Long.parseUnsignedLong(json.get(field).asString());
    }

    /** Some vectors have placeholders of other lengths as roots; each stands for some root of its own. */
    private static Hash root(JsonNode json, String field) {
        byte[] bytes = Base64.getDecoder().decode(json.get(field).asString());
        return bytes.length == Hash.LENGTH ? Hash.of(bytes) : MerkleTree.leafHash(bytes);
    }

    private static List<Hash> proof(JsonNode json) {
        return json.get("proof")
                .valueStream()
                .map(h -> Hash.ofBase64(h.asString()))
                .toList();
    }

    record Vector(JsonNode json) {

        void judge(ThrowingCallable verification) {
            if (json.get("wantErr").asBoolean()) {
                assertThatExceptionOfType(LedgerException.class).isThrownBy(verification);
            } else {
                assertThatCode(verification).doesNotThrowAnyException();
            }
        }

        @Override
        public String toString() {
            return json.get("name").asString();
        }
    }
}
