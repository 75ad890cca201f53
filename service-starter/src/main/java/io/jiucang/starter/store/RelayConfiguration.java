package io.jiucang.starter.store;

import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.KeyDirectory;
import io.jiucang.starter.ServiceSettings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.util.List;
import org.axonframework.config.Configuration;
import org.axonframework.config.ConfigurerModule;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventhandling.async.SequentialPerAggregatePolicy;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.SimpleSerializedObject;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.scheduling.annotation.EnableScheduling;

/** How the events of this service leave it. */
@AutoConfiguration(
        after = EventStoreConfiguration.class,
        afterName = "org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration")
@EnableConfigurationProperties(ServiceSettings.class)
@EnableScheduling
public class RelayConfiguration {

    private static final int RELAY_SEGMENTS = 4;
    private static final int RELAY_BATCH = 50;

    @Bean
    KeyDirectory keyDirectory(ServiceSettings settings) {
        return KeyFiles.trustedKeys(settings.trustedKeys());
    }

    @Bean
    EventSigner eventSigner(ServiceSettings settings, EventVerifier verifier, Clock clock) {
        return KeyFiles.signer(settings, verifier, clock.instant());
    }

    @Bean
    EventVerifier eventVerifier(KeyDirectory keys) {
        return new EventVerifier(keys);
    }

    @Bean
    OutboxRelay outboxRelay(KafkaTemplate<String, byte[]> kafka, EventSigner signer, JdbcTemplate jdbc) {
        return new OutboxRelay(kafka, signer, jdbc);
    }

    @Bean
    SignedEventStore signedEventStore(JdbcClient jdbc, Serializer serializer) {
        return new SignedEventStore(jdbc, serializer);
    }

    @Bean
    ConfigurerModule relayProcessing() {
        return configurer -> configurer
                .eventProcessing()
                .registerPooledStreamingEventProcessor(
                        OutboxRelay.NAME,
                        Configuration::eventStore,
                        (config, builder) -> builder.initialSegmentCount(RELAY_SEGMENTS)
                                .batchSize(RELAY_BATCH)
                                .initialToken(source -> source.createTailToken()))
                .registerSequencingPolicy(OutboxRelay.NAME, c -> SequentialPerAggregatePolicy.instance());
    }

    @Bean
    HealthIndicator outboxHealthIndicator(Configuration axon) {
        return () -> axon.eventProcessingConfiguration()
                        .eventProcessor(OutboxRelay.NAME)
                        .filter(relay -> relay.isRunning() && !relay.isError())
                        .isPresent()
                ? Health.up().build()
                : Health.down().withDetail("outbox relay", "not running").build();
    }

    @Bean
    MeterBinder relayMeters(JdbcClient jdbc, Serializer serializer) {
        return registry -> {
            Gauge.builder("jiucang.relay.lag", () -> relayLag(jdbc, serializer))
                    .description("Events stored but not yet acknowledged by Kafka")
                    .register(registry);
            Gauge.builder("jiucang.relay.age", () -> relayAgeSeconds(jdbc, serializer))
                    .baseUnit("seconds")
                    .description("Age of the oldest event not yet acknowledged by Kafka")
                    .register(registry);
            Gauge.builder("jiucang.saga.age", () -> oldestSagaSeconds(jdbc))
                    .baseUnit("seconds")
                    .description("Age of the oldest process that has not ended")
                    .register(registry);
        };
    }

    private static long relayLag(JdbcClient jdbc, Serializer serializer) {
        return jdbc.sql("select coalesce(max(global_index), 0) from domain_event_entry")
                        .query(Long.class)
                        .single()
                - relayPosition(jdbc, serializer);
    }

    private static double relayAgeSeconds(JdbcClient jdbc, Serializer serializer) {
        return jdbc.sql("""
                        select extract(epoch from now() - time_stamp::timestamptz) from domain_event_entry
                        where global_index > ? order by global_index limit 1""")
                .param(relayPosition(jdbc, serializer))
                .query(Double.class)
                .optional()
                .orElse(0.0);
    }

    /** By the stored positions, which are there even while no replica has a segment in its hands. */
    private static long relayPosition(JdbcClient jdbc, Serializer serializer) {
        List<TrackingToken> positions = jdbc.sql(
                        "select token, token_type from token_entry where processor_name = ? and token is not null")
                .param(OutboxRelay.NAME)
                .query((row, number) -> serializer.<byte[], TrackingToken>deserialize(
                        new SimpleSerializedObject<>(row.getBytes(1), byte[].class, row.getString(2), null)))
                .list();
        return positions.stream()
                .mapToLong(token -> token.position().orElse(0))
                .min()
                .orElse(0);
    }

    private static double oldestSagaSeconds(JdbcClient jdbc) {
        return jdbc.sql("select coalesce(extract(epoch from now() - min(started_at)), 0) from saga_entry")
                .query(Double.class)
                .single();
    }
}
