package io.jiucang.payment;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.payment.PaymentProvider.Capture;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A payment as its buyer, an operator or an auditor sees it.
 *
 * @param position in the list of all payments, by age
 * @param amount what is due, whatever was captured
 * @param codeUrl what the buyer's device opens, or shows as a QR code
 * @param captures all money that arrived, wanted or not
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PaymentView(
        @JsonIgnore long position,
        PaymentId paymentId,
        OrderId orderId,
        String buyer,
        Money amount,
        Payment.Status status,
        Instant payBy,
        @Nullable String provider,
        @Nullable String codeUrl,
        @Nullable ClosingReason closingReason,
        List<Capture> captures,
        List<RefundView> refunds) {

    PaymentView with(List<Capture> captures, List<RefundView> refunds) {
        return new PaymentView(
                position,
                paymentId,
                orderId,
                buyer,
                amount,
                status,
                payBy,
                provider,
                codeUrl,
                closingReason,
                captures,
                refunds);
    }
}
