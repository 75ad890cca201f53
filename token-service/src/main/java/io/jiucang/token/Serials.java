package io.jiucang.token;

import static java.util.Comparator.comparingLong;

import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * A set of serials of one vault, in as few ranges as there can be: ascending, and no two of them touch.
 *
 * <p>A hundred thousand serials are one range until somebody buys from their middle.
 */
record Serials(List<SerialRange> ranges) {

    static final Serials NONE = new Serials(List.of());

    Serials {
        ranges = List.copyOf(ranges);
        for (int i = 1; i < ranges.size(); i++) {
            if (ranges.get(i).from() <= ranges.get(i - 1).to() + 1) {
                throw new IllegalArgumentException("not ascending, or not apart: " + ranges);
            }
        }
    }

    /** @throws IllegalArgumentException if two of the ranges overlap */
    static Serials of(Collection<SerialRange> ranges) {
        List<SerialRange> merged = new ArrayList<>();
        ranges.stream().sorted(comparingLong(SerialRange::from)).forEach(range -> append(merged, range));
        return new Serials(merged);
    }

    static Serials of(SerialRange range) {
        return new Serials(List.of(range));
    }

    /** Of tokens that are all in one vault. */
    static Serials ofTokens(Collection<TokenId> tokens) {
        return of(tokens.stream()
                .map(TokenId::serial)
                .distinct()
                .map(serial -> new SerialRange(serial, serial))
                .toList());
    }

    long count() {
        return SerialRange.sizeOf(ranges);
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    boolean contains(long serial) {
        return containsAll(of(new SerialRange(serial, serial)));
    }

    boolean containsAll(Serials others) {
        return and(others).equals(others);
    }

    Stream<TokenId> tokens(VaultId vault) {
        return SerialRange.tokens(vault, ranges);
    }

    /** @throws IllegalArgumentException if there are fewer than {@code count} */
    Serials first(long count) {
        List<SerialRange> taken = new ArrayList<>();
        long missing = count;
        for (SerialRange range : ranges) {
            if (missing == 0) {
                break;
            }
            long size = Math.min(missing, range.size());
            taken.add(new SerialRange(range.from(), range.from() + size - 1));
            missing -= size;
        }
        if (missing != 0) {
            throw new IllegalArgumentException(count + " serials are more than there are, " + count());
        }
        return new Serials(taken);
    }

    /** @throws IllegalArgumentException if a serial is in both: it would be in circulation twice */
    Serials plus(Serials others) {
        return of(Stream.concat(ranges.stream(), others.ranges.stream()).toList());
    }

    /** Those of these serials that are not among {@code others}. */
    Serials minus(Serials others) {
        List<SerialRange> kept = new ArrayList<>();
        int next = 0;
        for (SerialRange range : ranges) {
            long from = range.from();
            while (next < others.ranges.size() && others.ranges.get(next).to() < from) {
                next++;
            }
            for (int i = next; i < others.ranges.size() && others.ranges.get(i).from() <= range.to(); i++) {
                SerialRange hole = others.ranges.get(i);
                if (hole.from() > from) {
                    kept.add(new SerialRange(from, hole.from() - 1));
                }
                from = hole.to() + 1;
            }
            if (from <= range.to()) {
                kept.add(new SerialRange(from, range.to()));
            }
        }
        return new Serials(kept);
    }

    /** Those of these serials that are among {@code others} too. */
    Serials and(Serials others) {
        List<SerialRange> common = new ArrayList<>();
        int next = 0;
        for (SerialRange range : ranges) {
            while (next < others.ranges.size() && others.ranges.get(next).to() < range.from()) {
                next++;
            }
            for (int i = next; i < others.ranges.size() && others.ranges.get(i).from() <= range.to(); i++) {
                SerialRange other = others.ranges.get(i);
                common.add(new SerialRange(Math.max(range.from(), other.from()), Math.min(range.to(), other.to())));
            }
        }
        return new Serials(common);
    }

    private static void append(List<SerialRange> merged, SerialRange range) {
        SerialRange last = merged.isEmpty() ? null : merged.getLast();
        if (last == null || range.from() > last.to() + 1) {
            merged.add(range);
        } else if (range.from() == last.to() + 1) {
            merged.set(merged.size() - 1, new SerialRange(last.from(), range.to()));
        } else {
            throw new IllegalArgumentException(last + " and " + range + " overlap");
        }
    }
}
