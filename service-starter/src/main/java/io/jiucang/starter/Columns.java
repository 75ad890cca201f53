package io.jiucang.starter;

import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Rows as PostgreSQL's {@code unnest} takes them, many in one statement: an array for each column. */
public final class Columns {

    private Columns() {}

    /** @param value of the column in a row; null where it has none there */
    public static <R, T> T[] column(List<R> rows, Function<R, @Nullable T> value, IntFunction<T[]> array) {
        return rows.stream().map(value).toArray(array);
    }
}
