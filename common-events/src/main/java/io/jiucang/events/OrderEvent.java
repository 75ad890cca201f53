package io.jiucang.events;

import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.Require;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import java.time.Instant;
import java.util.List;

/** What order-service tells: a purchase from the buyer's signed request (S2) to fulfilment (S5). */
public sealed interface OrderEvent extends DomainEvent {

    OrderId orderId();

    /**
     * A buyer asks for cases; what they ask for stands in their statement alone.
     *
     * @param orderId made from the statement
     * @param statement {@code jiucang-order-v1} ({@code docs/statements.md}), by a key of the buyer's wallet
     */
    record OrderPlaced(OrderId orderId, String statement) implements OrderEvent {
        public OrderPlaced {
            Require.text(statement, "statement");
        }
    }

    /**
     * The cases are reserved; the buyer owes {@code total} until {@code payBy}.
     *
     * @param paymentId made from the buyer's statement, as the order's id is
     */
    record OrderConfirmed(
            OrderId orderId,
            PaymentId paymentId,
            String buyer,
            PlanId planId,
            VaultId vaultId,
            List<SerialRange> serials,
            Money total,
            Instant payBy)
            implements OrderEvent {
        public OrderConfirmed {
            Require.text(buyer, "buyer");
            serials = SerialRange.disjoint(serials);
            Require.positive(total, "total");
        }
    }

    /** No cases could be reserved; the order ends. */
    record OrderDeclined(OrderId orderId, String buyer, TokenEvent.RefusalReason reason) implements OrderEvent {
        public OrderDeclined {
            Require.text(buyer, "buyer");
        }
    }

    /**
     * The buyer wants the order to end, if the payment (or, once paid, the warehouse) has not gone past it: whoever holds the
     * next step decides, so that a payment and a cancellation never both win.
     *
     * @param statement {@code jiucang-order-cancellation-v1}, by a key of the buyer's wallet
     */
    record OrderCancelled(OrderId orderId, String statement) implements OrderEvent {
        public OrderCancelled {
            Require.text(statement, "statement");
        }
    }

    /** The money did not come in time, as far as the order knows: the payment decides. */
    record PaymentOverdue(OrderId orderId) implements OrderEvent {}

    record OrderPaid(OrderId orderId, PaymentId paymentId) implements OrderEvent {}

    /** The buyer's request to cancel came too late: the cases had left their bins. */
    record CancellationRefused(OrderId orderId) implements OrderEvent {}

    /** The order has ended without title. The whole reservation is to be released. */
    record OrderEnded(OrderId orderId, PlanId planId, VaultId vaultId, EndReason reason) implements OrderEvent {}

    /**
     * The buyer is owed {@code amount}: {@code cases} cases of the order will not be delivered. Announced only: payment-service pays
     * back what the law says, by its own {@code ReceiptReturned}.
     */
    record RefundDue(
            OrderId orderId, PaymentId paymentId, RefundId refundId, Money amount, long cases, EndReason reason)
            implements OrderEvent {
        public RefundDue {
            Require.positive(amount, "amount");
            Require.positive(cases, "cases");
        }
    }

    /** Cases of a paid order whose sale was undone. */
    record CasesWithdrawn(OrderId orderId, PlanId planId, VaultId vaultId, List<TokenId> tokens) implements OrderEvent {
        public CasesWithdrawn {
            tokens = Require.some(tokens, "tokens");
        }
    }

    /** Every case that the order still covers has a new owner. */
    record OrderFulfilled(OrderId orderId, String buyer, long cases) implements OrderEvent {
        public OrderFulfilled {
            Require.text(buyer, "buyer");
            Require.positive(cases, "cases");
        }
    }

    enum EndReason {
        /** The buyer changed their mind. */
        BUYER,
        /** Nobody could say whether there are cases; only ever the reason of an {@link OrderEnded}. */
        RESERVATION_OVERDUE,
        PAYMENT_OVERDUE,
        /** Payment was made, but for another amount; it goes back. */
        PAYMENT_FAILED,
        /** The law let no sale be made of what was paid. */
        SALE_REFUSED,
        /** The warehouse has no sound case to release. */
        RELEASE_REFUSED
    }
}
