package io.jiucang.token;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupEnded;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.WarehouseEvent.CaseStated;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.Service;
import io.jiucang.starter.inbox.BusinessLocks;
import io.jiucang.starter.store.Domain;
import io.jiucang.starter.wallet.WalletConfiguration;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statements;
import org.axonframework.config.ConfigurerModule;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

@SpringBootApplication
@EnableConfigurationProperties(TokenSettings.class)
@Import(WalletConfiguration.class)
public class TokenServiceApplication {

    /**
     * Each reservation of a flash sale first reads the vault, which is small, and its events since, which are many: with
     * 20 of them, reservations were twice as fast as with 100.
     */
    private static final int VAULT_SNAPSHOT_EVERY = 20;

    public static void main(String[] args) {
        Service.of(TokenServiceApplication.class, "token").run(args);
    }

    @Bean
    ConfigurerModule vault() {
        return Domain.aggregate(Vault.class, VAULT_SNAPSHOT_EVERY);
    }

    @Bean
    ConfigurerModule token() {
        return Domain.aggregate(Token.class);
    }

    @Bean
    ConfigurerModule wallet() {
        return Domain.aggregate(Wallet.class);
    }

    @Bean
    ConfigurerModule burn() {
        return Domain.saga(BurnSaga.class);
    }

    /**
     * All that is told of one vault's cases in turn. An anchor, and the event whose anchor it is, meet at their leaf first,
     * so that neither misses the other.
     */
    @Bean
    BusinessLocks locks(Anchors anchors, ReservationTable reservations) {
        return new BusinessLocks()
                .first(DeliveryCompleted.class, Anchors::lockOfLeaf)
                .first(EventsAnchored.class, Anchors::locksOf)
                .byEach(EventsAnchored.class, anchors::vaultsThatWaitFor)
                .by(
                        OrderPlaced.class,
                        event -> Statements.read(event.statement(), Act.Order.class)
                                .act()
                                .vault())
                .by(OrderEnded.class, OrderEnded::vaultId)
                .by(OrderCancelled.class, event -> reservations.vaultOf(event.orderId()))
                .by(PaymentCaptured.class, event -> reservations.vaultOf(event.orderId()))
                .by(SaleRecorded.class, SaleRecorded::vaultId)
                .by(CasesReleased.class, CasesReleased::vaultId)
                .byEach(CaseStated.class, TitlePolicy::vaultsOf)
                .by(SalesPlanCreated.class, SalesPlanCreated::vaultId)
                .by(TokensSold.class, TokensSold::vaultId)
                .by(TokenGranted.class, event -> event.tokenId().vault())
                .byEach(
                        SaleUndone.class,
                        event -> event.prev().keySet().stream().map(TokenId::vault))
                .byEach(
                        PickupAuthorised.class,
                        event ->
                                Statements.read(event.statement(), Act.Pickup.class).act().hashlocks().keySet().stream()
                                        .map(TokenId::vault))
                .byEach(PickupEnded.class, event -> event.tokens().stream().map(TokenId::vault))
                .byEach(
                        DeliveryCompleted.class,
                        event -> event.cases().stream()
                                .map(DeliveredCase::tokenId)
                                .map(TokenId::vault));
    }
}
