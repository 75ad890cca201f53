package io.jiucang.starter;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether something that must go on does: down once it has failed for longer than patience allows, with the reason. It
 * logs a line when it begins to fail, when patience is over, and when it goes on. Safe for use by several threads.
 */
public final class Progress implements HealthIndicator {

    private static final Logger log = LoggerFactory.getLogger(Progress.class);

    private final String what;
    private final Duration patience;
    private final LongSupplier nanos;
    private final FailureLog failures;
    private boolean failing;
    private boolean told;
    private long since;
    private String reason = "";

    /** @param what does not go on, such as {@code events do not leave} */
    public Progress(String what, Duration patience) {
        // Not the time of day: that may be set while we wait.
        this(what, patience, System::nanoTime, new FailureLog(log));
    }

    Progress(String what, Duration patience, LongSupplier nanos, FailureLog failures) {
        this.what = what;
        this.patience = patience;
        this.nanos = nanos;
        this.failures = failures;
    }

    public synchronized void made() {
        if (told) {
            log.info("over after {} s: {}", failingFor().toSeconds(), what);
        }
        failing = false;
        told = false;
    }

    public synchronized void failed(Throwable why) {
        if (!failing) {
            failing = true;
            since = nanos.getAsLong();
        }
        reason = Causes.root(why).toString();
        failures.warn(what, why);
        if (!told && isTooLong()) {
            told = true;
            log.error(
                    "{} for {} s, so this service is not ready: {}",
                    what,
                    failingFor().toSeconds(),
                    reason);
        }
    }

    @Override
    public synchronized Health health() {
        if (!failing) {
            return Health.up().build();
        }
        return (isTooLong() ? Health.down() : Health.up())
                .withDetail(what, "for " + failingFor().toSeconds() + " s: " + reason)
                .build();
    }

    private boolean isTooLong() {
        return failingFor().compareTo(patience) > 0;
    }

    private Duration failingFor() {
        return Duration.ofNanos(nanos.getAsLong() - since);
    }
}
