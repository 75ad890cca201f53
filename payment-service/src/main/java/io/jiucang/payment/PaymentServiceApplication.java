package io.jiucang.payment;

import io.jiucang.events.OrderEvent;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.PaymentOverdue;
import io.jiucang.events.PaymentEvent;
import io.jiucang.events.TokenEvent.SaleRefused;
import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.starter.Service;
import io.jiucang.starter.inbox.BusinessLocks;
import io.jiucang.starter.store.Domain;
import java.time.Clock;
import java.util.stream.Stream;
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

    /** A payment at a time; of those events that name only the order, what it is paid by is known once that is locked. */
    @Bean
    BusinessLocks locks(PaymentViews payments) {
        return new BusinessLocks()
                .first(OrderEvent.class, signed -> Stream.of(((OrderEvent) signed.domainEvent()).orderId()))
                .by(OrderConfirmed.class, OrderConfirmed::paymentId)
                .by(PaymentEvent.class, PaymentEvent::paymentId)
                .byEach(OrderCancelled.class, event -> paymentOf(payments, event.orderId()))
                .byEach(PaymentOverdue.class, event -> paymentOf(payments, event.orderId()))
                // Once there was a sale, or none to be had, its payment is long known.
                .byEach(SaleUndone.class, event -> paymentOf(payments, event.orderId()))
                .byEach(SaleRefused.class, event -> paymentOf(payments, event.orderId()));
    }

    private static Stream<PaymentId> paymentOf(PaymentViews payments, OrderId order) {
        return payments.ofOrder(order).map(PaymentView::paymentId).stream();
    }
}
