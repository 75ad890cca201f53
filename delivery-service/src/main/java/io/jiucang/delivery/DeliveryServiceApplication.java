package io.jiucang.delivery;

import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.TokenEvent.TokenBurned;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.WarehouseEvent.CaseDamaged;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.WarehouseEvent.ShipmentCancelled;
import io.jiucang.starter.Service;
import io.jiucang.starter.inbox.BusinessLocks;
import io.jiucang.starter.store.Domain;
import io.jiucang.starter.wallet.WalletConfiguration;
import org.axonframework.config.ConfigurerModule;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Starts delivery-service. */
@SpringBootApplication
@EnableConfigurationProperties(DeliverySettings.class)
@Import(WalletConfiguration.class)
public class DeliveryServiceApplication {

    public static void main(String[] args) {
        Service.of(DeliveryServiceApplication.class, "delivery").run(args);
    }

    @Bean
    ConfigurerModule pickup() {
        return Domain.aggregate(Pickup.class);
    }

    @Bean
    ConfigurerModule delivery() {
        return Domain.saga(DeliverySaga.class);
    }

    @Bean
    Task<?> vacuumEnvelopes(JdbcClient jdbc) {
        return Tasks.oneTime(Envelopes.VACUUM).execute((instance, context) -> Envelopes.vacuum(jdbc));
    }

    /** A pickup at a time, and whatever is told of a case. */
    @Bean
    BusinessLocks locks() {
        return new BusinessLocks()
                .by(PickupAuthorised.class, PickupAuthorised::pickupId)
                .by(PickupCancelled.class, PickupCancelled::pickupId)
                .by(CasesShipped.class, CasesShipped::pickupId)
                .by(ShipmentCancelled.class, ShipmentCancelled::pickupId)
                .by(CasesReturned.class, CasesReturned::pickupId)
                .by(TokenLocked.class, TokenLocked::pickupId)
                .by(TokenLockRefused.class, TokenLockRefused::pickupId)
                .byEach(CasesReleased.class, event -> event.cases().stream().map(ReleasedCase::tokenId))
                .byEach(CasesShipped.class, event -> event.cases().stream().map(DeliveredCase::tokenId))
                .byEach(CasesReturned.class, event -> event.cases().stream().map(DeliveredCase::tokenId))
                .by(TokenGranted.class, TokenGranted::tokenId)
                .by(TokenLocked.class, TokenLocked::tokenId)
                .by(TokenUnlocked.class, TokenUnlocked::tokenId)
                .by(TokenBurned.class, TokenBurned::tokenId)
                .byNothing(VaultOpened.class, CaseDamaged.class);
    }
}
