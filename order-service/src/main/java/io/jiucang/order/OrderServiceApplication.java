package io.jiucang.order;

import io.jiucang.events.PaymentEvent;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.SaleRefused;
import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.starter.Service;
import io.jiucang.starter.inbox.BusinessLocks;
import io.jiucang.starter.store.Domain;
import io.jiucang.starter.wallet.WalletConfiguration;
import org.axonframework.config.ConfigurerModule;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Starts order-service. */
@SpringBootApplication
@EnableConfigurationProperties(OrderSettings.class)
@Import(WalletConfiguration.class)
public class OrderServiceApplication {

    public static void main(String[] args) {
        Service.of(OrderServiceApplication.class, "order").run(args);
    }

    @Bean
    ConfigurerModule order() {
        return Domain.aggregate(Order.class);
    }

    @Bean
    ConfigurerModule purchase() {
        return Domain.saga(PurchaseSaga.class);
    }

    /** An order at a time. */
    @Bean
    BusinessLocks locks() {
        return new BusinessLocks()
                .by(TokensReserved.class, TokensReserved::orderId)
                .by(ReservationRefused.class, ReservationRefused::orderId)
                .by(TokenGranted.class, TokenGranted::orderId)
                .by(PaymentEvent.class, PaymentEvent::orderId)
                .by(SaleRefused.class, SaleRefused::orderId)
                .by(SaleUndone.class, SaleUndone::orderId)
                .by(ReleaseCancellationRefused.class, ReleaseCancellationRefused::orderId)
                .byNothing(SalesPlanCreated.class);
    }
}
