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
     * A buyer asks for cases.
     *
     * @param agreement the custody agreement the buyer accepted
     * @param intent the buyer's signed intent, a compact JWS (ES256)
     */
    record OrderPlaced(
            OrderId orderId,
            String buyer,
            PlanId planId,
            VaultId vaultId,
            long quantity,
            Money unitPrice,
            CustodyAgreement agreement,
            String intent,
            Instant placedAt)
            implements OrderEvent {
        public OrderPlaced {
            Require.text(buyer, "buyer");
            Require.text(intent, "intent");
            Require.positive(quantity, "quantity");
            Require.positive(unitPrice, "unitPrice");
        }
    }

    /** The cases are reserved; the buyer owes {@code total} until {@code payBy}. */
    record OrderConfirmed(
            OrderId orderId,
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
     * The order shall end, if the payment (or, once paid, the warehouse) has not gone past it: whoever holds the next
     * step decides, so that a payment and a cancellation never both win.
     */
    record CancellationRequested(OrderId orderId, CancellationReason reason, Instant requestedAt)
            implements OrderEvent {}

    record OrderPaid(OrderId orderId, PaymentId paymentId) implements OrderEvent {}

    /** The buyer's request to cancel came too late: the cases had left their bins. */
    record CancellationRefused(OrderId orderId) implements OrderEvent {}

    /** The order has ended without title. The whole reservation is to be released. */
    record OrderCancelled(OrderId orderId, PlanId planId, VaultId vaultId, CancellationReason reason)
            implements OrderEvent {}

    /** The payment service shall pay back {@code amount}: {@code cases} cases of the order will not be delivered. */
    record RefundDue(
            OrderId orderId,
            PaymentId paymentId,
            RefundId refundId,
            Money amount,
            long cases,
            CancellationReason reason)
            implements OrderEvent {
        public RefundDue {
            Require.positive(amount, "amount");
            Require.positive(cases, "cases");
        }
    }

    /** Cases of a paid order that the warehouse could not supply; their serials are to be released. */
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

    enum CancellationReason {
        /** The buyer changed their mind. */
        BUYER,
        /** Nobody could say whether there are cases; only ever the reason of an {@link OrderCancelled}. */
        RESERVATION_OVERDUE,
        PAYMENT_OVERDUE,
        /** Payment was made, but for another amount; it goes back. */
        PAYMENT_FAILED,
        /** The warehouse has no sound case to release. */
        RELEASE_REFUSED
    }

    /**
     * The custody agreement 委托仓储协议 a buyer accepted.
     *
     * @param version as published, such as {@code 2026-01}
     * @param sha256 lower-case hex SHA-256 of the published text's UTF-8 bytes
     */
    record CustodyAgreement(String version, String sha256) {
        public CustodyAgreement {
            Require.text(version, "version");
            Require.sha256(sha256, "sha256");
        }
    }
}
