package io.jiucang.starter.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jiucang.starter.test.CapturedLog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

class ClockWatchTest {

    private static final Instant BEGUN = Instant.parse("2026-11-27T08:00:00Z");

    private Duration gone = Duration.ZERO;
    private Duration set = Duration.ZERO;

    /** Goes with time, and can be set. */
    private final InstantSource source = () -> BEGUN.plus(gone).plus(set);

    private final Clock clock = source.withZone(ZoneOffset.UTC);

    @Test
    void tellsEachTimeTheClockIsSetInOneLine() {
        ClockWatch watch = watch(Optional.empty());
        try (CapturedLog log = new CapturedLog()) {
            look(watch, Duration.ofDays(30));
            assertThat(log.lines()).isEmpty();

            set = Duration.ofHours(1);
            look(watch, Duration.ofMinutes(2));
            set = Duration.ofDays(-1);
            look(watch, Duration.ofMinutes(2));
            set = Duration.ZERO;
            look(watch, Duration.ofMinutes(2));

            assertThat(log.lines())
                    .containsExactly(
                            "the clock was set 3600 s ahead since this service started: set it right",
                            "the clock was set 86400 s back since this service started: set it right",
                            "the clock is right again");
        }
    }

    /** As time servers do. */
    @Test
    void mindsNoSmallCorrections() {
        ClockWatch watch = watch(Optional.of(BEGUN));
        try (CapturedLog log = new CapturedLog()) {
            for (int seconds = -5; seconds <= 5; seconds++) {
                set = Duration.ofSeconds(seconds);
                watch.look();
                assertThat(watch.health()).isEqualTo(Health.up().build());
            }
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void showsHowFarItWasSetAndStaysUp() {
        ClockWatch watch = watch(Optional.empty());
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        watch.bindTo(meters);
        set = Duration.ofHours(-1);

        assertThat(watch.health().getStatus()).isEqualTo(Status.UP);
        assertThat(watch.health().getDetails())
                .containsEntry("warning", "the clock was set 3600 s back since this service started");
        assertThat(meters.get("jiucang.clock.set").gauge().value()).isCloseTo(-3600, within(0.01));
    }

    @Test
    void isBehindTheNewestEventUntilItHasCaughtUp() {
        try (CapturedLog log = new CapturedLog()) {
            ClockWatch watch = watch(Optional.of(BEGUN.plusSeconds(3600)));

            assertThat(log.lines())
                    .containsExactly("the clock says 2026-11-27T08:00:00Z, and the newest event is of "
                            + "2026-11-27T09:00:00Z: set it right");
            assertThat(watch.health().getDetails())
                    .containsEntry("warning", "the clock is behind the newest event, of 2026-11-27T09:00:00Z");

            gone = Duration.ofHours(1);
            assertThat(watch.health()).isEqualTo(Health.up().build());
        }
    }

    private ClockWatch watch(Optional<Instant> newest) {
        return new ClockWatch(clock, () -> gone.toNanos(), newest);
    }

    /** Every second, as in a service. */
    private void look(ClockWatch watch, Duration time) {
        Duration until = gone.plus(time);
        while (gone.compareTo(until) < 0) {
            gone = gone.plusSeconds(1);
            watch.look();
        }
    }
}
