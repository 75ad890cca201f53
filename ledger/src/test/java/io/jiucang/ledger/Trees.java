package io.jiucang.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The tree by the letter of RFC 9162 §2.1, slow and obvious, and a store to put tiles into. */
final class Trees {

    private Trees() {}

    static Entry entry(long i) {
        return Entry.of(("entry " + i).getBytes(UTF_8));
    }

    static List<Hash> leaves(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> entry(i).leafHash()).toList();
    }

    static TiledTree treeOf(int size) {
        return TiledTree.empty().append(leaves(0, size)).tree();
    }

    static Hash root(List<Hash> leaves) {
        if (leaves.isEmpty()) {
            return MerkleTree.emptyRoot();
        }
        if (leaves.size() == 1) {
            return leaves.getFirst();
        }
        int split = Integer.highestOneBit(leaves.size() - 1);
        return MerkleTree.nodeHash(root(leaves.subList(0, split)), root(leaves.subList(split, leaves.size())));
    }

    static List<Hash> path(int index, List<Hash> leaves) {
        if (leaves.size() == 1) {
            return List.of();
        }
        int split = Integer.highestOneBit(leaves.size() - 1);
        List<Hash> left = leaves.subList(0, split);
        List<Hash> right = leaves.subList(split, leaves.size());
        return index < split ? plus(path(index, left), root(right)) : plus(path(index - split, right), root(left));
    }

    static List<Hash> subproof(int size, List<Hash> leaves, boolean complete) {
        if (size == leaves.size()) {
            return complete ? List.of() : List.of(root(leaves));
        }
        int split = Integer.highestOneBit(leaves.size() - 1);
        List<Hash> left = leaves.subList(0, split);
        List<Hash> right = leaves.subList(split, leaves.size());
        return size <= split
                ? plus(subproof(size, left, complete), root(right))
                : plus(subproof(size - split, right, false), root(left));
    }

    private static List<Hash> plus(List<Hash> proof, Hash last) {
        List<Hash> longer = new ArrayList<>(proof);
        longer.add(last);
        return longer;
    }

    /** Keeps one row per tile, its newest width, as a database would. */
    static final class Store implements TileReader {

        private record Key(int level, long index) {}

        private final Map<Key, byte[]> rows = new HashMap<>();
        private int reads;

        void write(List<Tile> tiles) {
            tiles.forEach(
                    tile -> rows.put(new Key(tile.path().level(), tile.path().index()), tile.bytes()));
        }

        void lose(TilePath path) {
            rows.remove(new Key(path.level(), path.index()));
        }

        int reads() {
            return reads;
        }

        @Override
        public Optional<byte[]> read(TilePath path) {
            reads++;
            return Optional.ofNullable(rows.get(new Key(path.level(), path.index())));
        }
    }
}
