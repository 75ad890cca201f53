package io.jiucang.starter.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.starter.Causes;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.transaction.TransactionSystemException;

class FailuresTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08006", "25P03", "25P04", "40001", "40P01", "53100", "53200", "53300", "55000", "55P03", "57014",
                "57P01"
            })
    void whatPassesByItselfIsTriedAgain(String sqlState) {
        assertThat(Failures.isTransient(failure(sqlState))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"22001", "22P05", "23505", "25P02", "42P01", "42501"})
    void whatWouldFailAgainIsNot(String sqlState) {
        assertThat(Failures.isTransient(failure(sqlState))).isFalse();
    }

    /** Waiting for a lock is not the fault of the batch's size. */
    @ParameterizedTest
    @ValueSource(strings = {"25P03", "55P03", "57014"})
    void onlyWhatTookTooLongOrTooManyLocksIsDoneInHalves(String sqlState) {
        assertThat(Failures.isTooLarge(failure("25P04"))).isTrue();
        assertThat(Failures.isTooLarge(failure("53200"))).isTrue();
        assertThat(Failures.isTooLarge(failure(sqlState))).isFalse();
    }

    /** PostgreSQL ends the connection as well, so that the rollback fails, and Spring tells of that. */
    @Test
    void whatATransactionFailedOfIsNotHiddenByItsRollback() {
        TransactionSystemException rollback = new TransactionSystemException("no connection", new IOException());
        rollback.initApplicationException(failure("25P04"));

        assertThat(Failures.isTooLarge(rollback)).isTrue();
        assertThat(Causes.root(rollback)).hasMessage("as PostgreSQL tells it");
    }

    @Test
    void aCircleOfCausesEnds() {
        Exception failure = new IllegalStateException("first");
        failure.initCause(new IllegalStateException("second", failure));

        assertThat(Failures.isTransient(failure)).isFalse();
    }

    private static Exception failure(String sqlState) {
        return new IllegalStateException("as callers see it", new SQLException("as PostgreSQL tells it", sqlState));
    }
}
