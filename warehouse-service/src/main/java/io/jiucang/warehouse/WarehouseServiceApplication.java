package io.jiucang.warehouse;

import io.jiucang.starter.Service;
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
}
