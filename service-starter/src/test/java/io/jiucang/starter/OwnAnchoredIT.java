package io.jiucang.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.simulators.device.Device;
import io.jiucang.starter.inbox.BusinessLocks;
import io.jiucang.starter.law.OwnAnchored;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.title.Ruling;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A service hears of its own events once, as they happen, and once more when they are anchored. */
@RealInfrastructure
class OwnAnchoredIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    static final RunningService service = new RunningService(
            Wallets.class,
            "token",
            Map.of(
                    "spring.config.import", "classpath:service-defaults.yaml",
                    "spring.flyway.locations", "classpath:db/starter",
                    "jiucang.topics", "token.events.v1"));

    private final Device device = Device.create(TestPlatform.ENVIRONMENT, TestPlatform.ORIGIN, Clock.systemUTC());

    /** Tells of wallets, as token-service does, and notes what it hears. */
    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Wallets {

        @Bean
        Heard heard() {
            return new Heard();
        }

        @Bean
        BusinessLocks locks() {
            return new BusinessLocks()
                    .byNothing(SalesPlanCreated.class, TokensSold.class, SaleUndone.class, TokenGranted.class);
        }
    }

    static class Heard {

        private final List<WalletBorn> births = new CopyOnWriteArrayList<>();
        private final List<OwnAnchored> anchored = new CopyOnWriteArrayList<>();

        @EventHandler
        void on(WalletBorn event) {
            births.add(event);
        }

        @EventHandler
        void on(OwnAnchored event) {
            anchored.add(event);
        }
    }

    @Test
    void isToldOnceOfEachAndOfWhatIsVoidAsWell() {
        Heard heard = service.bean(Heard.class);
        WalletBorn genuine = new WalletBorn(device.wallet(), device.birth());
        WalletBorn lawless = new WalletBorn(device.wallet(), "no statement");
        tell(0, lawless);
        tell(1, genuine);

        await().atMost(PATIENCE).until(() -> heard.anchored.size() == 2);
        service.stop();
        service.start();
        tell(2, lawless);
        Heard afterwards = service.bean(Heard.class);
        await().atMost(PATIENCE).until(() -> !afterwards.anchored.isEmpty());

        assertThat(heard.births).containsExactly(lawless, genuine);
        assertThat(heard.anchored).extracting(OwnAnchored::event).containsExactly(lawless, genuine);
        assertThat(heard.anchored.getFirst().ruling()).isInstanceOf(Ruling.Voided.class);
        OwnAnchored valid = heard.anchored.getLast();
        assertThat(valid.ruling()).isInstanceOf(Ruling.Valid.class);
        assertThat(valid.leafHash()).isEqualTo(valid.at().leaf().hex());
        assertThat(afterwards.anchored).extracting(OwnAnchored::event).containsExactly(lawless);
    }

    private void tell(long sequence, WalletBorn event) {
        new TransactionTemplate(service.bean(PlatformTransactionManager.class))
                .executeWithoutResult(status -> service.bean(EventStore.class)
                        .publish(new GenericDomainEventMessage<>("Wallet", device.wallet(), sequence, event)));
    }
}
