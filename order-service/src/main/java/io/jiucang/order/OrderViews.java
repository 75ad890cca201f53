package io.jiucang.order;

import io.jiucang.events.EventJson;
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
import io.jiucang.events.PaymentEvent.RefundCompleted;
import io.jiucang.events.PaymentEvent.RefundFailed;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.PaymentEvent.RefundRequested;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.VaultId;
import io.jiucang.order.Order.Status;
import io.jiucang.order.OrderView.Refund;
import io.jiucang.order.OrderView.RefundStatus;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The orders as their buyers see them. */
@Component
class OrderViews {

    /** PostgreSQL channel on which every change of an order but its first is told, by its id, at commit. */
    static final String CHANGES = "order_changed";

    private static final String SELECT = """
            select o.*, (
                select coalesce(json_agg(json_build_object(
                    'refundId', r.refund_id,
                    'amount', json_build_object('currency', r.currency, 'minorUnits', r.amount),
                    'reason', r.reason,
                    'status', r.status) order by r.refund_id), '[]')
                from order_refund r where r.order_id = o.order_id)::text as refunds
            from order_view o
            """;

    /** Unlike an event, what we wrote ourselves may leave something out. */
    private static final JsonMapper JSON = EventJson.mapper()
            .rebuild()
            .disable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .build();

    private final JdbcClient jdbc;

    OrderViews(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<OrderView> find(OrderId orderId) {
        return jdbc.sql(SELECT + "where o.order_id = ?")
                .param(orderId.value())
                .query(OrderViews::order)
                .optional();
    }

    /** The buyer's orders before {@code position}, newest first; from the newest if it is 0. */
    List<OrderView> ofBuyer(String buyer, long position, int limit) {
        return jdbc.sql(SELECT + """
                        where o.buyer = :buyer and (:position = 0 or o.position < :position)
                        order by o.position desc limit :limit""")
                .params(Map.of("buyer", buyer, "position", position, "limit", limit))
                .query(OrderViews::order)
                .list();
    }

    /** Cases of the plan that the buyer has, or may still get, by orders that were not called off. */
    long casesOrdered(String buyer, PlanId planId) {
        return jdbc.sql("""
                        select coalesce(sum(quantity - withdrawn), 0) from order_view
                        where buyer = ? and plan_id = ? and status not in ('DECLINED', 'CANCELLED')""").params(buyer, planId.value()).query(Long.class).single();
    }

    /** Tells no channel: nobody can be watching yet, and notifications would make all commits queue for one another. */
    @EventHandler
    void on(OrderPlaced event, @org.axonframework.eventhandling.Timestamp Instant at) {
        Statement<Act.Order> intent = Statements.read(event.statement(), Act.Order.class);
        Act.Order order = intent.act();
        jdbc.sql("""
                        insert into order_view
                            (order_id, payment_id, buyer, plan_id, vault_id, quantity, currency, total, pay_by, status,
                                placed_at)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                .param(event.orderId().value())
                .param(intent.paymentId().value())
                .param(intent.spoken().sub())
                .param(order.plan().value())
                .param(order.vault().value())
                .param(order.quantity())
                .param(order.total().currency().getCurrencyCode())
                .param(order.total().minorUnits())
                .param(Timestamp.from(order.payBy()))
                .param(Status.PLACED.name())
                .param(Timestamp.from(at))
                .update();
    }

    @EventHandler
    void on(OrderConfirmed event) {
        change(
                event.orderId(),
                "status = 'CONFIRMED', serials = :serials::jsonb",
                Map.of("serials", JSON.writeValueAsString(event.serials())));
    }

    @EventHandler
    void on(OrderPaid event) {
        change(event.orderId(), """
                status = 'PAID', cancellation_requested = nullif(cancellation_requested, 'PAYMENT_OVERDUE')""", Map.of());
    }

    @EventHandler
    void on(OrderFulfilled event) {
        change(event.orderId(), "status = 'FULFILLED', cancellation_requested = null", Map.of());
    }

    @EventHandler
    void on(OrderDeclined event) {
        change(
                event.orderId(),
                "status = 'DECLINED', end_reason = :reason, cancellation_requested = null",
                Map.of("reason", event.reason().name()));
    }

    @EventHandler
    void on(OrderEnded event) {
        change(
                event.orderId(),
                "status = 'CANCELLED', end_reason = :reason, cancellation_requested = null",
                Map.of("reason", event.reason().name()));
    }

    @EventHandler
    void on(OrderCancelled event) {
        cancel(event.orderId(), EndReason.BUYER);
    }

    @EventHandler
    void on(PaymentOverdue event) {
        cancel(event.orderId(), EndReason.PAYMENT_OVERDUE);
    }

    private void cancel(OrderId orderId, EndReason reason) {
        change(orderId, "cancellation_requested = :reason", Map.of("reason", reason.name()));
    }

    @EventHandler
    void on(CancellationRefused event) {
        change(event.orderId(), "cancellation_requested = null, cancellation_refused = true", Map.of());
    }

    @EventHandler
    void on(CasesWithdrawn event) {
        change(
                event.orderId(),
                "withdrawn = withdrawn + :cases",
                Map.of("cases", event.tokens().size()));
    }

    /**
     * Announced, not decided: payment-service pays back by the law, and may have been quicker; the whole receipt goes back under an
     * id of its own.
     */
    @EventHandler
    void on(RefundDue event) {
        boolean asked = jdbc.sql("select exists (select from order_refund where order_id = ? and amount = ?)")
                .params(event.orderId().value(), event.amount().minorUnits())
                .query(Boolean.class)
                .single();
        if (!asked) {
            refund(event.orderId(), event.refundId(), event.amount(), null, RefundStatus.DUE);
        }
    }

    @EventHandler
    void on(RefundRequested event) {
        jdbc.sql("""
                        delete from order_refund
                        where order_id = ? and amount = ? and status = 'DUE' and refund_id <> ?""")
                .params(
                        event.orderId().value(),
                        event.amount().minorUnits(),
                        event.refundId().value())
                .update();
        refund(event.orderId(), event.refundId(), event.amount(), event.reason(), RefundStatus.REQUESTED);
    }

    @EventHandler
    void on(RefundCompleted event) {
        settle(event.orderId(), event.refundId(), RefundStatus.COMPLETED);
    }

    @EventHandler
    void on(RefundFailed event) {
        settle(event.orderId(), event.refundId(), RefundStatus.FAILED);
    }

    private void refund(
            OrderId orderId, RefundId refundId, Money amount, @Nullable RefundReason reason, RefundStatus status) {
        jdbc.sql("""
                        insert into order_refund (refund_id, order_id, currency, amount, reason, status)
                        values (?, ?, ?, ?, ?, ?)
                        on conflict (refund_id) do update set reason = excluded.reason, status = excluded.status""")
                .param(refundId.value())
                .param(orderId.value())
                .param(amount.currency().getCurrencyCode())
                .param(amount.minorUnits())
                .param(reason == null ? null : reason.name())
                .param(status.name())
                .update();
        change(orderId, "", Map.of());
    }

    private void settle(OrderId orderId, RefundId refundId, RefundStatus status) {
        jdbc.sql("update order_refund set status = ? where refund_id = ?")
                .params(status.name(), refundId.value())
                .update();
        change(orderId, "", Map.of());
    }

    private void change(OrderId orderId, String assignments, Map<String, ?> values) {
        jdbc.sql("""
                        with changed as (
                            update order_view set %s version = version + 1 where order_id = :orderId returning order_id)
                        select pg_notify('%s', order_id)::text from changed""".formatted(assignments.isEmpty() ? "" : assignments + ",", CHANGES))
                .params(values)
                .param("orderId", orderId.value())
                .query(String.class)
                .single();
    }

    private static OrderView order(ResultSet row, int number) throws SQLException {
        Money total = new Money(Currency.getInstance(row.getString("currency")), row.getLong("total"));
        long quantity = row.getLong("quantity");
        String requested = row.getString("cancellation_requested");
        return new OrderView(
                row.getLong("position"),
                new OrderId(row.getString("order_id")),
                new PaymentId(row.getString("payment_id")),
                row.getString("buyer"),
                new PlanId(row.getString("plan_id")),
                new VaultId(row.getString("vault_id")),
                quantity,
                new Money(total.currency(), total.minorUnits() / quantity),
                total,
                row.getTimestamp("pay_by").toInstant(),
                Status.valueOf(row.getString("status")),
                row.getString("end_reason"),
                requested == null ? null : EndReason.valueOf(requested),
                row.getBoolean("cancellation_refused"),
                JSON.readValue(row.getString("serials"), new TypeReference<List<SerialRange>>() {}),
                row.getLong("withdrawn"),
                JSON.readValue(row.getString("refunds"), new TypeReference<List<Refund>>() {}),
                row.getTimestamp("placed_at").toInstant(),
                row.getLong("version"));
    }
}
