package io.jiucang.ledger;

import static io.jiucang.ledger.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.jiucang.ledger.LedgerException.Reason;
import io.jiucang.ledger.TiledTree.Appended;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TiledTreeTest {

    private static final TiledTree TREE_OF_3000 = Trees.treeOf(3_000);
    private static final TiledTree TREE_OF_8400 = Trees.treeOf(8_400);

    @Test
    void hasTheRootOfTheDefinitionAtEverySize() {
        List<Hash> leaves = Trees.leaves(0, 3_000);
        TiledTree tree = TiledTree.empty().append(leaves).tree();
        for (int size = 0; size <= leaves.size(); size++) {
            assertThat(tree.rootAt(size)).isEqualTo(Trees.root(leaves.subList(0, size)));
        }
    }

    @Test
    void buildsTheProofsOfTheDefinition() {
        List<Hash> leaves = Trees.leaves(0, 70);
        TiledTree tree = TiledTree.empty().append(leaves).tree();
        for (int size = 1; size <= leaves.size(); size++) {
            List<Hash> first = leaves.subList(0, size);
            for (int i = 0; i < size; i++) {
                assertThat(tree.inclusionProof(i, size)).isEqualTo(Trees.path(i, first));
                assertThat(tree.consistencyProof(i + 1, size)).isEqualTo(Trees.subproof(i + 1, first, true));
            }
        }
    }

    @Test
    void provesEveryIndexAndEveryEarlierSizeOfEverySize() {
        int most = 1_050;
        List<Hash> leaves = Trees.leaves(0, most);
        TiledTree tree = TiledTree.empty().append(leaves).tree();
        List<Hash> roots = new ArrayList<>();
        for (int size = 0; size <= most; size++) {
            roots.add(tree.rootAt(size));
        }
        for (int size = 1; size <= most; size++) {
            for (int i = 0; i < size; i++) {
                MerkleTree.verifyInclusion(leaves.get(i), i, size, tree.inclusionProof(i, size), roots.get(size));
                MerkleTree.verifyConsistency(
                        i + 1, roots.get(i + 1), size, roots.get(size), tree.consistencyProof(i + 1, size));
            }
        }
    }

    @Property(tries = 300)
    void refusesEveryAlteredInclusionProof(@ForAll @IntRange(min = 2, max = 3_000) int size, @ForAll Random random) {
        TiledTree tree = TREE_OF_3000;
        int index = random.nextInt(size);
        Hash leaf = Trees.entry(index).leafHash();
        Hash root = tree.rootAt(size);
        List<Hash> proof = tree.inclusionProof(index, size);
        MerkleTree.verifyInclusion(leaf, index, size, proof, root);

        Hash other = flipped(leaf, random);
        assertNotIncluded(other, index, size, proof, root);
        assertNotIncluded(leaf, index, size, proof, flipped(root, random));
        int otherIndex = (index + 1 + random.nextInt(size - 1)) % size;
        assertNotIncluded(leaf, otherIndex, size, proof, root);
        // A path of the same shape fits neighbouring sizes too: it is the checkpoint's signature that binds the size.
        assertNotIncluded(leaf, index, index, proof, root);
        assertNotIncluded(leaf, index, size * 2L, proof, root);
        for (int i = 0; i < proof.size(); i++) {
            assertNotIncluded(leaf, index, size, with(proof, i, flipped(proof.get(i), random)), root);
            assertNotIncluded(leaf, index, size, without(proof, i), root);
            assertNotIncluded(leaf, index, size, inserted(proof, i, other), root);
        }
        assertNotIncluded(leaf, index, size, inserted(proof, proof.size(), other), root);
    }

    @Property(tries = 300)
    void refusesEveryAlteredConsistencyProof(@ForAll @IntRange(min = 2, max = 3_000) int size, @ForAll Random random) {
        TiledTree tree = TREE_OF_3000;
        int earlier = 1 + random.nextInt(size - 1);
        Hash root1 = tree.rootAt(earlier);
        Hash root2 = tree.rootAt(size);
        List<Hash> proof = tree.consistencyProof(earlier, size);
        MerkleTree.verifyConsistency(earlier, root1, size, root2, proof);

        assertInconsistent(earlier, flipped(root1, random), size, root2, proof);
        assertInconsistent(earlier, root1, size, flipped(root2, random), proof);
        for (int i = 0; i < proof.size(); i++) {
            assertInconsistent(earlier, root1, size, root2, with(proof, i, flipped(proof.get(i), random)));
            assertInconsistent(earlier, root1, size, root2, without(proof, i));
            assertInconsistent(earlier, root1, size, root2, inserted(proof, i, root1));
        }
        assertInconsistent(earlier, root1, size, root2, inserted(proof, proof.size(), root1));
    }

    @Property(tries = 200)
    void growsTheSameTreeInWhateverBatches(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 700) Integer> batches) {
        Trees.Store store = new Trees.Store();
        TiledTree chained = new TiledTree(0, store);
        int size = 0;
        for (int batch : batches) {
            List<Hash> leaves = Trees.leaves(size, size + batch);
            Appended fresh = new TiledTree(size, store).append(leaves);
            Appended next = chained.append(leaves);
            assertThat(next.changed()).hasSameSizeAs(fresh.changed());
            assertThat(next.tree().root()).isEqualTo(fresh.tree().root());
            size += batch;
            store.write(next.changed());
            chained = next.tree();
        }
        assertThat(chained.root()).isEqualTo(TREE_OF_8400.rootAt(size));
        assertThat(new TiledTree(size, store).root()).isEqualTo(chained.root());
    }

    @Test
    void writesTheTilesOfTheStandardsExample() {
        Appended appended = TiledTree.empty().append(Collections.nCopies(70_000, MerkleTree.emptyRoot()));
        List<TilePath> paths = appended.changed().stream().map(Tile::path).toList();
        assertThat(paths).filteredOn(p -> p.level() == 0 && p.isFull()).hasSize(273);
        assertThat(paths)
                .filteredOn(p -> p.level() != 0 || !p.isFull())
                .extracting(TilePath::format)
                .containsExactly("tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1");
        assertThat(TilePath.rightEdge(70_000))
                .extracting(TilePath::format)
                .containsExactly("tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1");
    }

    @Test
    void readsOnlyTheRightEdgeForABatchAndItsProofs() {
        Trees.Store store = new Trees.Store();
        store.write(TiledTree.empty().append(Trees.leaves(0, 70_000)).changed());
        TiledTree grown = new TiledTree(70_000, store)
                .append(Trees.leaves(70_000, 71_000))
                .tree();
        Hash root = grown.root();
        for (int i = 70_000; i < 71_000; i++) {
            MerkleTree.verifyInclusion(Trees.entry(i).leafHash(), i, 71_000, grown.inclusionProof(i), root);
        }
        assertThat(store.reads()).isEqualTo(3);

        TiledTree next = grown.append(Trees.leaves(71_000, 71_010)).tree();
        MerkleTree.verifyConsistency(71_000, root, 71_010, next.root(), next.consistencyProof(71_000, 71_010));
        assertThat(store.reads()).as("reads along a chain").isEqualTo(3);
    }

    @Test
    void appendsNothing() {
        TiledTree tree = Trees.treeOf(5);
        Appended appended = tree.append(List.of());
        assertThat(appended.changed()).isEmpty();
        assertThat(appended.tree().root()).isEqualTo(tree.root());
    }

    @Test
    void worksAtTheEndOfTheNumbers() {
        // All tiles of equal hashes: a subtree's root depends on its height alone.
        TileReader endless = path -> {
            Hash hash = MerkleTree.emptyRoot();
            for (int i = 0; i < path.level() * 8; i++) {
                hash = MerkleTree.nodeHash(hash, hash);
            }
            byte[] tile = new byte[path.width() * Hash.LENGTH];
            for (int i = 0; i < path.width(); i++) {
                hash.copyInto(tile, i);
            }
            return Optional.of(tile);
        };
        TiledTree almost = new TiledTree(-2, endless);
        TiledTree full = almost.append(List.of(MerkleTree.emptyRoot())).tree();
        assertThat(full.size()).isEqualTo(-1);
        MerkleTree.verifyInclusion(MerkleTree.emptyRoot(), -2, -1, full.inclusionProof(-2), full.root());
        MerkleTree.verifyInclusion(MerkleTree.emptyRoot(), 0, -1, full.inclusionProof(0), full.root());
        MerkleTree.verifyConsistency(-2, almost.root(), -1, full.root(), full.consistencyProof(-2, -1));
        assertRefused(Reason.SIZE_BEYOND_TREE, () -> full.append(List.of(MerkleTree.emptyRoot())));
    }

    @Test
    void refusesWhatTheTreeHasNot() {
        TiledTree tree = Trees.treeOf(5);
        assertRefused(Reason.INDEX_BEYOND_SIZE, () -> tree.inclusionProof(5));
        assertRefused(Reason.INDEX_BEYOND_SIZE, () -> TiledTree.empty().inclusionProof(0));
        assertRefused(Reason.INDEX_BEYOND_SIZE, () -> tree.inclusionProof(-1));
        assertRefused(Reason.SIZE_BEYOND_TREE, () -> tree.inclusionProof(5, 6));
        assertRefused(Reason.SIZE_BEYOND_TREE, () -> tree.rootAt(6));
        assertRefused(Reason.SIZE_BEYOND_TREE, () -> tree.rootAt(-1));
        assertRefused(Reason.SIZE_BEYOND_TREE, () -> tree.consistencyProof(4, 3));
        assertRefused(Reason.SIZE_BEYOND_TREE, () -> tree.consistencyProof(4, 6));
        assertRefused(Reason.EMPTY_TREE, () -> tree.consistencyProof(0, 5));
    }

    @Test
    void refusesADamagedStore() {
        Trees.Store store = new Trees.Store();
        store.write(TiledTree.empty().append(Trees.leaves(0, 300)).changed());
        TilePath edge = TilePath.parse("tile/0/001.p/44");
        store.lose(edge);
        assertRefused(Reason.MISSING_TILE, () -> new TiledTree(300, store).root());
        assertRefused(Reason.MALFORMED_TILE, () -> new TiledTree(300, path -> Optional.of(new byte[43 * 32])).root());
        assertRefused(
                Reason.MALFORMED_TILE, () -> new TiledTree(300, path -> Optional.of(new byte[44 * 32 + 1])).root());
        assertRefused(Reason.MALFORMED_TILE, () -> new TiledTree(300, path -> Optional.of(new byte[257 * 32])).root());
    }

    private static void assertNotIncluded(Hash leaf, long index, long size, List<Hash> proof, Hash root) {
        assertThatExceptionOfType(LedgerException.class)
                .isThrownBy(() -> MerkleTree.verifyInclusion(leaf, index, size, proof, root));
    }

    private static void assertInconsistent(long size1, Hash root1, long size2, Hash root2, List<Hash> proof) {
        assertThatExceptionOfType(LedgerException.class)
                .isThrownBy(() -> MerkleTree.verifyConsistency(size1, root1, size2, root2, proof));
    }

    private static Hash flipped(Hash hash, Random random) {
        byte[] bytes = hash.bytes();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return Hash.of(bytes);
    }

    private static List<Hash> with(List<Hash> proof, int i, Hash hash) {
        List<Hash> altered = new ArrayList<>(proof);
        altered.set(i, hash);
        return altered;
    }

    private static List<Hash> without(List<Hash> proof, int i) {
        List<Hash> altered = new ArrayList<>(proof);
        altered.remove(i);
        return altered;
    }

    private static List<Hash> inserted(List<Hash> proof, int i, Hash hash) {
        List<Hash> altered = new ArrayList<>(proof);
        altered.add(i, hash);
        return altered;
    }
}
