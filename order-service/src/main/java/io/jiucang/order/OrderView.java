package io.jiucang.order;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.VaultId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An order as its buyer sees it.
 *
 * @param position in the list of all orders, by age
 * @param total what the buyer owes or has paid; refunds are told apart
 * @param payBy until when the buyer pays, as they signed
 * @param endReason why it was declined or cancelled
 * @param cancellationRequested why it shall be cancelled, while nobody has judged that yet
 * @param cancellationRefused whether the buyer asked to cancel when cases had left their bins
 * @param withdrawn cases the warehouse could not supply
 * @param version grows with every change
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record OrderView(
        @JsonIgnore long position,
        OrderId orderId,
        PaymentId paymentId,
        @JsonIgnore String buyer,
        PlanId planId,
        VaultId vaultId,
        long quantity,
        Money unitPrice,
        Money total,
        Instant payBy,
        Order.Status status,
        @Nullable String endReason,
        @Nullable EndReason cancellationRequested,
        boolean cancellationRefused,
        List<SerialRange> serials,
        long withdrawn,
        List<Refund> refunds,
        Instant placedAt,
        long version) {

    /** Whether nothing is expected to change it any more. */
    @JsonIgnore
    boolean isFinal() {
        return status.isFinal()
                && refunds.stream().allMatch(refund -> switch (refund.status) {
                    case DUE, REQUESTED -> false;
                    case COMPLETED, FAILED -> true;
                });
    }

    /** @param reason once the payment service has asked the provider for it */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Refund(RefundId refundId, Money amount, @Nullable RefundReason reason, RefundStatus status) {}

    enum RefundStatus {
        DUE,
        REQUESTED,
        COMPLETED,
        /** The provider refuses; an operator acts. */
        FAILED
    }
}
