package io.jiucang.starter.store;

import io.jiucang.starter.Causes;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import org.apache.kafka.common.KafkaException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;

/** Tells what may succeed when it is tried again from what never will. */
public final class Failures {

    private Failures() {}

    /** Whether the same may succeed later: the database or the broker is away, or a lock was not had. */
    public static boolean isTransient(Throwable failure) {
        for (Throwable cause : Causes.of(failure)) {
            if (cause instanceof TransientDataAccessException
                    || cause instanceof DataAccessResourceFailureException
                    || cause instanceof CannotCreateTransactionException
                    || cause instanceof TransactionSystemException
                    || cause instanceof ConcurrencyException
                    || cause instanceof SQLTransientException
                    || cause instanceof SQLRecoverableException
                    || cause instanceof KafkaException
                    || (cause instanceof SQLException sql && isTransient(sql.getSQLState()))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Classes 08 connection, 40 transaction rollback, 53 insufficient resources, 55 object not in prerequisite state (a
     * lock not had in time), 57 operator intervention; 25P03 and 25P04, a transaction that took too long.
     */
    private static boolean isTransient(@Nullable String sqlState) {
        return sqlState != null && sqlState.matches("(08|40|53|55|57).*|25P0[34]");
    }

    /** Whether the database ended it for its size: it took too long (25P04) or more locks than there are (53200). */
    public static boolean isTooLarge(Throwable failure) {
        for (Throwable cause : Causes.of(failure)) {
            if (cause instanceof SQLException sql
                    && String.valueOf(sql.getSQLState()).matches("25P04|53200")) {
                return true;
            }
        }
        return false;
    }
}
