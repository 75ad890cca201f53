package io.jiucang.order;

import io.jiucang.starter.Service;
import io.jiucang.starter.store.Domain;
import org.axonframework.config.ConfigurerModule;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Starts order-service. */
@SpringBootApplication
@EnableConfigurationProperties(OrderSettings.class)
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
}
