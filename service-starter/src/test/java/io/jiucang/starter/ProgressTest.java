package io.jiucang.starter;

import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.starter.test.CapturedLog;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Status;

class ProgressTest {

    private long seconds;
    private final Progress progress = new Progress(
            "events do not leave",
            Duration.ofSeconds(30),
            () -> Duration.ofSeconds(seconds).toNanos(),
            new FailureLog(LoggerFactory.getLogger(Progress.class), aMinuteLater -> {}));

    @Test
    void isDownOnceItHasFailedForLongerThanPatienceAndUpWhenItGoesOn() {
        fail();
        seconds = 30;
        assertThat(progress.health().getStatus()).isEqualTo(Status.UP);

        seconds = 31;
        assertThat(progress.health().getStatus()).isEqualTo(Status.DOWN);
        assertThat(progress.health().getDetails())
                .containsEntry("events do not leave", "for 31 s: java.lang.IllegalStateException: no broker");

        progress.made();
        assertThat(progress.health().getStatus()).isEqualTo(Status.UP);
        fail();
        assertThat(progress.health().getStatus()).as("begins anew").isEqualTo(Status.UP);
    }

    @Test
    void saysWhenItBeginsWhenPatienceIsOverAndWhenItGoesOn() {
        try (CapturedLog log = new CapturedLog()) {
            fail();
            progress.made();
            for (seconds = 0; seconds < 100; seconds++) {
                fail();
            }
            progress.made();
            progress.made();

            assertThat(log.lines())
                    .containsExactly(
                            "events do not leave: java.lang.IllegalStateException: no broker",
                            "events do not leave for 31 s, so this service is not ready: "
                                    + "java.lang.IllegalStateException: no broker",
                            "over after 100 s: events do not leave");
        }
    }

    private void fail() {
        progress.failed(new RuntimeException("what was done", new IllegalStateException("no broker")));
    }
}
