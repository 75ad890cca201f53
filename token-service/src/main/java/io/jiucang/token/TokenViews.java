package io.jiucang.token;

import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventTypes;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.BoxCodeAttached;
import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenBurned;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.starter.web.Page;
import io.jiucang.token.TokenView.State;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.EventMessage;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Every owner's cellar, and the life of every token that has one. */
@Component
class TokenViews {

    static final int PAGE_SIZE = 50;

    /** Stands for every serial of a vault, so that minting a hundred thousand tokens is one row. */
    private static final long WHOLE_VAULT = 0;

    private static final String SELECT = """
            select t.*, p.name, p.site from token t join sales_plan p on p.plan_id = t.plan_id""";

    private static final Map<String, State> STATE_AFTER = Map.of(
            EventTypes.typeOf(TokensMinted.class), State.MINTED,
            EventTypes.typeOf(TokensReserved.class), State.RESERVED,
            EventTypes.typeOf(ReservationReleased.class), State.MINTED,
            EventTypes.typeOf(TokensSold.class), State.SOLD,
            EventTypes.typeOf(TokenGranted.class), State.HELD);

    private final JdbcClient jdbc;
    private final JsonMapper json;

    TokenViews(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /** What the owner holds, or had delivered, in the order the cases left their bins. */
    Page<TokenView> cellar(String owner, @Nullable String cursor) {
        List<Row> rows = jdbc.sql(SELECT + " where t.owner = ? and t.position > ? order by t.position limit ?")
                .params(owner, Page.after(cursor), PAGE_SIZE)
                // Who owns it was granted it.
                .query((row, number) -> row(row, State.HELD))
                .list();
        Page<Row> page = Page.of(rows, PAGE_SIZE, Row::position);
        return new Page<>(page.items().stream().map(Row::token).toList(), page.next());
    }

    /** Whose token it is and by which order. */
    Optional<Title> title(TokenId tokenId) {
        return jdbc.sql("select owner, order_id from token where token_id = ? and owner is not null")
                .param(tokenId.toString())
                .query((row, number) -> new Title(row.getString(1), new OrderId(row.getString(2))))
                .optional();
    }

    /** The token, whether or not it ever left its vault; empty if it was never minted. */
    Optional<TokenView> find(TokenId tokenId) {
        State untilGranted = state(tokenId);
        Optional<TokenView> individual = jdbc.sql(SELECT + " where t.token_id = ?")
                .param(tokenId.toString())
                .query((row, number) -> row(row, untilGranted))
                .optional()
                .map(Row::token);
        return individual.or(() -> jdbc.sql("""
                        select plan_id, name, site from sales_plan where vault_id = ? and cases >= ?""")
                .params(tokenId.vault().value(), tokenId.serial())
                .query((row, number) -> new TokenView(
                        tokenId,
                        new PlanId(row.getString(1)),
                        name(row.getString(2)),
                        untilGranted,
                        row.getString(3),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null))
                .optional());
    }

    /**
     * The token's life, oldest first.
     *
     * @param orderId leaves out what the token went through with other orders, which is those buyers' own affair
     */
    List<Happening> history(TokenId tokenId, @Nullable OrderId orderId) {
        return jdbc.sql("""
                        select type, event_id, happened_at from token_history
                        where vault_id = :vault and serial in (:all, :serial)
                            and (:order::text is null or order_id is null or order_id = :order)
                        order by happened_at, position""")
                .param("vault", tokenId.vault().value())
                .param("all", WHOLE_VAULT)
                .param("serial", tokenId.serial())
                .param("order", orderId == null ? null : orderId.value())
                .query((row, number) -> new Happening(
                        row.getString(1), row.getString(2), row.getTimestamp(3).toInstant()))
                .list();
    }

    record Title(String owner, OrderId orderId) {}

    record Happening(String type, String eventId, Instant at) {}

    @EventHandler
    void on(SalesPlanCreated event, EventMessage<?> message) {
        happenedToAll(event.vaultId(), message);
    }

    @EventHandler
    void on(VaultOpened event, EventMessage<?> message) {
        happenedToAll(event.vaultId(), message);
    }

    @EventHandler
    void on(TokensMinted event, EventMessage<?> message) {
        happenedToAll(event.vaultId(), message);
    }

    @EventHandler
    void on(TokensReserved event, EventMessage<?> message) {
        happened(event.vaultId(), event.serials(), event.orderId(), message);
    }

    @EventHandler
    void on(ReservationReleased event, EventMessage<?> message) {
        happened(event.vaultId(), event.serials(), event.orderId(), message);
    }

    @EventHandler
    void on(SaleRecorded event, EventMessage<?> message) {
        happened(event.vaultId(), event.serials(), event.orderId(), message);
    }

    @EventHandler
    void on(TokensSold event, EventMessage<?> message) {
        happened(event.vaultId(), event.serials(), event.orderId(), message);
    }

    @EventHandler
    void on(CasesReleased event, EventMessage<?> message) {
        Serials serials = Serials.of(
                event.vaultId(),
                event.cases().stream().map(ReleasedCase::tokenId).toList());
        happened(event.vaultId(), serials.ranges(), event.orderId(), message);
    }

    /** Fails if another token has the box code: a case stands for one token only, whatever a warehouse says. */
    @EventHandler
    void on(BoxCodeAttached event, EventMessage<?> message) {
        TokenId tokenId = event.tokenId();
        happened(tokenId.vault(), only(tokenId), event.orderId(), message);
        jdbc.sql("insert into token (token_id, plan_id, order_id, box_code) values (?, ?, ?, ?)")
                .params(
                        tokenId.toString(),
                        event.planId().value(),
                        event.orderId().value(),
                        event.boxCode().toString())
                .update();
    }

    @EventHandler
    void on(TokenGranted event, EventMessage<?> message) {
        TokenId tokenId = event.tokenId();
        happened(tokenId.vault(), only(tokenId), event.orderId(), message);
        jdbc.sql("""
                        update token set owner = ?, granted_at = ?, sale_event_id = ?, sale_index = ?, sale_tree_size = ?,
                            release_event_id = ?, release_index = ?, release_tree_size = ? where token_id = ?""")
                .params(List.of(
                        event.owner(),
                        time(message),
                        event.sale().eventId(),
                        event.sale().index(),
                        event.sale().treeSize(),
                        event.release().eventId(),
                        event.release().index(),
                        event.release().treeSize(),
                        tokenId.toString()))
                .update();
    }

    @EventHandler
    void on(PickupAuthorised event, EventMessage<?> message) {
        event.tokens().forEach(token -> happened(token.tokenId(), message));
    }

    @EventHandler
    void on(TokenLocked event, EventMessage<?> message) {
        happened(event.tokenId(), message);
        jdbc.sql("update token set pickup_id = ? where token_id = ?")
                .params(event.pickupId().value(), event.tokenId().toString())
                .update();
    }

    @EventHandler
    void on(TokenLockRefused event, EventMessage<?> message) {
        happened(event.tokenId(), message);
    }

    @EventHandler
    void on(TokenUnlocked event, EventMessage<?> message) {
        happened(event.tokenId(), message);
        jdbc.sql("update token set pickup_id = null where token_id = ?")
                .param(event.tokenId().toString())
                .update();
    }

    @EventHandler
    void on(DeliveryCompleted event, EventMessage<?> message) {
        event.cases().forEach(delivered -> happened(delivered.tokenId(), message));
    }

    @EventHandler
    void on(TokenBurned event, EventMessage<?> message) {
        happened(event.tokenId(), message);
        jdbc.sql("""
                        update token set burned_at = ?, delivery_event_id = ?, delivery_index = ?, delivery_tree_size = ?
                        where token_id = ?""")
                .params(
                        time(message),
                        event.delivery().eventId(),
                        event.delivery().index(),
                        event.delivery().treeSize(),
                        event.tokenId().toString())
                .update();
    }

    private static List<SerialRange> only(TokenId tokenId) {
        return List.of(new SerialRange(tokenId.serial(), tokenId.serial()));
    }

    private void happenedToAll(VaultId vaultId, EventMessage<?> message) {
        insert(vaultId, new Long[] {WHOLE_VAULT}, new Long[] {WHOLE_VAULT}, null, message);
    }

    private void happened(TokenId tokenId, EventMessage<?> message) {
        happened(tokenId.vault(), only(tokenId), null, message);
    }

    private void happened(
            VaultId vaultId, List<SerialRange> serials, @Nullable OrderId orderId, EventMessage<?> message) {
        insert(
                vaultId,
                serials.stream().map(SerialRange::from).toArray(Long[]::new),
                serials.stream().map(SerialRange::to).toArray(Long[]::new),
                orderId,
                message);
    }

    private void insert(VaultId vaultId, Long[] from, Long[] to, @Nullable OrderId orderId, EventMessage<?> message) {
        jdbc.sql("""
                        insert into token_history (vault_id, serial, order_id, event_id, type, happened_at)
                        select :vault, serial, :order, :event, :type, :at
                        from unnest(:from::bigint[], :to::bigint[]) as range (first, last),
                            generate_series(range.first, range.last) as serial
                        on conflict do nothing""")
                .param("vault", vaultId.value())
                .param("order", orderId == null ? null : orderId.value())
                .param("event", message.getIdentifier())
                .param("type", EventTypes.typeOf(message.getPayloadType().asSubclass(DomainEvent.class)))
                .param("at", time(message))
                .param("from", from)
                .param("to", to)
                .update();
    }

    /** In whole seconds, as signed: what is stored of an event is less fine than what it had when it happened. */
    private static Timestamp time(EventMessage<?> message) {
        return Timestamp.from(message.getTimestamp().truncatedTo(ChronoUnit.SECONDS));
    }

    private State state(TokenId tokenId) {
        return history(tokenId, null).stream()
                .map(happening -> STATE_AFTER.get(happening.type))
                .filter(Objects::nonNull)
                .reduce(State.MINTED, (before, after) -> after);
    }

    private Row row(ResultSet row, State untilGranted) throws SQLException {
        TokenId tokenId = TokenId.parse(row.getString("token_id"));
        Timestamp granted = row.getTimestamp("granted_at");
        Timestamp burned = row.getTimestamp("burned_at");
        String pickup = row.getString("pickup_id");
        return new Row(
                row.getLong("position"),
                new TokenView(
                        tokenId,
                        new PlanId(row.getString("plan_id")),
                        name(row.getString("name")),
                        state(untilGranted, granted, pickup, burned),
                        row.getString("site"),
                        BoxCode.parse(row.getString("box_code")),
                        granted == null ? null : granted.toInstant(),
                        granted == null ? null : reference(row, "sale"),
                        granted == null ? null : reference(row, "release"),
                        pickup == null ? null : new PickupId(pickup),
                        burned == null ? null : burned.toInstant(),
                        burned == null ? null : reference(row, "delivery")));
    }

    private static State state(
            State untilGranted, @Nullable Timestamp granted, @Nullable String pickup, @Nullable Timestamp burned) {
        if (granted == null) {
            return untilGranted;
        }
        if (burned != null) {
            return State.BURNED;
        }
        return pickup == null ? State.HELD : State.PICKUP_PENDING;
    }

    private static LedgerReference reference(ResultSet row, String of) throws SQLException {
        return new LedgerReference(
                row.getString(of + "_event_id"), row.getLong(of + "_index"), row.getLong(of + "_tree_size"));
    }

    private Map<String, String> name(String text) {
        return json.readValue(text, new TypeReference<Map<String, String>>() {});
    }

    private record Row(long position, TokenView token) {}
}
