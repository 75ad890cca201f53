package io.jiucang.starter;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class LibraryLogTest {

    private final LoggerContext loggers = new LoggerContext();
    private final ListAppender<ILoggingEvent> told = new ListAppender<>();
    private final Logger library = loggers.getLogger("org.apache.kafka.clients.NetworkClient");
    private long nanos;

    @BeforeEach
    void listen() {
        told.start();
        loggers.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(told);
        loggers.addTurboFilter(new LibraryLog(() -> nanos));
    }

    @Test
    void letsALibraryWarnOfTheSameOnceAMinute() {
        for (int i = 0; i < 1000; i++) {
            library.warn("node {} is away", i, new IllegalStateException());
        }
        assertThat(told.list).hasSize(1);

        nanos = Duration.ofMinutes(1).toNanos();
        library.warn("node {} is away", 7, new IllegalStateException());
        assertThat(told.list).hasSize(2);
    }

    @Test
    void holdsNothingElseBack() {
        Logger ours = loggers.getLogger("io.jiucang.starter.Progress");
        for (int i = 0; i < 2; i++) {
            library.info("an answer");
            ours.warn("events do not leave");
        }
        library.warn("one thing");
        library.warn("another thing");
        library.warn("one thing", new IllegalStateException());
        library.warn("one thing", new IllegalStateException(new IllegalArgumentException()));
        loggers.getLogger("com.zaxxer.hikari.pool.PoolBase").warn("one thing");

        assertThat(told.list).hasSize(9);
    }

    /** It may not grow with what is said. */
    @Test
    void isNotLedAstrayByTextsThatAreNew() {
        for (int i = 0; i < 5_000; i++) {
            library.warn("node " + i + " is away");
        }
        assertThat(told.list).hasSize(5_000);

        nanos = Duration.ofMinutes(1).toNanos();
        library.warn("node 0 is away");
        library.warn("node 0 is away");
        assertThat(told.list).hasSize(5_001);
    }
}
