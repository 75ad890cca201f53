package io.jiucang.starter;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether something that must go on does: down once it has failed for longer than patience allows, with the reason. Safe
 * for use by several threads.
 */
public final class Progress implements HealthIndicator {

    private final String what;
    private final Duration patience;
    private final Clock clock;
    private @Nullable Instant failingSince;
    private String reason = "";

    /** @param what does not go on, such as {@code events do not leave} */
    public Progress(String what, Duration patience, Clock clock) {
        this.what = what;
        this.patience = patience;
        this.clock = clock;
    }

    public synchronized void made() {
        failingSince = null;
    }

    public synchronized void failed(Throwable why) {
        if (failingSince == null) {
            failingSince = clock.instant();
        }
        reason = Causes.root(why).toString();
    }

    @Override
    public synchronized Health health() {
        if (failingSince == null) {
            return Health.up().build();
        }
        Duration failing = Duration.between(failingSince, clock.instant());
        return (failing.compareTo(patience) > 0 ? Health.down() : Health.up())
                .withDetail(what, "for " + failing.toSeconds() + " s: " + reason)
                .build();
    }
}
