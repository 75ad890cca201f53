package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.database;
import static io.jiucang.starter.SampleFixtures.effects;
import static io.jiucang.starter.SampleFixtures.vault;
import static io.jiucang.starter.SampleFixtures.voided;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.Ids;
import io.jiucang.ledger.Hash;
import io.jiucang.simulators.device.Device;
import io.jiucang.starter.law.Anchored;
import io.jiucang.starter.law.AnchoredAt;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.law.Ruled;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.title.Ruling;
import io.jiucang.title.TitleState;
import io.jiucang.title.event.LawEvent;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What others tell of the law's business takes effect once it is anchored and valid, and holds nothing up until then. */
@RealInfrastructure
class LawIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    static final RunningService service =
            new RunningService(WithBirths.class, "order", Map.of("jiucang.inbox.await-ruling", "500ms"));

    private final Device device = Device.create(TestPlatform.ENVIRONMENT, TestPlatform.ORIGIN, Clock.systemUTC());

    /** The sample service, which also notes where wallets were born. */
    @Configuration
    @Import(SampleApplication.class)
    static class WithBirths {

        @Bean
        Births births(JdbcClient jdbc) {
            return new Births(jdbc);
        }
    }

    static class Births {

        private final JdbcClient jdbc;

        Births(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @EventHandler
        void on(WalletBorn event, @AnchoredAt Anchored anchored) {
            jdbc.sql("insert into effect (kind, detail) values ('born', ?)")
                    .param(event.wallet() + " " + anchored.at().index())
                    .update();
        }
    }

    @BeforeEach
    void empty() {
        database(service).sql("truncate effect, parked_event").update();
        service.ledger().anchorOnly(event -> true);
    }

    @Test
    void isHandledWithItsPlaceOnceItIsAnchored() {
        service.ledger().anchorOnly(event -> false);
        CloudEvent born = service.publish(born(), device.wallet());
        awaitParked(1);
        assertThat(ruled(born)).isEmpty();
        assertThat(effects(service)).isEmpty();

        service.ledger().anchorOnly(event -> true);

        await().atMost(PATIENCE).until(() -> service.hasTaken(born));
        Ruled ruled = ruled(born).orElseThrow();
        assertThat(effects(service))
                .containsExactly(device.wallet() + " " + ruled.at().index());
        assertThat(count(service, "parked_event")).isZero();
    }

    @Test
    void whatIsVoidIsSeenAndCountedAndHoldsUpNothing() {
        double voided = voided(service);
        CloudEvent forged = service.publish(new WalletBorn(device.wallet(), "no statement"), device.wallet());
        CloudEvent genuine = service.publish(born(), device.wallet());

        await().atMost(PATIENCE).until(() -> service.hasTaken(genuine));
        assertThat(service.hasTaken(forged)).isTrue();
        assertThat(ruled(forged).orElseThrow().ruling()).isInstanceOf(Ruling.Voided.class);
        assertThat(voided(service)).isEqualTo(voided + 1);
        assertThat(effects(service))
                .containsExactly(device.wallet() + " "
                        + ruled(genuine).orElseThrow().at().index());
        assertThat(count(service, "parked_event")).isZero();
    }

    @Test
    void whatIsNotAnchoredBlocksNothingButItsKey() {
        Device another = Device.create(TestPlatform.ENVIRONMENT, TestPlatform.ORIGIN, Clock.systemUTC());
        service.ledger().anchorOnly(event -> !device.wallet().equals(event.getSubject()));
        CloudEvent never = service.publish(born(), device.wallet());
        CloudEvent behind = service.publish(vault("behind"), device.wallet());
        CloudEvent others = service.publish(new WalletBorn(another.wallet(), another.birth()), another.wallet());
        CloudEvent lawless = service.publish(vault("no business of the law"), Ids.next());

        await().atMost(PATIENCE).until(() -> service.hasTaken(others) && service.hasTaken(lawless));
        awaitParked(2);
        assertThat(effects(service)).hasSize(2).contains("no business of the law");

        service.ledger().anchorOnly(event -> true);
        await().atMost(PATIENCE).until(() -> service.hasTaken(never) && service.hasTaken(behind));
        assertThat(effects(service)).hasSize(4).last().isEqualTo("behind");
    }

    @Test
    void comesToTheSameAfterARestartAndHandlesNothingTwice() {
        CloudEvent born = service.publish(born(), device.wallet());
        await().atMost(PATIENCE).until(() -> service.hasTaken(born));
        Ruled before = ruled(born).orElseThrow();

        service.stop();
        service.start();
        CloudEvent later = service.publish(vault("after the restart"), device.wallet());

        await().atMost(PATIENCE).until(() -> service.hasTaken(later));
        await().atMost(PATIENCE).until(() -> ruled(born).isPresent());
        assertThat(ruled(born)).hasValue(before);
        assertThat(effects(service)).hasSize(2).endsWith("after the restart");
    }

    @Test
    void saysWhatTheLawWouldSay() {
        await().atMost(PATIENCE).until(() -> isUp());
        LawReader law = service.bean(LawReader.class);
        // Only token-service may tell of wallets.
        assertThat(law.decide(new LawEvent.WalletBorn(device.birth()))).isInstanceOf(Ruling.Voided.class);
        long index = law.read(TitleState::lastIndex);
        assertThat(index).isPositive();
    }

    private static boolean isUp() {
        return service.get("/actuator/health/readiness", null).status() == 200;
    }

    private WalletBorn born() {
        return new WalletBorn(device.wallet(), device.birth());
    }

    private static Optional<Ruled> ruled(CloudEvent event) {
        return service.bean(LawReader.class).ruled(Hash.of(SignedEvents.leafHash(SignedEvents.dsseMaterial(event))));
    }

    private static void awaitParked(long events) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(count(service, "parked_event")).isEqualTo(events));
    }
}
