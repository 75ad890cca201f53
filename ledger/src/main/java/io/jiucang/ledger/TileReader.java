package io.jiucang.ledger;

import java.util.Optional;

/** Where a {@link TiledTree} finds its stored tiles. */
@FunctionalInterface
public interface TileReader {

    /**
     * The hashes of a tile, 32 bytes each, at least {@code path.width()} of them; empty when nothing is stored. Tiles only
     * ever grow to the right, so a store may keep one row per level and index and return whatever width it has.
     */
    Optional<byte[]> read(TilePath path);
}
