package io.jiucang.payment;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.payment.PaymentProvider.RefundTerms;
import org.jspecify.annotations.Nullable;

/**
 * A refund as its buyer, an operator or an auditor sees it.
 *
 * @param position in the list of all refunds, by age
 * @param transactionId the provider's number of what is paid back
 * @param captured how much that was
 * @param providerReason why it failed
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record RefundView(
        @JsonIgnore long position,
        RefundId refundId,
        PaymentId paymentId,
        OrderId orderId,
        Money amount,
        RefundReason reason,
        String transactionId,
        @JsonIgnore Money captured,
        Status status,
        @Nullable String providerReason) {

    RefundTerms terms() {
        return new RefundTerms(transactionId, amount, captured);
    }

    enum Status {
        REQUESTED,
        COMPLETED,
        /** The provider refuses; an operator acts. */
        FAILED
    }
}
