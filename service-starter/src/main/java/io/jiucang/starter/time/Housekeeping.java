package io.jiucang.starter.time;

import io.jiucang.starter.ServiceSettings;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Forgets what can no longer matter: intents that have long expired, and answers nobody repeats a request for.
 *
 * <p>What the inbox has seen is kept for ever: a topic may be read again from its beginning.
 */
final class Housekeeping {

    private final JdbcClient jdbc;
    private final ServiceSettings.Housekeeping settings;
    private final Clock clock;

    Housekeeping(JdbcClient jdbc, ServiceSettings.Housekeeping settings, Clock clock) {
        this.jdbc = jdbc;
        this.settings = settings;
        this.clock = clock;
    }

    void tidy() {
        forget("used_intent", "expires_at", settings.keepExpiredIntents());
        forget("idempotent_request", "answered_at", settings.keepAnswers());
    }

    /** What is old both by the clock and beside the newest of its kind: a clock set ahead forgets nothing that is still good. */
    private void forget(String table, String column, Duration age) {
        jdbc.sql("delete from %1$s where %2$s < ? and %2$s < (select max(%2$s) from %1$s) - make_interval(secs => ?)"
                        .formatted(table, column))
                .param(Timestamp.from(clock.instant().minus(age)))
                .param(age.toSeconds())
                .update();
    }
}
