package io.jiucang.ledger;

import io.jiucang.ledger.LedgerException.Reason;
import java.security.MessageDigest;
import java.util.Arrays;

/** The hashes of one tile (C2SP tlog-tiles) and every node they determine above them, immutable. */
public final class Tile {

    private final TilePath path;

    /** {@code rows[h]} holds the roots of the tile's complete subtrees of height h, computed once for all proofs. */
    private final byte[][] rows;

    private Tile(TilePath path, byte[] ownedHashes) {
        this.path = path;
        this.rows = new byte[Integer.SIZE - Integer.numberOfLeadingZeros(path.width())][];
        rows[0] = ownedHashes;
        MessageDigest sha256 = MerkleTree.sha256();
        for (int height = 1; height < rows.length; height++) {
            rows[height] = MerkleTree.rowAbove(sha256, rows[height - 1], path.width() >>> height);
        }
    }

    /**
     * @param hashes 32 bytes per hash. A store may hand out a wider version of a tile: a narrower one is its beginning.
     * @throws LedgerException {@code MALFORMED_TILE} when there are fewer hashes than the path's width, broken ones, or
     *     the path is that of an entry bundle
     */
    public static Tile of(TilePath path, byte[] hashes) {
        boolean enough = hashes.length >= path.width() * Hash.LENGTH;
        boolean tooMany = hashes.length > TilePath.FULL_WIDTH * Hash.LENGTH;
        if (path.isEntries() || !enough || tooMany || hashes.length % Hash.LENGTH != 0) {
            throw new LedgerException(
                    Reason.MALFORMED_TILE, hashes.length + " bytes are not the hashes of " + path.format());
        }
        return new Tile(path, Arrays.copyOf(hashes, path.width() * Hash.LENGTH));
    }

    public TilePath path() {
        return path;
    }

    /** The tile as served: 32 bytes per hash. */
    public byte[] bytes() {
        return rows[0].clone();
    }

    /** The root of the {@code position}-th complete subtree of 2^height hashes. */
    Hash node(int height, int position) {
        return Hash.at(rows[height], position);
    }

    /** The one hash by which a full tile appears in the level above. */
    Hash root() {
        return node(TilePath.HEIGHT, 0);
    }
}
