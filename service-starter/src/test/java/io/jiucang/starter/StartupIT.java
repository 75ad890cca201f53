package io.jiucang.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.PaymentEvent;
import io.jiucang.events.TokenEvent;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.ledger.LedgerException;
import io.jiucang.starter.inbox.BusinessLocks;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.TestPlatform;
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
        assertRefused(
                Map.of("test.forgetful", "a handler"),
                "BusinessLocks does not say what ReleaseCancellationRefused concerns");
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
        String key = service.platform().signer("payment").keyId();

        assertRefused(
                Map.of("jiucang.signing.key-file", wrong.toString()),
                "the directory does not list the key in " + wrong + ", " + key + ", for order (UNKNOWN_KEY)");
    }

    @Test
    void refusesAKeyThatHasExpired() {
        Path expired = service.platform().keyFile("order-0");
        String key = service.platform().expiredSigner("order").keyId();

        assertRefused(
                Map.of("jiucang.signing.key-file", expired.toString()),
                "the directory does not list the key in " + expired + ", " + key + ", for order (KEY_NOT_VALID)");
    }

    @Test
    void refusesAMissingDirectory() {
        assertRefused(Map.of("jiucang.directory", "/no/such.json"), "cannot read the directory in /no/such.json");
    }

    /** Whoever can write the file, and is not the roots, changes nothing. */
    @Test
    void refusesADirectoryThatItsRootsDidNotSign() {
        Path file = service.platform().directoryFile();

        assertRefused(
                Map.of(
                        "jiucang.pins.roots",
                        new EventSigner(new byte[32]).publicKey().x()),
                "the directory in " + file + " is refused: NOT_SIGNED: signed by a stranger");
        assertRefused(
                Map.of("jiucang.pins.origin", "staging.example/ledger"),
                "the directory in " + file + " is refused: MALFORMED: for the ledger " + TestPlatform.ORIGIN);
    }

    @Test
    void refusesPinsThatNameNobody() {
        assertRefused(
                Map.of("jiucang.pins.roots", ""),
                "jiucang.pins do not name a ledger and its roots: a quorum of 1 of 0 roots");
        assertRefused(
                Map.of("jiucang.pins.quorum", "2"),
                "jiucang.pins do not name a ledger and its roots: a quorum of 2 of 1 roots");
        assertRefused(
                Map.of("jiucang.pins.roots", "AAAA"),
                "jiucang.pins do not name a ledger and its roots: x has 32 bytes, not 3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no key", "ledger.example+00000000+AAAA"})
    void refusesALedgersKeyThatIsNone(String key) {
        assertThatThrownBy(() -> service.start(Map.of("jiucang.pins.ledger", key)))
                .satisfies(failure -> assertThat(Causes.root(failure)).isInstanceOf(LedgerException.class))
                .hasStackTraceContaining("refusing to start: jiucang.pins.ledger is not the ledger's public key: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"keys\": []}", "[]"})
    void refusesADirectoryThatIsNone(String json) throws IOException {
        Path file = Files.writeString(directory.resolve("directory.json"), json);

        assertRefused(
                Map.of("jiucang.directory", file.toString()),
                "the directory in " + file + " is refused: NOT_AN_ENVELOPE: not DSSE");
    }

    private static void assertRefused(Map<String, String> settings, String line) {
        assertThatThrownBy(() -> service.start(settings)).satisfies(failure -> {
            FailureAnalysis shown = new RefusedToStart.Analyzer().analyze(failure);
            assertThat(shown).extracting(FailureAnalysis::getDescription).isEqualTo("refusing to start: " + line);
        });
    }
}
