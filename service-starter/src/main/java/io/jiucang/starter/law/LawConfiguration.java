package io.jiucang.starter.law;

import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.ledger.LedgerException;
import io.jiucang.ledger.VerifierKey;
import io.jiucang.starter.FailureLog;
import io.jiucang.starter.Progress;
import io.jiucang.starter.RefusedToStart;
import io.jiucang.starter.ServiceSettings;
import io.jiucang.starter.inbox.InboxHandler;
import io.jiucang.starter.store.RelayConfiguration;
import io.jiucang.title.directory.Pins;
import io.jiucang.title.directory.Service;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.core.ConsumerFactory;

/** The law's reader, in every service but one that handles all types of events itself: the ledger's own. */
@AutoConfiguration(
        after = RelayConfiguration.class,
        afterName = "org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration")
public class LawConfiguration {

    private static final Logger log = LoggerFactory.getLogger(LawReader.class);

    @Bean
    @ConditionalOnMissingBean(InboxHandler.class)
    LawReader lawReader(
            ServiceSettings settings,
            Pins pins,
            VerifierKey ledger,
            EventVerifier verifier,
            EventSigner signer,
            ConsumerFactory<?, ?> consumers,
            Clock clock,
            MeterRegistry meters) {
        FailureLog voids = new FailureLog(log);
        LawFold fold = new LawFold(pins, settings.pins().origin(), ledger, clock, (leaf, why) -> {
            meters.counter("jiucang.law.void", "rule", why.rule().name()).increment();
            voids.warn(
                    "void by " + why.rule().inLaw() + ": "
                            + leaf.event().getClass().getSimpleName(),
                    "leaf " + leaf.index() + ": " + why.why());
        });
        Map<String, Object> kafka = consumerOfItsOwn(consumers.getConfigurationProperties());
        return new LawReader(
                fold,
                () -> new KafkaConsumer<>(kafka, new StringDeserializer(), new ByteArrayDeserializer()),
                verifier,
                new Progress("the law does not go on", settings.patience()),
                Service.of(Topics.sourceOf(settings.service())).orElseThrow(),
                signer.keyId());
    }

    /** In no group, and from the beginning. */
    private static Map<String, Object> consumerOfItsOwn(Map<String, Object> shared) {
        Map<String, Object> settings = new HashMap<>(shared);
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return settings;
    }

    /** Whom to believe that an event is in the ledger. */
    @Bean
    @ConditionalOnMissingBean(InboxHandler.class)
    VerifierKey ledgerKey(ServiceSettings settings) {
        try {
            return VerifierKey.parse(settings.pins().ledger());
        } catch (LedgerException e) {
            throw new RefusedToStart("jiucang.pins.ledger is not the ledger's public key: " + e.getMessage(), e);
        }
    }

    /** Without a reader, nothing of it lacks. */
    @Bean
    HealthIndicator lawHealthIndicator(ObjectProvider<LawReader> reader) {
        LawReader law = reader.getIfAvailable();
        return law == null ? () -> Health.up().build() : law::health;
    }
}
