package io.jiucang.payment;

import io.jiucang.events.OrderEvent;
import io.jiucang.starter.Service;
import io.jiucang.starter.inbox.BusinessLocks;
import io.jiucang.starter.store.Domain;
import java.time.Clock;
import org.axonframework.config.ConfigurerModule;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Takes the buyers' money, records sales, and pays back. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties({PaymentSettings.class, WeChatPaySettings.class})
public class PaymentServiceApplication {

    public static void main(String[] args) {
        Service.of(PaymentServiceApplication.class, "payment").run(args);
    }

    @Bean
    ConfigurerModule payment() {
        return Domain.aggregate(Payment.class);
    }

    @Bean
    PaymentProvider provider(WeChatPaySettings settings, Clock clock) {
        return new WeChatPay(settings, clock);
    }

    /** A payment at a time. */
    @Bean
    BusinessLocks locks() {
        return new BusinessLocks().by(OrderEvent.class, event -> PaymentPolicy.paymentOf(event.orderId()));
    }
}
