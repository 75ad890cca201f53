package io.jiucang.payment;

import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.payment.PaymentCommand.CompleteRefund;
import io.jiucang.payment.PaymentCommand.FailRefund;
import io.jiucang.payment.PaymentProvider.PaymentStatus.Paid;
import io.jiucang.payment.PaymentProvider.RefundStatus;
import io.jiucang.payment.PaymentProvider.Refusal;
import io.jiucang.payment.PaymentProvider.Refused;
import io.jiucang.payment.PaymentProvider.Unavailable;
import java.time.Clock;
import java.util.function.Predicate;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What is left to do at the provider once our own decision is stored: never within an event's handling, repeated ever
 * more rarely until done, and kept by the database, so that a crash delays it and nothing more.
 *
 * <p>No errand decides anything: it tells the payment what the provider said.
 */
@Configuration(proxyBeanMethods = false)
class ProviderErrands {

    /** Asks whether an opened payment was made, in case no notification comes. Its id is the payment's. */
    static final TaskDescriptor<Errand> ASK = TaskDescriptor.of("ask-for-payment", Errand.class);

    /** Closes a cancelled payment, so that nobody can pay it. Its id is the payment's. */
    static final TaskDescriptor<Errand> CLOSE = TaskDescriptor.of("close-payment", Errand.class);

    /** Pays back, and sees that it arrives. Its id is the event's that requests it. */
    static final TaskDescriptor<Errand> REFUND = TaskDescriptor.of("refund", Errand.class);

    private static final Logger log = LoggerFactory.getLogger(ProviderErrands.class);

    private final PaymentProvider provider;
    private final Receipts receipts;
    private final PaymentViews payments;
    private final CommandGateway commands;
    private final PaymentSettings settings;
    private final Clock clock;

    ProviderErrands(
            PaymentProvider provider,
            Receipts receipts,
            PaymentViews payments,
            CommandGateway commands,
            PaymentSettings settings,
            Clock clock) {
        this.provider = provider;
        this.receipts = receipts;
        this.payments = payments;
        this.commands = commands;
        this.settings = settings;
        this.clock = clock;
    }

    @Bean
    Task<Errand> askForPayment() {
        return task(ASK, errand -> asked(new PaymentId(errand.id())));
    }

    @Bean
    Task<Errand> closePayment() {
        return task(CLOSE, errand -> closed(new PaymentId(errand.id())));
    }

    @Bean
    Task<Errand> refund() {
        return task(REFUND, errand -> refunded(new RefundId(errand.id()), errand.attempt() == 0));
    }

    private boolean asked(PaymentId id) {
        return switch (payments.get(id).status()) {
            case PAID, CLOSED -> true;
            case DUE, OPENED -> receipts.ask(id) instanceof Paid;
        };
    }

    private boolean closed(PaymentId id) {
        try {
            provider.close(id);
            return true;
        } catch (Refused e) {
            if (e.reason() == Refusal.ALREADY_PAID) {
                return receipts.ask(id) instanceof Paid;
            }
            log.warn("the provider will not close payment {}: {}", id, e.getMessage());
            return false;
        }
    }

    private boolean refunded(RefundId id, boolean first) {
        RefundView refund = payments.getRefund(id);
        if (refund.status() != RefundView.Status.REQUESTED) {
            return true;
        }
        try {
            return told(
                    refund,
                    first
                            ? ask(refund)
                            : provider.refundStatus(id, refund.paymentId(), refund.terms())
                                    .orElseGet(() -> ask(refund)));
        } catch (Refused e) {
            log.warn("the provider refuses refund {}: {}", id, e.getMessage());
            commands.sendAndWait(new FailRefund(refund.paymentId(), id, e.providerCode()));
            return true;
        }
    }

    private RefundStatus ask(RefundView refund) {
        return provider.refund(refund.refundId(), refund.paymentId(), refund.terms(), forPayer(refund.reason()));
    }

    private boolean told(RefundView refund, RefundStatus status) {
        return switch (status) {
            case RefundStatus.Processing() -> false;
            case RefundStatus.Succeeded(var at) -> {
                commands.sendAndWait(new CompleteRefund(refund.paymentId(), refund.refundId()));
                yield true;
            }
            case RefundStatus.Failed(String providerReason) -> {
                commands.sendAndWait(new FailRefund(refund.paymentId(), refund.refundId(), providerReason));
                yield true;
            }
        };
    }

    private static String forPayer(RefundReason reason) {
        return switch (reason) {
            case LATE_PAYMENT -> "订单已关闭，退回逾期付款";
            case WRONG_AMOUNT -> "付款金额与订单不符，全额退回";
            case DUPLICATE_PAYMENT -> "重复付款，退回";
            case ORDER_CANCELLED -> "订单已取消";
            case CASES_WITHDRAWN -> "部分商品无法出库";
        };
    }

    /** @param done whether nothing is left to do */
    private Task<Errand> task(TaskDescriptor<Errand> descriptor, Predicate<Errand> done) {
        return Tasks.custom(descriptor)
                .onFailure((failed, operations) -> operations.reschedule(
                        failed, clock.instant().plus(settings.waitAfter(failed.getExecution().consecutiveFailures))))
                .execute((task, context) -> {
                    Errand errand = task.getData();
                    return isDone(descriptor, errand, done)
                            ? new CompletionHandler.OnCompleteRemove<>()
                            : (complete, operations) -> operations.reschedule(
                                    complete,
                                    clock.instant().plus(settings.waitAfter(errand.attempt())),
                                    errand.again());
                });
    }

    private static boolean isDone(TaskDescriptor<Errand> descriptor, Errand errand, Predicate<Errand> done) {
        try {
            return done.test(errand);
        } catch (Unavailable e) {
            log.warn("{} {}: {}", descriptor.getTaskName(), errand.id(), e.getMessage());
            return false;
        }
    }
}
