package io.jiucang.starter.store;

import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.KeyDirectory;
import io.jiucang.starter.Progress;
import io.jiucang.starter.ServiceSettings;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.Pins;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import org.axonframework.serialization.Serializer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** How the events of this service are signed, and how they leave it. */
@AutoConfiguration(
        after = EventStoreConfiguration.class,
        afterName = "org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration")
@EnableConfigurationProperties(ServiceSettings.class)
public class RelayConfiguration {

    @Bean
    Pins pins(ServiceSettings settings) {
        return KeyFiles.pins(settings.pins());
    }

    @Bean
    Directory directory(ServiceSettings settings, Pins pins) {
        return KeyFiles.directory(settings.directory(), pins);
    }

    @Bean
    KeyDirectory keyDirectory(Directory directory) {
        return directory.eventKeys();
    }

    @Bean
    EventSigner eventSigner(ServiceSettings settings, EventVerifier verifier, Clock clock) {
        return KeyFiles.signer(settings, verifier, clock.instant());
    }

    @Bean
    Seal seal(ServiceSettings settings) {
        return new Seal(KeyFiles.seeds(settings.signing()));
    }

    @Bean
    EventVerifier eventVerifier(KeyDirectory keys) {
        return new EventVerifier(keys);
    }

    /** Its state is the health indicator {@code outbox}. */
    @Bean
    OutboxRelay outboxRelay(
            KafkaTemplate<String, byte[]> kafka,
            JdbcClient jdbc,
            PlatformTransactionManager transactions,
            Serializer serializer,
            Seal seal,
            Evidence evidence,
            ServiceSettings settings,
            Progress outboxHealthIndicator) {
        return new OutboxRelay(
                kafka,
                jdbc,
                new TransactionTemplate(transactions),
                serializer,
                seal,
                evidence,
                settings,
                outboxHealthIndicator);
    }

    @Bean
    Progress outboxHealthIndicator(ServiceSettings settings) {
        return new Progress("events do not leave", settings.patience());
    }

    @Bean
    SignedEventStore signedEventStore(JdbcClient jdbc, Serializer serializer, Seal seal) {
        return new SignedEventStore(jdbc, serializer, seal);
    }

    @Bean
    MeterBinder relayMeters(JdbcClient jdbc) {
        return registry -> {
            Gauge.builder("jiucang.relay.lag", () -> count(jdbc, "select count(*) from outbox where withheld is null"))
                    .description("Events stored but not yet acknowledged by Kafka")
                    .register(registry);
            Gauge.builder("jiucang.relay.age", () -> relayAgeSeconds(jdbc))
                    .baseUnit("seconds")
                    .description("Age of the oldest event not yet acknowledged by Kafka")
                    .register(registry);
            Gauge.builder(
                            "jiucang.relay.withheld",
                            () -> count(jdbc, "select count(*) from outbox where withheld is not null"))
                    .description("Rows of the outbox that this service did not write, and does not send")
                    .register(registry);
            Gauge.builder("jiucang.saga.age", () -> oldestSagaSeconds(jdbc))
                    .baseUnit("seconds")
                    .description("Age of the oldest process that has not ended")
                    .register(registry);
        };
    }

    private static long count(JdbcClient jdbc, String sql) {
        return jdbc.sql(sql).query(Long.class).single();
    }

    private static double relayAgeSeconds(JdbcClient jdbc) {
        return jdbc.sql("""
                        select extract(epoch from now() - time_stamp::timestamptz)
                        from outbox join domain_event_entry using (global_index)
                        where withheld is null order by global_index limit 1""").query(Double.class).optional().orElse(0.0);
    }

    private static double oldestSagaSeconds(JdbcClient jdbc) {
        return jdbc.sql("select coalesce(extract(epoch from now() - min(started_at)), 0) from saga_entry")
                .query(Double.class)
                .single();
    }
}
