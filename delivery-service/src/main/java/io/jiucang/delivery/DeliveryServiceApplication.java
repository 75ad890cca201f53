package io.jiucang.delivery;

import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.jiucang.starter.Service;
import io.jiucang.starter.store.Domain;
import org.axonframework.config.ConfigurerModule;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Starts delivery-service. */
@SpringBootApplication
@EnableConfigurationProperties(DeliverySettings.class)
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
}
