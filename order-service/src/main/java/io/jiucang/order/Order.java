package io.jiucang.order;

import static io.jiucang.order.OrderRejected.Reason.AGE_NOT_PROVEN;
import static io.jiucang.order.OrderRejected.Reason.AGREEMENT_MISMATCH;
import static io.jiucang.order.OrderRejected.Reason.AGREEMENT_OUTDATED;
import static io.jiucang.order.OrderRejected.Reason.BUYER_LIMIT_EXCEEDED;
import static io.jiucang.order.OrderRejected.Reason.CANCELLATION_NOT_PENDING;
import static io.jiucang.order.OrderRejected.Reason.CANCELLATION_PENDING;
import static io.jiucang.order.OrderRejected.Reason.CANCELLATION_TOO_LATE;
import static io.jiucang.order.OrderRejected.Reason.CASES_NOT_COVERED;
import static io.jiucang.order.OrderRejected.Reason.CASES_OUTSTANDING;
import static io.jiucang.order.OrderRejected.Reason.INTENT_MISMATCH;
import static io.jiucang.order.OrderRejected.Reason.ORDER_ENDED;
import static io.jiucang.order.OrderRejected.Reason.ORDER_NOT_CONFIRMED;
import static io.jiucang.order.OrderRejected.Reason.ORDER_NOT_PAID;
import static io.jiucang.order.OrderRejected.Reason.ORDER_NOT_PLACED;
import static io.jiucang.order.OrderRejected.Reason.QUANTITY_INVALID;
import static io.jiucang.order.OrderRejected.Reason.SALE_CLOSED;
import static io.jiucang.order.OrderRejected.Reason.SALE_NOT_OPEN;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.OrderEvent.CancellationReason;
import io.jiucang.events.OrderEvent.CancellationRefused;
import io.jiucang.events.OrderEvent.CancellationRequested;
import io.jiucang.events.OrderEvent.CasesWithdrawn;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.OrderEvent.RefundDue;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.order.OrderCommand.CancelPaid;
import io.jiucang.order.OrderCommand.CancelUnpaid;
import io.jiucang.order.OrderCommand.ConfirmOrder;
import io.jiucang.order.OrderCommand.DeclineOrder;
import io.jiucang.order.OrderCommand.FulfilOrder;
import io.jiucang.order.OrderCommand.GiveUpPayment;
import io.jiucang.order.OrderCommand.GiveUpReservation;
import io.jiucang.order.OrderCommand.PlaceOrder;
import io.jiucang.order.OrderCommand.RecordPayment;
import io.jiucang.order.OrderCommand.RefuseCancellation;
import io.jiucang.order.OrderCommand.RequestCancellation;
import io.jiucang.order.OrderCommand.WithdrawCases;
import io.jiucang.starter.wallet.Intent;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * One purchase: {@code PLACED → CONFIRMED → PAID → FULFILLED}, or ended on its way as {@code DECLINED} or
 * {@code CANCELLED}.
 *
 * <p>A cancellation is only pending until whoever holds the next step has judged it: the vault while the order is
 * placed, the payment while it is confirmed, the warehouse once it is paid.
 */
class Order {

    enum Status {
        PLACED,
        CONFIRMED,
        PAID,
        FULFILLED,
        DECLINED,
        CANCELLED;

        boolean isFinal() {
            return switch (this) {
                case PLACED, CONFIRMED, PAID -> false;
                case FULFILLED, DECLINED, CANCELLED -> true;
            };
        }
    }

    @AggregateIdentifier
    private OrderId orderId;

    private String buyer;
    private PlanId planId;
    private VaultId vaultId;
    private long quantity;
    private Money unitPrice;
    private Status status;
    private @Nullable CancellationReason pending;
    private boolean releaseBegun;
    private List<SerialRange> serials = List.of();
    private @Nullable PaymentId paymentId;
    private final Set<TokenId> withdrawn = new HashSet<>();

    @SuppressWarnings("NullAway.Init") // Axon makes it empty, then replays at least OrderPlaced.
    Order() {}

    @CommandHandler
    @SuppressWarnings("NullAway.Init") // apply() calls on(OrderPlaced) before it returns.
    Order(PlaceOrder command) {
        SalesPlan plan = command.plan();
        require(!command.now().isBefore(plan.saleFrom()), SALE_NOT_OPEN, "the sale begins at " + plan.saleFrom());
        require(command.now().isBefore(plan.saleUntil()), SALE_CLOSED, "the sale ended at " + plan.saleUntil());
        require(
                command.quantity() >= 1 && isPayable(plan.unitPrice(), command.quantity()),
                QUANTITY_INVALID,
                "not a number of cases: " + command.quantity());
        require(
                command.quantity() <= plan.perBuyerLimit() - command.alreadyOrdered(),
                BUYER_LIMIT_EXCEEDED,
                "at most " + plan.perBuyerLimit() + " cases a buyer, of which you have " + command.alreadyOrdered());
        require(command.ageProven(), AGE_NOT_PROVEN, "only adults may buy liquor; prove your age to sign in with it");
        require(
                command.agreement().version().equals(command.published().version()),
                AGREEMENT_OUTDATED,
                "the current agreement is " + command.published().version());
        require(
                command.agreement().sha256().equals(command.published().sha256()),
                AGREEMENT_MISMATCH,
                "this is not the hash of agreement " + command.published().version());
        requireIntentFor(command);
        apply(new OrderPlaced(
                command.orderId(),
                command.buyer(),
                plan.planId(),
                plan.vaultId(),
                command.quantity(),
                plan.unitPrice(),
                command.agreement(),
                command.intent().jws(),
                command.now()));
    }

    /** What the owner's device signed must be this very purchase on these very terms. */
    private static void requireIntentFor(PlaceOrder command) {
        Intent.Order signed = command.intent().order();
        require(
                signed != null
                        && signed.plan().equals(command.plan().planId().value())
                        && signed.quantity() == command.quantity(),
                INTENT_MISMATCH,
                "order.plan and order.quantity are not those of the request");
        require(
                command.agreement().sha256().equals(command.intent().terms()),
                INTENT_MISMATCH,
                "terms is not the hash of the agreement");
    }

    private static boolean isPayable(Money unitPrice, long quantity) {
        return quantity <= Long.MAX_VALUE / unitPrice.minorUnits();
    }

    @CommandHandler
    void handle(ConfirmOrder command) {
        require(status == Status.PLACED, ORDER_NOT_PLACED, is());
        require(
                SerialRange.sizeOf(command.serials()) == quantity,
                CASES_NOT_COVERED,
                "the order is for " + quantity + " cases, not " + command.serials());
        if (pending != null) {
            apply(new OrderCancelled(orderId, planId, vaultId, pending));
        } else {
            apply(new OrderConfirmed(
                    orderId, buyer, planId, vaultId, command.serials(), unitPrice.times(quantity), command.payBy()));
        }
    }

    @CommandHandler
    void handle(DeclineOrder command) {
        require(status == Status.PLACED, ORDER_NOT_PLACED, is());
        apply(new OrderDeclined(orderId, buyer, command.reason()));
    }

    @CommandHandler
    void handle(GiveUpReservation command) {
        require(status == Status.PLACED, ORDER_NOT_PLACED, is());
        apply(new OrderCancelled(
                orderId, planId, vaultId, Objects.requireNonNullElse(pending, CancellationReason.RESERVATION_OVERDUE)));
    }

    @CommandHandler
    void handle(GiveUpPayment command) {
        require(status == Status.CONFIRMED, ORDER_NOT_CONFIRMED, is());
        require(pending == null, CANCELLATION_PENDING, "the payment is asked already");
        apply(new CancellationRequested(orderId, CancellationReason.PAYMENT_OVERDUE, command.now()));
    }

    @CommandHandler
    void handle(RequestCancellation command) {
        require(!status.isFinal(), ORDER_ENDED, is());
        require(pending == null, CANCELLATION_PENDING, "it is being cancelled already");
        require(!releaseBegun, CANCELLATION_TOO_LATE, "cases have left their bins");
        apply(new CancellationRequested(orderId, CancellationReason.BUYER, command.now()));
    }

    @CommandHandler
    void handle(RecordPayment command) {
        require(status == Status.CONFIRMED, ORDER_NOT_CONFIRMED, is());
        apply(new OrderPaid(orderId, command.paymentId()));
    }

    @CommandHandler
    void handle(CancelUnpaid command) {
        require(status == Status.CONFIRMED, ORDER_NOT_CONFIRMED, is());
        CancellationReason reason = switch (command.reason()) {
            case WRONG_AMOUNT -> CancellationReason.PAYMENT_FAILED;
            case ORDER_CANCELLED -> requirePending();
        };
        apply(new OrderCancelled(orderId, planId, vaultId, reason));
    }

    @CommandHandler
    void handle(CancelPaid command) {
        require(status == Status.PAID, ORDER_NOT_PAID, is());
        CancellationReason reason = requirePending();
        apply(new OrderCancelled(orderId, planId, vaultId, reason));
        apply(refund(command.refundId(), casesOwed(), reason));
    }

    @CommandHandler
    void handle(RefuseCancellation command) {
        require(status == Status.PAID, ORDER_NOT_PAID, is());
        requirePending();
        apply(new CancellationRefused(orderId));
    }

    @CommandHandler
    void handle(WithdrawCases command) {
        require(status == Status.PAID, ORDER_NOT_PAID, is());
        Set<TokenId> tokens = Set.copyOf(command.tokens());
        require(tokens.stream().allMatch(this::isOwed), CASES_NOT_COVERED, "not all owed: " + command.tokens());
        if (tokens.size() == casesOwed()) {
            apply(new OrderCancelled(orderId, planId, vaultId, CancellationReason.RELEASE_REFUSED));
        } else {
            apply(new CasesWithdrawn(orderId, planId, vaultId, command.tokens()));
        }
        apply(refund(command.refundId(), tokens.size(), CancellationReason.RELEASE_REFUSED));
    }

    @CommandHandler
    void handle(FulfilOrder command) {
        require(status == Status.PAID, ORDER_NOT_PAID, is());
        require(command.cases() == casesOwed(), CASES_OUTSTANDING, casesOwed() + " cases are owed");
        apply(new OrderFulfilled(orderId, buyer, command.cases()));
    }

    @EventSourcingHandler
    void on(OrderPlaced event) {
        orderId = event.orderId();
        buyer = event.buyer();
        planId = event.planId();
        vaultId = event.vaultId();
        quantity = event.quantity();
        unitPrice = event.unitPrice();
        status = Status.PLACED;
    }

    @EventSourcingHandler
    void on(OrderConfirmed event) {
        status = Status.CONFIRMED;
        serials = event.serials();
    }

    @EventSourcingHandler
    void on(OrderDeclined event) {
        status = Status.DECLINED;
    }

    @EventSourcingHandler
    void on(CancellationRequested event) {
        pending = event.reason();
    }

    @EventSourcingHandler
    void on(OrderPaid event) {
        status = Status.PAID;
        paymentId = event.paymentId();
        // The money came before the payment heard of its being overdue; the buyer's own wish goes on to the warehouse.
        if (pending == CancellationReason.PAYMENT_OVERDUE) {
            pending = null;
        }
    }

    @EventSourcingHandler
    void on(CancellationRefused event) {
        pending = null;
        releaseBegun = true;
    }

    @EventSourcingHandler
    void on(CasesWithdrawn event) {
        withdrawn.addAll(event.tokens());
    }

    @EventSourcingHandler
    void on(OrderCancelled event) {
        status = Status.CANCELLED;
    }

    @EventSourcingHandler
    void on(OrderFulfilled event) {
        status = Status.FULFILLED;
    }

    private RefundDue refund(RefundId refundId, long cases, CancellationReason reason) {
        return new RefundDue(
                orderId, Objects.requireNonNull(paymentId), refundId, unitPrice.times(cases), cases, reason);
    }

    private long casesOwed() {
        return quantity - withdrawn.size();
    }

    private boolean isOwed(TokenId token) {
        return token.vault().equals(vaultId)
                && serials.stream().anyMatch(range -> range.from() <= token.serial() && token.serial() <= range.to())
                && !withdrawn.contains(token);
    }

    private CancellationReason requirePending() {
        if (pending == null) {
            throw new OrderRejected(CANCELLATION_NOT_PENDING, "nobody asked to cancel it");
        }
        return pending;
    }

    private String is() {
        return "the order is " + status;
    }

    private static void require(boolean condition, OrderRejected.Reason reason, String detail) {
        if (!condition) {
            throw new OrderRejected(reason, detail);
        }
    }
}
