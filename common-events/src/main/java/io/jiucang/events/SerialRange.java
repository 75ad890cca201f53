package io.jiucang.events;

import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The serials {@code from} to {@code to}, both included, of one vault. */
public record SerialRange(long from, long to) {

    public SerialRange {
        if (from < 1 || to < from) {
            throw new IllegalArgumentException("not a range of serials: " + from + " to " + to);
        }
    }

    public long size() {
        return to - from + 1;
    }

    public static long sizeOf(List<SerialRange> ranges) {
        return ranges.stream().mapToLong(SerialRange::size).sum();
    }

    /** Every token of these ranges, in order. */
    public static Stream<TokenId> tokens(VaultId vault, List<SerialRange> ranges) {
        return ranges.stream()
                .flatMapToLong(range -> LongStream.rangeClosed(range.from(), range.to()))
                .mapToObj(serial -> new TokenId(vault, serial));
    }
}
