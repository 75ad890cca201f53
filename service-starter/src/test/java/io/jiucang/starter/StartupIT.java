package io.jiucang.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.PaymentEvent;
import io.jiucang.events.TokenEvent;
import io.jiucang.starter.inbox.BusinessLocks;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.eventsourcing.eventstore.inmemory.InMemoryEventStorageEngine;
import org.axonframework.modelling.saga.repository.SagaStore;
import org.axonframework.modelling.saga.repository.inmemory.InMemorySagaStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;

/** With storage that forgets, or keys that do not fit, a service says so in one line and does not start. */
@RealInfrastructure
class StartupIT {

    @RegisterExtension
    static final RunningService service = new RunningService(Forgetful.class, "order");

    @TempDir
    private Path directory;

    /** The sample service, where one part may be told to keep things in memory. */
    @Configuration
    @Import(SampleApplication.class)
    static class Forgetful {

        @Bean
        @Primary
        @ConditionalOnProperty(name = "test.forgetful", havingValue = "event store")
        EventStore forgetfulEventStore() {
            return EmbeddedEventStore.builder()
                    .storageEngine(new InMemoryEventStorageEngine())
                    .build();
        }

        @Bean
        @Primary
        @ConditionalOnProperty(name = "test.forgetful", havingValue = "event storage engine")
        EventStorageEngine forgetfulEngine() {
            return new InMemoryEventStorageEngine();
        }

        @Bean
        @Primary
        @ConditionalOnProperty(name = "test.forgetful", havingValue = "a handler")
        BusinessLocks forgetfulLocks() {
            return new BusinessLocks()
                    .by(PaymentEvent.class, PaymentEvent::orderId)
                    .byNothing(TokenEvent.class);
        }

        @Bean
        @Primary
        @ConditionalOnProperty(name = "test.forgetful", havingValue = "saga store")
        SagaStore<Object> forgetfulSagaStore() {
            return new InMemorySagaStore();
        }
    }

    @BeforeEach
    void stop() {
        service.stop();
    }

    @Test
    void startsOtherwise() {
        service.start();

        // Once its consumers know their partitions.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> service.get("/actuator/health/readiness", null).status() == 200);
    }

    @ParameterizedTest
    @CsvSource({"event store, event store", "event storage engine, event store", "saga store, saga store"})
    void refusesToKeepAnythingInMemory(String forgetful, String named) {
        assertRefused(Map.of("test.forgetful", forgetful), "the " + named + " in use is not the one on PostgreSQL");
    }

    @Test
    void refusesToHandleWhatNoLockIsNamedFor() {
        assertRefused(Map.of("test.forgetful", "a handler"), "BusinessLocks does not say what CasesReleased concerns");
    }

    @Test
    void refusesAMissingSigningKey() {
        assertRefused(
                Map.of("jiucang.signing.key-file", "/no/such.pem"), "cannot read the signing key in /no/such.pem");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "§§"})
    void refusesASigningKeyThatIsNone(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("key.pem"), text);

        assertRefused(
                Map.of("jiucang.signing.key-file", file.toString()),
                "the signing key in " + file + " is not an Ed25519 private key, PKCS#8 in PEM");
    }

    @Test
    void refusesAKeyThatOthersWouldNotAccept() {
        Path wrong = service.platform().keyFile("payment-1");

        assertRefused(
                Map.of("jiucang.signing.key-file", wrong.toString()),
                "the trusted keys do not hold the key in " + wrong + " as order-1 (BAD_SIGNATURE)");
    }

    @Test
    void refusesAKeyThatHasExpired() {
        Path expired = service.platform().keyFile("order-0");

        assertRefused(
                Map.of("jiucang.signing.key-file", expired.toString(), "jiucang.signing.key-id", "order-0"),
                "the trusted keys do not hold the key in " + expired + " as order-0 (KEY_NOT_VALID)");
    }

    @Test
    void refusesMissingTrustedKeys() {
        assertRefused(Map.of("jiucang.trusted-keys", "/no/such.json"), "cannot read the trusted keys in /no/such.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"keys\": null}", "{\"keys\": [{\"keyId\": \"order-1\"}]}", "[]"})
    void refusesMalformedTrustedKeys(String json) throws IOException {
        Path file = Files.writeString(directory.resolve("trusted.json"), json);

        assertRefused(
                Map.of("jiucang.trusted-keys", file.toString()),
                "the trusted keys in " + file + " are not a key directory");
    }

    private static void assertRefused(Map<String, String> settings, String line) {
        assertThatThrownBy(() -> service.start(settings)).satisfies(failure -> {
            FailureAnalysis shown = new RefusedToStart.Analyzer().analyze(failure);
            assertThat(shown).extracting(FailureAnalysis::getDescription).isEqualTo("refusing to start: " + line);
        });
    }
}
