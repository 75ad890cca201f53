package io.jiucang.order;

import static io.jiucang.order.OrderRejected.Reason.AGE_NOT_PROVEN;
import static io.jiucang.order.OrderRejected.Reason.AGREEMENT_MISMATCH;
import static io.jiucang.order.OrderRejected.Reason.BUYER_LIMIT_EXCEEDED;
import static io.jiucang.order.OrderRejected.Reason.CANCELLATION_NOT_PENDING;
import static io.jiucang.order.OrderRejected.Reason.CANCELLATION_PENDING;
import static io.jiucang.order.OrderRejected.Reason.CANCELLATION_TOO_LATE;
import static io.jiucang.order.OrderRejected.Reason.CASES_NOT_COVERED;
import static io.jiucang.order.OrderRejected.Reason.CASES_OUTSTANDING;
import static io.jiucang.order.OrderRejected.Reason.ORDER_ENDED;
import static io.jiucang.order.OrderRejected.Reason.ORDER_EXISTS;
import static io.jiucang.order.OrderRejected.Reason.ORDER_NOT_CONFIRMED;
import static io.jiucang.order.OrderRejected.Reason.ORDER_NOT_PAID;
import static io.jiucang.order.OrderRejected.Reason.ORDER_NOT_PLACED;
import static io.jiucang.order.OrderRejected.Reason.ORDER_VOID;
import static io.jiucang.order.OrderRejected.Reason.PAY_BY_INVALID;
import static io.jiucang.order.OrderRejected.Reason.QUANTITY_INVALID;
import static io.jiucang.order.OrderRejected.Reason.SALE_CLOSED;
import static io.jiucang.order.OrderRejected.Reason.SALE_NOT_OPEN;
import static io.jiucang.order.OrderRejected.Reason.TOTAL_MISMATCH;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.OrderEvent.CancellationRefused;
import io.jiucang.events.OrderEvent.CasesWithdrawn;
import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.OrderEvent.PaymentOverdue;
import io.jiucang.events.OrderEvent.RefundDue;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.order.OrderCommand.CancelOrder;
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
import io.jiucang.order.OrderCommand.WithdrawCases;
import io.jiucang.title.Ruling;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/**
 * One purchase: {@code PLACED → CONFIRMED → PAID → FULFILLED}, or ended on its way as {@code DECLINED} or
 * {@code CANCELLED}.
 *
 * <p>A cancellation is only pending until whoever holds the next step has judged it: the vault while the order is
 * placed, the payment while it is confirmed, the law and the warehouse once it is paid.
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
    private Money total;
    private Instant payBy;
    private PaymentId paymentId;
    private Status status;
    private @Nullable EndReason pending;
    private boolean releaseBegun;
    private List<SerialRange> serials = List.of();
    private final Set<TokenId> withdrawn = new HashSet<>();

    @SuppressWarnings("NullAway.Init") // Axon makes it empty, then replays at least OrderPlaced.
    Order() {}

    /** What a buyer gets told before they pay; the law judges the statement again where it is anchored. */
    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(PlaceOrder command) {
        require(status == null, ORDER_EXISTS, "this statement placed an order before; sign a new one");
        Act.Offer offer = command.offer();
        Act.Order intent = command.intent().act();
        Instant now = command.now();
        require(!now.isBefore(offer.from()), SALE_NOT_OPEN, "the sale begins at " + offer.from());
        require(now.isBefore(offer.until()), SALE_CLOSED, "the sale ended at " + offer.until());
        require(intent.quantity() <= offer.count(), QUANTITY_INVALID, "more cases than are offered");
        require(
                intent.quantity() <= TokensSold.MOST_TOKENS,
                QUANTITY_INVALID,
                "more than the " + TokensSold.MOST_TOKENS + " cases that one sale has room for");
        require(
                intent.total().equals(offer.price().times(intent.quantity())),
                TOTAL_MISMATCH,
                "the offer's price times the quantity is " + offer.price().times(intent.quantity()));
        require(
                intent.agreement().equals(offer.agreement()),
                AGREEMENT_MISMATCH,
                "the offer's agreement has the hash " + offer.agreement());
        Instant iat = command.intent().spoken().iat();
        require(
                intent.payBy().isAfter(iat) && !intent.payBy().isAfter(iat.plusSeconds(offer.longestPayBy())),
                PAY_BY_INVALID,
                "payBy is at most " + offer.longestPayBy() + " seconds after iat");
        require(
                intent.quantity() <= offer.limit() - command.alreadyOrdered(),
                BUYER_LIMIT_EXCEEDED,
                "at most " + offer.limit() + " cases a buyer, of which you have " + command.alreadyOrdered());
        require(command.ageProven(), AGE_NOT_PROVEN, "only adults may buy liquor; prove your age to sign in with it");
        // The ledger's clock may not have come as far as ours, or not know the wallet yet.
        if (command.ruling() instanceof Ruling.Voided voided) {
            throw new OrderRejected(ORDER_VOID, voided + "; try again in a minute");
        }
        apply(new OrderPlaced(command.orderId(), command.statement()));
    }

    @CommandHandler
    void handle(ConfirmOrder command) {
        require(status == Status.PLACED, ORDER_NOT_PLACED, is());
        require(
                SerialRange.sizeOf(command.serials()) == quantity,
                CASES_NOT_COVERED,
                "the order is for " + quantity + " cases, not " + command.serials());
        if (pending != null) {
            apply(new OrderEnded(orderId, planId, vaultId, pending));
        } else {
            apply(new OrderConfirmed(orderId, paymentId, buyer, planId, vaultId, command.serials(), total, payBy));
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
        apply(new OrderEnded(
                orderId, planId, vaultId, Objects.requireNonNullElse(pending, EndReason.RESERVATION_OVERDUE)));
    }

    @CommandHandler
    void handle(GiveUpPayment command) {
        require(status == Status.CONFIRMED, ORDER_NOT_CONFIRMED, is());
        require(pending == null, CANCELLATION_PENDING, "the payment is asked already");
        apply(new PaymentOverdue(orderId));
    }

    @CommandHandler
    void handle(CancelOrder command) {
        require(!status.isFinal(), ORDER_ENDED, is());
        require(pending == null, CANCELLATION_PENDING, "it is being cancelled already");
        require(!releaseBegun, CANCELLATION_TOO_LATE, "cases have left their bins");
        apply(new OrderCancelled(orderId, command.statement()));
    }

    @CommandHandler
    void handle(RecordPayment command) {
        require(status == Status.CONFIRMED, ORDER_NOT_CONFIRMED, is());
        apply(new OrderPaid(orderId, command.paymentId()));
    }

    @CommandHandler
    void handle(CancelUnpaid command) {
        require(status == Status.CONFIRMED, ORDER_NOT_CONFIRMED, is());
        EndReason reason = switch (command.reason()) {
            case WRONG_AMOUNT -> EndReason.PAYMENT_FAILED;
            case LATE -> EndReason.PAYMENT_OVERDUE;
            case ORDER_CANCELLED -> requirePending();
        };
        apply(new OrderEnded(orderId, planId, vaultId, reason));
    }

    @CommandHandler
    void handle(CancelPaid command) {
        require(status == Status.PAID, ORDER_NOT_PAID, is());
        EndReason reason = Objects.requireNonNullElse(pending, EndReason.SALE_REFUSED);
        apply(new OrderEnded(orderId, planId, vaultId, reason));
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
        EndReason reason = Objects.requireNonNullElse(pending, EndReason.RELEASE_REFUSED);
        if (tokens.size() == casesOwed()) {
            apply(new OrderEnded(orderId, planId, vaultId, reason));
        } else {
            apply(new CasesWithdrawn(orderId, planId, vaultId, command.tokens()));
        }
        apply(refund(command.refundId(), tokens.size(), reason));
    }

    @CommandHandler
    void handle(FulfilOrder command) {
        require(status == Status.PAID, ORDER_NOT_PAID, is());
        require(command.cases() == casesOwed(), CASES_OUTSTANDING, casesOwed() + " cases are owed");
        apply(new OrderFulfilled(orderId, buyer, command.cases()));
    }

    @EventSourcingHandler
    void on(OrderPlaced event) {
        Statement<Act.Order> intent = Statements.read(event.statement(), Act.Order.class);
        orderId = event.orderId();
        paymentId = intent.paymentId();
        buyer = intent.spoken().sub();
        planId = intent.act().plan();
        vaultId = intent.act().vault();
        quantity = intent.act().quantity();
        total = intent.act().total();
        payBy = intent.act().payBy();
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
    void on(OrderCancelled event) {
        pending = EndReason.BUYER;
    }

    @EventSourcingHandler
    void on(PaymentOverdue event) {
        pending = EndReason.PAYMENT_OVERDUE;
    }

    @EventSourcingHandler
    void on(OrderPaid event) {
        status = Status.PAID;
        // The money came before the payment heard of its being overdue; the buyer's own wish goes on to the warehouse.
        if (pending == EndReason.PAYMENT_OVERDUE) {
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
    void on(OrderEnded event) {
        status = Status.CANCELLED;
    }

    @EventSourcingHandler
    void on(OrderFulfilled event) {
        status = Status.FULFILLED;
    }

    private RefundDue refund(RefundId refundId, long cases, EndReason reason) {
        Money amount = new Money(total.currency(), total.minorUnits() / quantity * cases);
        return new RefundDue(orderId, paymentId, refundId, amount, cases, reason);
    }

    private long casesOwed() {
        return quantity - withdrawn.size();
    }

    private boolean isOwed(TokenId token) {
        return token.vault().equals(vaultId)
                && serials.stream().anyMatch(range -> range.from() <= token.serial() && token.serial() <= range.to())
                && !withdrawn.contains(token);
    }

    private EndReason requirePending() {
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
