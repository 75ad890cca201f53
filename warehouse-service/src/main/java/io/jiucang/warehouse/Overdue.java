package io.jiucang.warehouse;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;

/**
 * What waits past its deadline.
 *
 * @param oldest when the oldest of them was requested
 */
record Overdue(long count, Optional<Instant> oldest) {

    /** From a row of these two. */
    static Overdue read(ResultSet row, int number) throws SQLException {
        return new Overdue(
                row.getLong(1), Optional.ofNullable(row.getTimestamp(2)).map(Timestamp::toInstant));
    }
}
