package io.jiucang.warehouse;

import io.jiucang.events.DeliveryEvent;
import io.jiucang.events.OrderEvent;
import io.jiucang.events.PaymentEvent;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.starter.Service;
import io.jiucang.starter.inbox.BusinessLocks;
import io.jiucang.starter.store.Domain;
import org.axonframework.config.ConfigurerModule;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Keeps the stock, releases cases from it, and ships what is in custody. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(WarehouseSettings.class)
public class WarehouseServiceApplication {

    public static void main(String[] args) {
        Service.of(WarehouseServiceApplication.class, "warehouse").run(args);
    }

    @Bean
    ConfigurerModule stockCase() {
        return Domain.aggregate(StockCase.class);
    }

    @Bean
    ConfigurerModule release() {
        return Domain.aggregate(Release.class);
    }

    @Bean
    ConfigurerModule shipment() {
        return Domain.aggregate(Shipment.class);
    }

    /** A release, that is an order, or a shipment, that is a pickup, at a time. */
    @Bean
    BusinessLocks locks() {
        return new BusinessLocks()
                .by(SalesPlanCreated.class, SalesPlanCreated::vaultId)
                .by(VaultOpened.class, VaultOpened::vaultId)
                .by(OrderEvent.class, OrderEvent::orderId)
                .by(PaymentEvent.class, PaymentEvent::orderId)
                .by(DeliveryEvent.class, DeliveryEvent::pickupId)
                .by(TokensSold.class, TokensSold::orderId)
                .by(TokenLocked.class, TokenLocked::pickupId)
                .by(TokenUnlocked.class, TokenUnlocked::pickupId);
    }
}
