package io.jiucang.ledger;

import static java.lang.Long.compareUnsigned;
import static java.lang.Long.toUnsignedString;

import io.jiucang.ledger.LedgerException.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A tree of one size over stored tiles: appends, roots, and proofs for that size and every earlier one.
 *
 * <p>A tree never changes; {@link #append} answers with the grown tree and the tiles to store, and stores nothing itself,
 * so that the caller decides what is one transaction. Stored tiles are trusted here: compare {@link #root()} with the
 * signed checkpoint before building on a tree read from a store.
 *
 * <p>Each tile is read and hashed once per tree and kept, which makes the proofs of a batch cheap. Keep a tree for one
 * batch or request, or along a chain of appends, where only the newest batch and the right edge stay in memory. Not for
 * use by several threads at once.
 */
public final class TiledTree {

    private final long size;
    private final TileReader store;
    private final Map<TilePath, Tile> tiles;
    private final Cut whole;

    /** The tree of {@code size} whose tiles {@code store} holds; nothing is read until it is needed. */
    public TiledTree(long size, TileReader store) {
        this(size, store, new HashMap<>());
    }

    private TiledTree(long size, TileReader store, Map<TilePath, Tile> tiles) {
        this.size = size;
        this.store = store;
        this.tiles = tiles;
        this.whole = new Cut(size);
    }

    /** The tree without entries. */
    public static TiledTree empty() {
        return new TiledTree(0, path -> Optional.empty());
    }

    public long size() {
        return size;
    }

    /**
     * RFC 9162 §2.1.1; reads at most the eight tiles of {@link TilePath#rightEdge}.
     *
     * @throws LedgerException {@code MISSING_TILE} or {@code MALFORMED_TILE}
     */
    public Hash root() {
        return whole.root();
    }

    /**
     * The root this tree had when it had {@code earlier} entries.
     *
     * @throws LedgerException {@code SIZE_BEYOND_TREE}, {@code MISSING_TILE} or {@code MALFORMED_TILE}
     */
    public Hash rootAt(long earlier) {
        return cut(earlier).root();
    }

    /**
     * RFC 9162 §2.1.3.1: the hashes from the leaf's sibling up to the root's child.
     *
     * @throws LedgerException {@code INDEX_BEYOND_SIZE}, {@code MISSING_TILE} or {@code MALFORMED_TILE}
     */
    public List<Hash> inclusionProof(long index) {
        return inclusionProof(index, size);
    }

    /**
     * The inclusion proof in the tree as it was with {@code earlier} entries.
     *
     * @throws LedgerException {@code INDEX_BEYOND_SIZE}, {@code SIZE_BEYOND_TREE}, {@code MISSING_TILE} or
     *     {@code MALFORMED_TILE}
     */
    public List<Hash> inclusionProof(long index, long earlier) {
        MerkleTree.requireIndex(index, earlier);
        List<Hash> proof = new ArrayList<>();
        cut(earlier).addSiblings(0, index, proof);
        return List.copyOf(proof);
    }

    /**
     * RFC 9162 §2.1.4.1: that the tree of {@code later} entries extends that of {@code earlier}; empty for equal sizes.
     *
     * @throws LedgerException {@code EMPTY_TREE}, {@code SIZE_BEYOND_TREE}, {@code MISSING_TILE} or
     *     {@code MALFORMED_TILE}
     */
    public List<Hash> consistencyProof(long earlier, long later) {
        MerkleTree.requireSizes(earlier, later);
        Cut cut = cut(later);
        List<Hash> proof = new ArrayList<>();
        if (earlier != later) {
            // Start from the largest complete subtree that ends where the earlier tree ends. When that is the whole
            // earlier tree, the verifier has its hash already.
            int level = Long.numberOfTrailingZeros(earlier);
            long position = (earlier - 1) >>> level;
            if (position != 0) {
                proof.add(cut.node(level, position));
            }
            cut.addSiblings(level, position, proof);
        }
        return List.copyOf(proof);
    }

    /**
     * The tree after these leaves, and each tile that is new or wider than before.
     *
     * <p>Reads at most the eight partial tiles of {@link TilePath#rightEdge}, and none along a chain of appends.
     *
     * @throws LedgerException {@code SIZE_BEYOND_TREE} past 2^64 - 1 leaves, {@code MISSING_TILE} or
     *     {@code MALFORMED_TILE}
     */
    public Appended append(List<Hash> leaves) {
        long grown = size + leaves.size();
        if (compareUnsigned(grown, size) < 0) {
            throw new LedgerException(Reason.SIZE_BEYOND_TREE, "a tree has at most 2^64 - 1 leaves");
        }
        List<Tile> changed = new ArrayList<>();
        List<Hash> added = leaves;
        for (int level = 0; !added.isEmpty(); level++) {
            added = appendToLevel(level, added, changed);
        }
        Map<TilePath, Tile> kept = new HashMap<>();
        for (TilePath path : TilePath.rightEdge(grown)) {
            Tile tile = tiles.get(path);
            if (tile != null) {
                kept.put(path, tile);
            }
        }
        changed.forEach(tile -> kept.put(tile.path(), tile));
        return new Appended(new TiledTree(grown, store, kept), changed);
    }

    /** What an append gives: the tree, and the tiles to store before its checkpoint may be published. */
    public record Appended(TiledTree tree, List<Tile> changed) {
        public Appended {
            changed = List.copyOf(changed);
        }
    }

    /** Returns the roots of the tiles that became full: what the level above gains. */
    private List<Hash> appendToLevel(int level, List<Hash> added, List<Tile> changed) {
        long before = TilePath.hashesAt(level, size);
        long index = before >>> TilePath.HEIGHT;
        int width = (int) (before & (TilePath.FULL_WIDTH - 1));
        byte[] hashes = width == 0
                ? new byte[0]
                : tile(new TilePath(level, index, width)).bytes();
        List<Hash> full = new ArrayList<>();
        for (int done = 0; done < added.size(); index++) {
            int more = Math.min(TilePath.FULL_WIDTH - width, added.size() - done);
            byte[] wider = Arrays.copyOf(hashes, (width + more) * Hash.LENGTH);
            for (int i = 0; i < more; i++) {
                added.get(done + i).copyInto(wider, width + i);
            }
            Tile tile = Tile.of(new TilePath(level, index, width + more), wider);
            changed.add(tile);
            if (tile.path().isFull()) {
                full.add(tile.root());
            }
            done += more;
            width = 0;
            hashes = new byte[0];
        }
        return full;
    }

    private Cut cut(long earlier) {
        if (compareUnsigned(earlier, size) > 0) {
            throw new LedgerException(
                    Reason.SIZE_BEYOND_TREE,
                    "the tree has " + toUnsignedString(size) + " leaves, not " + toUnsignedString(earlier));
        }
        return earlier == size ? whole : new Cut(earlier);
    }

    private Tile tile(TilePath path) {
        Tile known = tiles.get(path);
        if (known == null) {
            byte[] stored = store.read(path)
                    .orElseThrow(() -> new LedgerException(Reason.MISSING_TILE, "not stored: " + path.format()));
            known = Tile.of(path, stored);
            tiles.put(path, known);
        }
        return known;
    }

    /** The tree at one of its sizes. A node is named by its level (2^level leaves) and its position in the level. */
    private final class Cut {

        private final long size;

        /** The one incomplete node of each level, on the right edge; every proof of this size shares them. */
        private final @Nullable Hash[] incomplete = new @Nullable Hash[Long.SIZE + 1];

        Cut(long size) {
            this.size = size;
        }

        Hash root() {
            return size == 0 ? MerkleTree.emptyRoot() : node(Long.SIZE - Long.numberOfLeadingZeros(size - 1), 0);
        }

        void addSiblings(int fromLevel, long fromPosition, List<Hash> proof) {
            long position = fromPosition;
            for (int level = fromLevel; level < Long.SIZE && (size - 1) >>> level != 0; level++) {
                long sibling = position ^ 1;
                // A node without a sibling is its own parent.
                if (exists(level, sibling)) {
                    proof.add(node(level, sibling));
                }
                position >>>= 1;
            }
        }

        Hash node(int level, long position) {
            boolean complete = level < Long.SIZE && compareUnsigned(position, size >>> level) < 0;
            return complete ? completeNode(level, position) : incompleteNode(level, position);
        }

        private boolean exists(int level, long position) {
            return compareUnsigned(position, (size - 1) >>> level) <= 0;
        }

        private Hash completeNode(int level, long position) {
            int height = level % TilePath.HEIGHT;
            int tileLevel = level / TilePath.HEIGHT;
            Tile tile = tile(TilePath.holding(tileLevel, position << height, TiledTree.this.size));
            return tile.node(height, (int) (position & ((TilePath.FULL_WIDTH >>> height) - 1)));
        }

        private Hash incompleteNode(int level, long position) {
            Hash known = incomplete[level];
            if (known == null) {
                Hash left = node(level - 1, 2 * position);
                known = exists(level - 1, 2 * position + 1)
                        ? MerkleTree.nodeHash(left, node(level - 1, 2 * position + 1))
                        : left;
                incomplete[level] = known;
            }
            return known;
        }
    }
}
