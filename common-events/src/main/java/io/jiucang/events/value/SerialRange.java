package io.jiucang.events.value;

import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The serials {@code from} to {@code to}, both included, of one vault. */
public record SerialRange(long from, long to) {

    /** Eighteen digits, so that sums and text forms of serials have room in a long. */
    private static final long LAST_SERIAL = 999_999_999_999_999_999L;

    public SerialRange {
        requireSerial(from);
        requireSerial(to);
        if (to < from) {
            throw new IllegalArgumentException("not a range of serials: " + from + " to " + to);
        }
    }

    public static void requireSerial(long serial) {
        if (serial < 1 || serial > LAST_SERIAL) {
            throw new IllegalArgumentException("not a serial: " + serial);
        }
    }

    /** @throws IllegalArgumentException if there is none, or if two of them overlap: no token is handed out twice */
    public static List<SerialRange> disjoint(List<SerialRange> ranges) {
        List<SerialRange> sorted = Require.some(ranges, "serials").stream()
                .sorted(Comparator.comparingLong(SerialRange::from))
                .toList();
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).from <= sorted.get(i - 1).to) {
                throw new IllegalArgumentException(sorted.get(i - 1) + " and " + sorted.get(i) + " overlap");
            }
        }
        return List.copyOf(ranges);
    }

    public long size() {
        return to - from + 1;
    }

    /** @throws ArithmeticException if the sum does not fit a long */
    public static long sizeOf(List<SerialRange> ranges) {
        return ranges.stream().mapToLong(SerialRange::size).reduce(0, Math::addExact);
    }

    /** Every token of these ranges, in order. */
    public static Stream<TokenId> tokens(VaultId vault, List<SerialRange> ranges) {
        return ranges.stream()
                .flatMapToLong(range -> LongStream.rangeClosed(range.from(), range.to()))
                .mapToObj(serial -> new TokenId(vault, serial));
    }
}
