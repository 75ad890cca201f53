package io.jiucang.starter.web;

import io.jiucang.starter.RequestRejected;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list in a stable order.
 *
 * @param next cursor of the next page, absent on the last
 */
public record Page<T>(List<T> items, @Nullable String next) {

    private static final int LARGEST = 100;

    /** @param items at most {@code size} of them; a full page may have a next one */
    public static <T> Page<T> of(List<T> items, int size, ToLongFunction<T> position) {
        return new Page<>(items, items.size() < size ? null : cursor(position.applyAsLong(items.getLast())));
    }

    /**
     * The position a page starts after; before everything, if there is no cursor.
     *
     * @throws RequestRejected if the cursor is none that {@link #of} made
     */
    public static long after(@Nullable String cursor) {
        if (cursor == null) {
            return 0;
        }
        try {
            long position =
                    Long.parseLong(new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII));
            if (position >= 0 && cursor.equals(cursor(position))) {
                return position;
            }
        } catch (IllegalArgumentException e) {
            throw malformed(cursor);
        }
        throw malformed(cursor);
    }

    /**
     * The size a client asks for.
     *
     * @throws RequestRejected unless it is 1 to 100
     */
    public static int requireSize(int limit) {
        if (limit < 1 || limit > LARGEST) {
            throw new RequestRejected(RequestRejected.Reason.MALFORMED_PARAMETER, "limit is 1 to " + LARGEST);
        }
        return limit;
    }

    private static String cursor(long position) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Long.toString(position).getBytes(StandardCharsets.US_ASCII));
    }

    private static RequestRejected malformed(String cursor) {
        return new RequestRejected(RequestRejected.Reason.MALFORMED_CURSOR, "not a cursor of this list: " + cursor);
    }
}
