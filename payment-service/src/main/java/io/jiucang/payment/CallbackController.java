package io.jiucang.payment;

import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_NOT_FOUND;

import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.payment.PaymentCommand.CompleteRefund;
import io.jiucang.payment.PaymentCommand.FailRefund;
import io.jiucang.payment.PaymentProvider.Movement;
import io.jiucang.payment.PaymentProvider.Notification;
import io.jiucang.payment.PaymentProvider.Notification.Captured;
import io.jiucang.payment.PaymentProvider.Notification.Refunded;
import io.jiucang.payment.PaymentProvider.NotificationRejected;
import io.jiucang.payment.PaymentProvider.PaymentStatus.NoReceipt;
import io.jiucang.payment.PaymentProvider.RefundStatus;
import io.jiucang.payment.PaymentProvider.RefundTerms;
import io.jiucang.payment.PaymentProvider.Rejection;
import io.jiucang.payment.PaymentProvider.Unavailable;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * Where the provider tells of captures and refunds; open to everyone, so only what it signed counts.
 *
 * <p>Of a capture even that convinces nobody but us, so it is asked; what makes us ask is its signature, and what is
 * recorded is not asked for again, so nobody else can make us ask more than the provider tells. It tells until it is
 * thanked: only once what it told is stored. A second telling is thanked like the first.
 */
@RestController
@PreAuthorize("permitAll()")
class CallbackController {

    private static final Logger log = LoggerFactory.getLogger(CallbackController.class);
    private static final int LARGEST_BODY = 64 * 1024;

    private final PaymentProvider provider;
    private final Receipts receipts;
    private final PaymentViews payments;
    private final CommandGateway commands;
    private final MeterRegistry meters;

    CallbackController(
            PaymentProvider provider,
            Receipts receipts,
            PaymentViews payments,
            CommandGateway commands,
            MeterRegistry meters) {
        this.provider = provider;
        this.receipts = receipts;
        this.payments = payments;
        this.commands = commands;
        this.meters = meters;
    }

    /** What WeChat Pay expects to read when its notification was not taken. */
    record Failure(String code, String message) {
        static Failure of(String message) {
            return new Failure("FAIL", message);
        }
    }

    @PostMapping("/callbacks/wechatpay")
    ResponseEntity<?> notified(@RequestHeader Map<String, String> headers, InputStream content) throws IOException {
        byte[] body = content.readNBytes(LARGEST_BODY + 1);
        if (body.length > LARGEST_BODY) {
            return refused(HttpStatus.CONTENT_TOO_LARGE, "TOO_LARGE");
        }
        try {
            take(provider.parse(headers, new String(body, StandardCharsets.UTF_8)));
        } catch (NotificationRejected e) {
            return refused(HttpStatus.UNAUTHORIZED, e.reason().name());
        } catch (PaymentRejected e) {
            // Perhaps a restored database does not know it yet. Money that nobody can place must not be thanked for.
            log.error("the provider tells of what we do not know: {}", e.getMessage());
            return refused(HttpStatus.NOT_FOUND, e.reason().name());
        } catch (NotShown e) {
            log.error("the provider tells of money and does not show it: {}", e.getMessage());
            return refused(HttpStatus.CONFLICT, e.reason);
        } catch (Unavailable e) {
            log.warn("the provider tells of money and cannot be asked: {}", e.getMessage());
            return refused(HttpStatus.SERVICE_UNAVAILABLE, "PROVIDER_UNAVAILABLE");
        } catch (RuntimeException e) {
            log.error("a notification of the provider's was not stored; it will be resent", e);
            return refused(HttpStatus.INTERNAL_SERVER_ERROR, "NOT_STORED");
        }
        count("ACCEPTED");
        return ResponseEntity.noContent().build();
    }

    private void take(Notification notification) {
        switch (notification) {
            case Captured(var id, PaymentId paymentId, String transactionId) -> {
                requireKnown(paymentId);
                if (payments.amount(Movement.CAPTURE, transactionId).isEmpty()
                        && receipts.ask(paymentId, transactionId) instanceof NoReceipt(String reason)) {
                    throw new NotShown(reason, transactionId + " of payment " + paymentId + ": " + reason);
                }
            }
            case Refunded(var id, RefundId refundId, PaymentId paymentId, RefundTerms terms, RefundStatus status) -> {
                requireKnown(paymentId);
                payments.findRefund(refundId)
                        .filter(refund -> !refund.terms().equals(terms))
                        .ifPresent(refund -> {
                            throw new NotificationRejected(
                                    Rejection.NOT_OURS, "a refund of " + terms + ", not " + refund.terms(), null);
                        });
                take(paymentId, refundId, status);
            }
        }
    }

    private void take(PaymentId paymentId, RefundId refundId, RefundStatus status) {
        switch (status) {
            case RefundStatus.Processing() -> {}
            case RefundStatus.Succeeded(var at) -> commands.sendAndWait(new CompleteRefund(paymentId, refundId));
            case RefundStatus.Failed(String providerReason) ->
                commands.sendAndWait(new FailRefund(paymentId, refundId, providerReason));
        }
    }

    /** What it told, it does not stand by when it is asked. */
    private static final class NotShown extends RuntimeException {

        private final String reason;

        NotShown(String reason, String message) {
            super(message);
            this.reason = reason;
        }
    }

    private void requireKnown(PaymentId paymentId) {
        if (!payments.knows(paymentId)) {
            throw new PaymentRejected(PAYMENT_NOT_FOUND, "no payment " + paymentId);
        }
    }

    private ResponseEntity<Failure> refused(HttpStatus status, String outcome) {
        count(outcome);
        return ResponseEntity.status(status).body(Failure.of(outcome));
    }

    private void count(String outcome) {
        meters.counter("jiucang.payment.notifications", "outcome", outcome.toLowerCase(Locale.ROOT))
                .increment();
    }
}
