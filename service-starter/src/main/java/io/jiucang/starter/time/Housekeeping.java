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
        jdbc.sql("delete from used_intent where expires_at < ?")
                .param(before(settings.keepExpiredIntents()))
                .update();
        jdbc.sql("delete from idempotent_request where answered_at < ?")
                .param(before(settings.keepAnswers()))
                .update();
    }

    private Timestamp before(Duration age) {
        return Timestamp.from(clock.instant().minus(age));
    }
}
