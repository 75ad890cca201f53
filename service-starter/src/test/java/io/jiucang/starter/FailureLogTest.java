package io.jiucang.starter;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FailureLogTest {

    private final ListAppender<ILoggingEvent> told = new ListAppender<>();
    private final Queue<Runnable> later = new ArrayDeque<>();
    private final Logger logger = new LoggerContext().getLogger("failures");
    private final FailureLog failures = new FailureLog(logger, later::add);

    @BeforeEach
    void listen() {
        told.start();
        logger.addAppender(told);
    }

    @Test
    void tellsTheSameFailureOnceAMinuteAndHowOftenItCameAgain() {
        for (int i = 0; i < 1000; i++) {
            failures.error("a request failed", failure(i));
        }
        assertThat(told.list).singleElement().satisfies(first -> {
            assertThat(first.getFormattedMessage()).isEqualTo("a request failed");
            assertThat(first.getThrowableProxy()).isNotNull();
        });

        later.remove().run();

        assertThat(told.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "a request failed",
                        "a request failed, 999 times more within a minute: java.lang.IllegalStateException: number 0");
        assertThat(told.list.getLast().getThrowableProxy()).isNull();

        failures.error("a request failed", failure(1000));

        assertThat(told.list.getLast().getThrowableProxy()).isNotNull();
        assertThat(later).hasSize(1);
    }

    @Test
    void saysNoMoreOfWhatDidNotComeAgain() {
        failures.error("a request failed", failure(0));

        later.remove().run();

        assertThat(told.list).hasSize(1);
    }

    @Test
    void tellsFailuresApartByWhatHappenedAndWhere() {
        failures.error("a request failed", failure(0));
        failures.error("a batch failed", failure(0));
        failures.error("a request failed", new IllegalStateException("elsewhere"));
        failures.error("a request failed", new IllegalStateException(failure(0)));
        failures.error("a request failed", new IllegalArgumentException("number 0"));

        assertThat(told.list).hasSize(5);
    }

    @Test
    void tellsWhatPassesByItselfInALineThatSaysWhereItBegan() {
        for (int i = 0; i < 3; i++) {
            failures.warn("a request is to come again", new IllegalStateException("Spring " + i, sql("53300", i)));
        }
        failures.warn("a request is to come again", sql("40P01", 3));
        later.remove().run();

        assertThat(told.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "a request is to come again: java.sql.SQLException: number 0",
                        "a request is to come again: java.sql.SQLException: number 3",
                        "a request is to come again, 2 times more within a minute: java.sql.SQLException: number 0");
        assertThat(told.list).allSatisfy(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.WARN);
            assertThat(line.getThrowableProxy()).isNull();
        });
    }

    private static SQLException sql(String state, int number) {
        return new SQLException("number " + number, state);
    }

    private static IllegalStateException failure(int number) {
        return new IllegalStateException("number " + number);
    }
}
