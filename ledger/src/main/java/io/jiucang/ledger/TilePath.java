package io.jiucang.ledger;

import static java.lang.Long.compareUnsigned;

import io.jiucang.ledger.LedgerException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a tile or an entry bundle is served (C2SP tlog-tiles): {@code tile/<L>/<N>[.p/<W>]} and
 * {@code tile/entries/<N>[.p/<W>]}.
 *
 * @param level 0 to 63, or {@link #ENTRIES}
 * @param index unsigned position within the level
 * @param width 1 to 255 of a partial tile, 256 of a full one
 */
public record TilePath(int level, long index, int width) {

    /** The level of entry bundles, which lie below the leaf hashes of level 0. */
    public static final int ENTRIES = -1;

    /** Hashes in a full tile, entries in a full bundle. */
    public static final int FULL_WIDTH = 256;

    /** Levels of the tree that one tile spans. */
    static final int HEIGHT = 8;

    private static final int MAX_LEVEL = 63;
    private static final Pattern SYNTAX =
            Pattern.compile("tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\\.p/([0-9]{1,3}))?");

    /** @throws LedgerException {@code MALFORMED_TILE_PATH} when level or width is out of range */
    public TilePath {
        if (level < ENTRIES || level > MAX_LEVEL || width < 1 || width > FULL_WIDTH) {
            throw new LedgerException(Reason.MALFORMED_TILE_PATH, "no tile has level " + level + " and width " + width);
        }
    }

    /** @throws LedgerException {@code MALFORMED_TILE_PATH} unless the path is in its only canonical spelling */
    public static TilePath parse(String path) {
        Matcher matcher = SYNTAX.matcher(path);
        if (!matcher.matches()) {
            throw malformed(path);
        }
        String level = matcher.group(1);
        String width = matcher.group(3);
        TilePath parsed;
        try {
            parsed = new TilePath(
                    level.equals("entries") ? ENTRIES : Integer.parseInt(level),
                    Long.parseUnsignedLong(matcher.group(2).replaceAll("[x/]", "")),
                    width == null ? FULL_WIDTH : Integer.parseInt(width));
        } catch (NumberFormatException e) {
            throw new LedgerException(Reason.MALFORMED_TILE_PATH, "tile index past 64 bits", e);
        }
        if (!parsed.format().equals(path)) {
            throw malformed(path);
        }
        return parsed;
    }

    /** The tile that holds the hash at {@code position} of a level in a tree of {@code size}, as wide as that tree has it. */
    static TilePath holding(int level, long position, long size) {
        long index = position >>> HEIGHT;
        long inLevel = hashesAt(level, size);
        long width = inLevel >>> HEIGHT == index ? inLevel & (FULL_WIDTH - 1) : FULL_WIDTH;
        return new TilePath(level, index, (int) width);
    }

    /**
     * The partial tiles at the right edge of a tree of {@code size}, lowest level first. They are all that an append or a
     * root computation reads, so a store can fetch them in one go.
     */
    public static List<TilePath> rightEdge(long size) {
        List<TilePath> edge = new ArrayList<>();
        for (int level = 0; hashesAt(level, size) != 0; level++) {
            long hashes = hashesAt(level, size);
            int width = (int) (hashes & (FULL_WIDTH - 1));
            if (width != 0) {
                edge.add(new TilePath(level, hashes >>> HEIGHT, width));
            }
        }
        return edge;
    }

    /** Whether a tree of {@code size} has all hashes (or entries) of this tile. */
    public boolean isWithin(long size) {
        long available = hashesAt(Math.max(level, 0), size);
        long tile = available >>> HEIGHT;
        return compareUnsigned(index, tile) < 0 || (index == tile && width <= (available & (FULL_WIDTH - 1)));
    }

    public boolean isEntries() {
        return level == ENTRIES;
    }

    public boolean isFull() {
        return width == FULL_WIDTH;
    }

    public String format() {
        String digits = Long.toUnsignedString(index);
        digits = "0".repeat((3 - digits.length() % 3) % 3) + digits;
        StringBuilder path = new StringBuilder("tile/").append(isEntries() ? "entries" : level);
        for (int i = 0; i < digits.length(); i += 3) {
            path.append(i + 3 < digits.length() ? "/x" : "/").append(digits, i, i + 3);
        }
        return isFull() ? path.toString() : path.append(".p/").append(width).toString();
    }

    @Override
    public String toString() {
        return format();
    }

    /** How many complete subtrees of 256^level leaves a tree has; none from level 8 on, where they pass 64 bits. */
    static long hashesAt(int level, long size) {
        return level < Long.SIZE / HEIGHT ? size >>> (HEIGHT * level) : 0;
    }

    private static LedgerException malformed(String path) {
        return new LedgerException(Reason.MALFORMED_TILE_PATH, "not a tile path: " + Canonical.shown(path));
    }
}
