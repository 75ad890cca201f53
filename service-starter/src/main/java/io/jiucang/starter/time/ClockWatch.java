package io.jiucang.starter.time;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * Notices that the time of day was set, by the time that has gone by since: deadlines, intents and tokens are judged by a
 * clock that only its operator can set right. A service goes on all the same, for no order of events depends on the clock.
 */
final class ClockWatch implements HealthIndicator, MeterBinder {

    /** More than is corrected while nobody notices. */
    private static final Duration TOLERANCE = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(ClockWatch.class);

    private final Clock clock;
    private final LongSupplier nanos;
    private final Instant newest;
    private final Instant begun;
    private final long begunNanos;
    private Duration told = Duration.ZERO;

    /** @param newest time of the newest event in the store: no right clock is behind it */
    ClockWatch(Clock clock, LongSupplier nanos, Optional<Instant> newest) {
        this.clock = clock;
        this.nanos = nanos;
        this.newest = newest.orElse(Instant.MIN);
        this.begun = clock.instant();
        this.begunNanos = nanos.getAsLong();
        if (isBehind(begun)) {
            log.error("the clock says {}, and the newest event is of {}: set it right", begun, this.newest);
        }
    }

    @Scheduled(fixedDelay = 1_000)
    synchronized void look() {
        Duration set = set();
        if (set.minus(told).abs().compareTo(TOLERANCE) > 0) {
            told = set;
            if (isAstray(set)) {
                log.error("the clock was {} since this service started: set it right", text(set));
            } else {
                log.info("the clock is right again");
            }
        }
    }

    /** How much farther the time of day has come than time itself. */
    private Duration set() {
        return Duration.between(begun, clock.instant()).minusNanos(nanos.getAsLong() - begunNanos);
    }

    private boolean isBehind(Instant now) {
        return now.plus(TOLERANCE).isBefore(newest);
    }

    private static boolean isAstray(Duration set) {
        return set.abs().compareTo(TOLERANCE) > 0;
    }

    private static String text(Duration set) {
        return "set " + set.abs().plusMillis(500).toSeconds() + " s " + (set.isNegative() ? "back" : "ahead");
    }

    @Override
    public Health health() {
        Health.Builder health = Health.up();
        Duration set = set();
        if (isAstray(set)) {
            health.withDetail("warning", "the clock was " + text(set) + " since this service started");
        } else if (isBehind(clock.instant())) {
            health.withDetail("warning", "the clock is behind the newest event, of " + newest);
        }
        return health.build();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("jiucang.clock.set", () -> set().toMillis() / 1e3)
                .baseUnit("seconds")
                .description("How far the time of day was set since the service started, ahead or back")
                .register(registry);
    }
}
