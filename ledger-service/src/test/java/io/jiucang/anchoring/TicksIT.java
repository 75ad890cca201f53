package io.jiucang.anchoring;

import static io.jiucang.anchoring.LogFixtures.SEED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.jiucang.anchoring.LogStore.StoredEntry;
import io.jiucang.events.LedgerEvent.DirectoryVersion;
import io.jiucang.events.LedgerEvent.Tick;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.starter.RefusedToStart;
import io.jiucang.starter.store.SignedEventStore;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.title.Title;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;

/** The ledger's own leaves, with a clock that the test sets; judged by the law, as anybody can who holds the roots' key. */
@RealInfrastructure
class TicksIT {

    private static final Map<String, String> NEVER_BY_ITSELF =
            Map.of("jiucang.ledger.key-file", LogFixtures.keyFile(SEED).toString(), "jiucang.ledger.tick-every", "1d");

    @RegisterExtension
    static final RunningService service = new RunningService(Application.class, "ledger", NEVER_BY_ITSELF);

    @Configuration(proxyBeanMethods = false)
    @Import(LedgerServiceApplication.class)
    static class Application {

        @Bean
        @Primary
        Clock steeredClock() {
            InstantSource source = NOW::get;
            return source.withZone(ZoneOffset.UTC);
        }
    }

    /** Goes on only when the test lets it. */
    private static final AtomicReference<Instant> NOW =
            new AtomicReference<>(Instant.parse("2026-11-27T08:00:00.123Z"));

    private static void pass(Duration time) {
        NOW.updateAndGet(before -> before.plus(time));
    }

    @Test
    void beginsWithTheDirectoryAndAddsTicksThatTheLawTakes() {
        Instant begun = newest().time();
        tick();
        tick();
        assertThat(newest().time()).isEqualTo(begun);

        pass(Duration.ofMinutes(1));
        tick();
        assertThat(newest().time()).isEqualTo(begun.plus(Duration.ofMinutes(1)));

        replay();
    }

    @Test
    void saysNothingWhileItsClockIsBehindAndIsNeverEarlier() {
        pass(Duration.ofMinutes(2));
        tick();
        Tick last = newest();
        pass(Duration.ofMinutes(-1));
        tick();
        assertThat(newest()).isEqualTo(last);

        pass(Duration.ofMinutes(3));
        tick();
        assertThat(newest().number()).isEqualTo(last.number() + 1);
        replay();
    }

    /** What happened while the ledger was away is anchored behind the ticks that say so, and these go in steps of an hour. */
    @Test
    void whatWaitedForTheLedgerComesBehindTheTicks() {
        tick();
        Tick before = newest();
        pass(Duration.ofHours(3).plusMinutes(10));
        CloudEvent late = publish();
        await().untilAsserted(() -> assertThat(placeOf(late)).isPresent());

        assertThat(service.published(Tick.class))
                .filteredOn(tick -> tick.number() > before.number())
                .extracting(tick -> Duration.between(before.time(), tick.time()).toMinutes())
                .containsExactly(60L, 120L, 180L, 190L);
        assertThat(placeOf(late).orElseThrow())
                .isGreaterThan(OwnLeaves.of(service).lastKey());
        replay();
    }

    @Test
    void aLittleBehindItAnchorsAtOnce() {
        tick();
        Tick before = newest();
        pass(Duration.ofMinutes(4));
        CloudEvent event = publish();
        await().untilAsserted(() -> assertThat(placeOf(event)).isPresent());
        assertThat(newest()).isEqualTo(before);
    }

    @Test
    void startedAgainItGoesOnAndWithAnotherDirectoryItDoesNotStart(@TempDir Path elsewhere) throws IOException {
        tick();
        Tick before = newest();
        service.stop();
        Path other = elsewhere.resolve("directory.json");
        Files.write(other, service.platform().directoryWith("order", new EventSigner(new byte[32])));

        assertThatThrownBy(() -> service.start(Map.of("jiucang.directory", other.toString())))
                .isInstanceOf(RefusedToStart.class)
                .hasMessageContaining("the log's first leaf is not the directory in " + other);

        service.start();
        pass(Duration.ofMinutes(1));
        tick();
        assertThat(newest().number()).isEqualTo(before.number() + 1);
        assertThat(service.published(DirectoryVersion.class)).hasSize(1);
        replay();
    }

    private static void tick() {
        assertThat(service.post("/api/v1/ticks", Map.of(), "auditor").status()).isEqualTo(200);
    }

    private static CloudEvent publish() {
        OrderId order = new OrderId(Ids.next());
        return service.publish(new OrderPaid(order, new PaymentId(Ids.next())), order);
    }

    private static Tick newest() {
        return service.bean(SignedEventStore.class)
                .newest(Tick.class)
                .orElseThrow()
                .domainEvent(Tick.class);
    }

    private static Optional<Long> placeOf(CloudEvent event) {
        return service.bean(TransparencyLog.class).entriesOf(event.getId()).stream()
                .map(StoredEntry::index)
                .findFirst();
    }

    private static void replay() {
        Title.requireNotAhead(OwnLeaves.replay(service), NOW.get());
    }
}
