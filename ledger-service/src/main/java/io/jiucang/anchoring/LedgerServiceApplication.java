package io.jiucang.anchoring;

import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.Schedules;
import io.jiucang.ledger.SigningKey;
import io.jiucang.starter.Service;
import io.jiucang.starter.ServiceSettings;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Anchors every signed event. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(LedgerSettings.class)
public class LedgerServiceApplication {

    @Bean
    SigningKey signingKey(ServiceSettings service, LedgerSettings settings) {
        return settings.signingKey(service.pins().origin());
    }

    @Bean
    Task<?> tickTask(Ticks ticks, LedgerSettings settings, PlatformTransactionManager transactions) {
        TransactionTemplate transaction = new TransactionTemplate(transactions);
        return Tasks.recurring("tick", Schedules.fixedDelay(settings.tickEvery()))
                .execute((instance, context) -> transaction.executeWithoutResult(status -> ticks.tick()));
    }

    public static void main(String[] args) {
        Service.of(LedgerServiceApplication.class, "ledger").run(args);
    }
}
