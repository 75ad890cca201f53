package io.jiucang.starter.time;

import java.time.Clock;
import java.time.Instant;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Watches the clock that everything else goes by. */
@AutoConfiguration(after = SchedulingConfiguration.class)
class ClockConfiguration {

    /** Its state is the health indicator {@code clock}. */
    @Bean
    ClockWatch clockHealthIndicator(Clock clock, JdbcClient jdbc) {
        return new ClockWatch(
                clock,
                System::nanoTime,
                jdbc.sql("select time_stamp from domain_event_entry order by global_index desc limit 1")
                        .query((row, number) -> Instant.parse(row.getString(1)))
                        .optional());
    }
}
