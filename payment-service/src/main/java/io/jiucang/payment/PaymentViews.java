package io.jiucang.payment;

import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.PaymentDue;
import io.jiucang.events.PaymentEvent.PaymentOpened;
import io.jiucang.events.PaymentEvent.RefundCompleted;
import io.jiucang.events.PaymentEvent.RefundFailed;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.PaymentEvent.RefundRequested;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.payment.Payment.Status;
import io.jiucang.payment.PaymentProvider.Capture;
import io.jiucang.payment.PaymentProvider.Movement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.axonframework.eventhandling.EventHandler;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Payments, captures and refunds, to be read. */
@Component
class PaymentViews {

    private static final String SELECT_REFUND = """
            select r.*, p.order_id, c.amount as captured
            from refund_view r join payment_view p using (payment_id) join payment_capture c using (transaction_id)
            """;

    private final JdbcClient jdbc;

    PaymentViews(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<PaymentView> find(PaymentId paymentId) {
        return one("payment_id", paymentId.value());
    }

    /** An order has one payment, once it is confirmed. */
    Optional<PaymentView> ofOrder(OrderId orderId) {
        return one("order_id", orderId.value());
    }

    private Optional<PaymentView> one(String column, String id) {
        return whole(jdbc.sql("select * from payment_view where " + column + " = ?")
                        .param(id)
                        .query(PaymentViews::payment)
                        .list())
                .stream()
                .findFirst();
    }

    boolean knows(PaymentId paymentId) {
        return jdbc.sql("select exists (select from payment_view where payment_id = ?)")
                .param(paymentId.value())
                .query(Boolean.class)
                .single();
    }

    /** For one that must be there. */
    PaymentView get(PaymentId paymentId) {
        return find(paymentId).orElseThrow(() -> new IllegalStateException("no payment " + paymentId));
    }

    /** Oldest first, after {@code position}. */
    List<PaymentView> list(@Nullable Status status, long position, int limit) {
        return whole(jdbc.sql("""
                        select * from payment_view
                        where position > :position and (:status = '' or status = :status)
                        order by position limit :limit""")
                .params(Map.of("position", position, "status", status == null ? "" : status.name(), "limit", limit))
                .query(PaymentViews::payment)
                .list());
    }

    Optional<RefundView> findRefund(RefundId refundId) {
        return jdbc.sql(SELECT_REFUND + "where r.refund_id = ?")
                .param(refundId.value())
                .query(PaymentViews::refund)
                .optional();
    }

    /** For one that must be there. */
    RefundView getRefund(RefundId refundId) {
        return findRefund(refundId).orElseThrow(() -> new IllegalStateException("no refund " + refundId));
    }

    /** Oldest first, after {@code position}. */
    List<RefundView> listRefunds(RefundView.@Nullable Status status, long position, int limit) {
        return jdbc.sql(SELECT_REFUND + """
                        where r.position > :position and (:status = '' or r.status = :status)
                        order by r.position limit :limit""")
                .params(Map.of("position", position, "status", status == null ? "" : status.name(), "limit", limit))
                .query(PaymentViews::refund)
                .list();
    }

    /** What was captured by the provider's number, or has been paid back by ours. */
    Optional<Money> amount(Movement movement, String id) {
        String sql = switch (movement) {
            case CAPTURE -> "select currency, amount from payment_capture where transaction_id = ?";
            case REFUND -> "select currency, amount from refund_view where refund_id = ? and completed_at is not null";
        };
        return jdbc.sql(sql)
                .param(id)
                .query((row, number) -> money(row, "amount"))
                .optional();
    }

    Map<String, Money> captured(Instant from, Instant until) {
        return amounts("""
                select transaction_id as id, currency, amount from payment_capture
                where captured_at >= ? and captured_at < ?""", from, until);
    }

    /** By when we heard of it. */
    Map<String, Money> refunded(Instant from, Instant until) {
        return amounts("""
                select refund_id as id, currency, amount from refund_view
                where completed_at >= ? and completed_at < ?""", from, until);
    }

    private Map<String, Money> amounts(String sql, Instant from, Instant until) {
        Map<String, Money> amounts = new HashMap<>();
        jdbc.sql(sql).params(Timestamp.from(from), Timestamp.from(until)).query(row -> {
            amounts.put(row.getString("id"), money(row, "amount"));
        });
        return amounts;
    }

    @EventHandler
    void on(PaymentDue event) {
        jdbc.sql("""
                        insert into payment_view (payment_id, order_id, buyer, currency, amount, status, pay_by)
                        values (?, ?, ?, ?, ?, ?, ?)""")
                .param(event.paymentId().value())
                .param(event.orderId().value())
                .param(event.buyer())
                .param(event.amount().currency().getCurrencyCode())
                .param(event.amount().minorUnits())
                .param(Status.DUE.name())
                .param(Timestamp.from(event.payBy()))
                .update();
    }

    @EventHandler
    void on(PaymentOpened event) {
        jdbc.sql("update payment_view set status = ?, provider = ?, code_url = ? where payment_id = ?")
                .params(
                        Status.OPENED.name(),
                        event.provider(),
                        event.codeUrl(),
                        event.paymentId().value())
                .update();
    }

    @EventHandler
    void on(PaymentCaptured event) {
        jdbc.sql("""
                        insert into payment_capture
                            (transaction_id, payment_id, currency, amount, captured_at, receipt)
                        values (?, ?, ?, ?, ?, ?)""")
                .param(event.transactionId())
                .param(event.paymentId().value())
                .param(event.amount().currency().getCurrencyCode())
                .param(event.amount().minorUnits())
                .param(Timestamp.from(event.capturedAt()))
                .param(event.receipt())
                .update();
    }

    @EventHandler
    void on(SaleRecorded event) {
        jdbc.sql("update payment_view set status = ? where payment_id = ?")
                .params(Status.PAID.name(), event.paymentId().value())
                .update();
    }

    @EventHandler
    void on(PaymentClosed event) {
        jdbc.sql("update payment_view set status = ?, closing_reason = ? where payment_id = ?")
                .params(
                        Status.CLOSED.name(),
                        event.reason().name(),
                        event.paymentId().value())
                .update();
    }

    /** Told once more when an operator retries it. */
    @EventHandler
    void on(RefundRequested event) {
        jdbc.sql("""
                        insert into refund_view
                            (refund_id, payment_id, transaction_id, currency, amount, reason, status)
                        values (?, ?, ?, ?, ?, ?, ?)
                        on conflict (refund_id) do update set status = excluded.status, provider_reason = null""")
                .param(event.refundId().value())
                .param(event.paymentId().value())
                .param(event.transactionId())
                .param(event.amount().currency().getCurrencyCode())
                .param(event.amount().minorUnits())
                .param(event.reason().name())
                .param(RefundView.Status.REQUESTED.name())
                .update();
    }

    @EventHandler
    void on(RefundCompleted event, @org.axonframework.eventhandling.Timestamp Instant at) {
        jdbc.sql("""
                        update refund_view set status = ?, provider_reason = null, completed_at = ?
                        where refund_id = ?""")
                .params(
                        RefundView.Status.COMPLETED.name(),
                        Timestamp.from(at),
                        event.refundId().value())
                .update();
    }

    @EventHandler
    void on(RefundFailed event) {
        jdbc.sql("update refund_view set status = ?, provider_reason = ? where refund_id = ?")
                .params(
                        RefundView.Status.FAILED.name(),
                        event.providerReason(),
                        event.refundId().value())
                .update();
    }

    /** Row by row would take a second connection while the first is read from. */
    private List<PaymentView> whole(List<PaymentView> payments) {
        String[] ids =
                payments.stream().map(payment -> payment.paymentId().value()).toArray(String[]::new);
        Map<String, List<Capture>> captures = new HashMap<>();
        jdbc.sql("select * from payment_capture where payment_id = any(?) order by captured_at, transaction_id")
                .param(ids)
                .query(row -> {
                    captures.computeIfAbsent(row.getString("payment_id"), id -> new ArrayList<>())
                            .add(capture(row));
                });
        Map<PaymentId, List<RefundView>> refunds = jdbc
                .sql(SELECT_REFUND + "where r.payment_id = any(?) order by r.position")
                .param(ids)
                .query(PaymentViews::refund)
                .list()
                .stream()
                .collect(Collectors.groupingBy(RefundView::paymentId));
        return payments.stream()
                .map(payment -> payment.with(
                        captures.getOrDefault(payment.paymentId().value(), List.of()),
                        refunds.getOrDefault(payment.paymentId(), List.of())))
                .toList();
    }

    private static PaymentView payment(ResultSet row, int number) throws SQLException {
        String closingReason = row.getString("closing_reason");
        return new PaymentView(
                row.getLong("position"),
                new PaymentId(row.getString("payment_id")),
                new OrderId(row.getString("order_id")),
                row.getString("buyer"),
                money(row, "amount"),
                Status.valueOf(row.getString("status")),
                row.getTimestamp("pay_by").toInstant(),
                row.getString("provider"),
                row.getString("code_url"),
                closingReason == null ? null : ClosingReason.valueOf(closingReason),
                List.of(),
                List.of());
    }

    private static Capture capture(ResultSet row) throws SQLException {
        return new Capture(
                row.getString("transaction_id"),
                money(row, "amount"),
                row.getTimestamp("captured_at").toInstant(),
                row.getString("receipt"));
    }

    private static RefundView refund(ResultSet row, int number) throws SQLException {
        return new RefundView(
                row.getLong("position"),
                new RefundId(row.getString("refund_id")),
                new PaymentId(row.getString("payment_id")),
                new OrderId(row.getString("order_id")),
                money(row, "amount"),
                RefundReason.valueOf(row.getString("reason")),
                row.getString("transaction_id"),
                money(row, "captured"),
                RefundView.Status.valueOf(row.getString("status")),
                row.getString("provider_reason"));
    }

    private static Money money(ResultSet row, String amount) throws SQLException {
        return new Money(Currency.getInstance(row.getString("currency")), row.getLong(amount));
    }
}
