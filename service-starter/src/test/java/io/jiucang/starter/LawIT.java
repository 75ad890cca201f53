package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.database;
import static io.jiucang.starter.SampleFixtures.effects;
import static io.jiucang.starter.SampleFixtures.vault;
import static io.jiucang.starter.SampleFixtures.voided;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.ledger.Hash;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.statement.Winery;
import io.jiucang.starter.law.Anchored;
import io.jiucang.starter.law.AnchoredAt;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.law.Ruled;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Capture;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.title.Ruling;
import io.jiucang.title.TitleState;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.producer.ProducerRecord;
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
            new RunningService(WithPlaces.class, "order", Map.of("jiucang.inbox.await-ruling", "500ms"));

    private final Device device = Device.create(TestPlatform.ENVIRONMENT, TestPlatform.ORIGIN, Clock.systemUTC());

    /** The sample service, which also notes where wallets were born and captures stand. */
    @Configuration
    @Import(SampleApplication.class)
    static class WithPlaces {

        @Bean
        Places places(JdbcClient jdbc) {
            return new Places(jdbc);
        }
    }

    static class Places {

        private final JdbcClient jdbc;

        Places(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @EventHandler
        void on(WalletBorn event, @AnchoredAt Anchored anchored) {
            note("born", event.wallet(), anchored);
        }

        @EventHandler
        void on(PaymentCaptured event, @AnchoredAt Anchored anchored) {
            note("captured", event.orderId().value(), anchored);
        }

        private void note(String kind, String what, Anchored anchored) {
            jdbc.sql("insert into effect (kind, detail) values (?, ?)")
                    .params(kind, what + " " + anchored.at().index())
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
    void aCaptureIsHandledOnceItIsJudgedByItsReceipt() {
        OrderId order = service.order(offered(), TestPlatform.LI, 2);
        Cite at = service.pay(order);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(effects(service)).contains(order + " " + at.index()));

        service.stop();
        service.start();
        service.awaitLaw(state -> isPaid(state, order));
    }

    @Test
    void aReceiptThatIsNotThereYetHoldsItsCaptureUp() {
        OrderId order = service.order(offered(), TestPlatform.LI, 2);
        Capture capture = service.capture(order);
        CloudEvent captured = service.publish(capture.event(), order);
        service.publish(new ProducerRecord<>(Topics.EVIDENCE, capture.event().receipt(), new byte[1]));
        awaitParked(1);
        assertThat(ruled(captured)).isEmpty();

        service.publish(EvidenceRecords.toRecord(capture.receipt().bytes()));

        await().atMost(PATIENCE).until(() -> service.hasTaken(captured));
        assertThat(ruled(captured).orElseThrow().ruling()).isInstanceOf(Ruling.Valid.class);
    }

    @Test
    void aReceiptThatAFloodPushedOutIsReadAgain() {
        String offer = offered();
        OrderId early = service.order(offer, TestPlatform.LI, 1);
        OrderId late = service.order(offer, TestPlatform.WANG, 1);
        Capture pushedOut = service.capture(early);
        service.publish(EvidenceRecords.toRecord(pushedOut.receipt().bytes()));
        // Twice what is held, in each of two partitions.
        for (int i = 0; i < (1 << 26) / EvidenceRecords.LARGEST; i++) {
            byte[] junk = new byte[EvidenceRecords.LARGEST];
            ThreadLocalRandom.current().nextBytes(junk);
            service.publish(EvidenceRecords.toRecord(junk));
        }
        service.pay(late);

        service.publish(pushedOut.event(), early);

        service.awaitLaw(state -> isPaid(state, early));
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

    private static boolean isPaid(TitleState state, OrderId order) {
        return state.accounts().values().stream()
                .anyMatch(account -> account.source().order().equals(order));
    }

    /** An offer that token-service has told; its statement. */
    private static String offered() {
        Instant from = Instant.now().minusSeconds(60);
        String offer = service.platform()
                .winery()
                .offer(new Winery.Offer(
                        "guojiao-1573-52",
                        "19521141111014",
                        100,
                        588_000,
                        6,
                        from,
                        from.plusSeconds(600),
                        TestPlatform.SITES.getFirst(),
                        TestPlatform.APPID,
                        TestPlatform.PAYEE,
                        "ab".repeat(32),
                        30,
                        Duration.ofMinutes(30)));
        Statement<Act.Offer> offered = Statements.read(offer, Act.Offer.class);
        service.publish(
                new SalesPlanCreated(offered.planId(), offered.vaultId(), Map.of("zh", "国窖1573"), offer),
                offered.planId());
        return offer;
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
