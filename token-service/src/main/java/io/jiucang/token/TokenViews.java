package io.jiucang.token;

import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventTypes;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.TokenEvent.SaleUndone;
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
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.starter.law.OwnAnchored;
import io.jiucang.starter.web.Page;
import io.jiucang.title.Ruling;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statements;
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

    /** What the serials of the largest offer take, {@link Act#MOST_CASES}; an index of the ledger has room before them. */
    private static final int SERIAL_BITS = Long.SIZE - Long.numberOfLeadingZeros(Act.MOST_CASES);

    /** Stands for every serial of a vault, so that minting a hundred thousand tokens is one row. */
    private static final long WHOLE_VAULT = 0;

    private static final String SELECT = """
            select t.*, p.plan_id, p.name, p.site from token t join sales_plan p on p.vault_id = t.vault_id""";

    private static final Map<String, State> STATE_AFTER = Map.of(
            EventTypes.typeOf(TokensMinted.class), State.MINTED,
            EventTypes.typeOf(TokensReserved.class), State.RESERVED,
            EventTypes.typeOf(ReservationReleased.class), State.MINTED,
            EventTypes.typeOf(TokensSold.class), State.SOLD,
            // Until what was not refused is released.
            EventTypes.typeOf(SaleUndone.class), State.LOST,
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
                .query(this::row)
                .list();
        Page<Row> page = Page.of(rows, PAGE_SIZE, Row::position);
        return new Page<>(page.items().stream().map(Row::token).toList(), page.next());
    }

    /** Whose token it is and by which order. */
    Optional<Title> title(TokenId tokenId) {
        return jdbc.sql("select owner, order_id from token where token_id = ?")
                .param(tokenId.toString())
                .query((row, number) -> new Title(row.getString(1), new OrderId(row.getString(2))))
                .optional();
    }

    /** The token, whether or not it ever left its vault; empty if it was never minted. */
    Optional<TokenView> find(TokenId tokenId) {
        Optional<TokenView> individual = jdbc.sql(SELECT + " where t.token_id = ?")
                .param(tokenId.toString())
                .query(this::row)
                .optional()
                .map(Row::token);
        if (individual.isPresent()) {
            return individual;
        }
        State untilGranted = state(tokenId);
        return jdbc.sql("""
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
                .optional();
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
        Serials serials = Serials.ofTokens(
                event.cases().stream().map(ReleasedCase::tokenId).toList());
        happened(event.vaultId(), serials.ranges(), event.orderId(), message);
    }

    @EventHandler
    void on(SaleUndone event, EventMessage<?> message) {
        event.prev().keySet().forEach(token -> happened(token.vault(), only(token), event.orderId(), message));
    }

    @EventHandler
    void on(TokenGranted event, EventMessage<?> message) {
        happened(event.tokenId().vault(), only(event.tokenId()), event.orderId(), message);
    }

    /** Whose it is, the law says and nobody else: not before the ledger has it. */
    @EventHandler
    void on(OwnAnchored anchored, EventMessage<?> message) {
        if (anchored.event() instanceof TokenGranted grant && anchored.ruling() instanceof Ruling.Valid) {
            jdbc.sql("""
                            insert into token (token_id, position, vault_id, order_id, box_code, owner, granted_at,
                                sale_index, sale_leaf, release_index, release_leaf)
                            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                    .params(List.of(
                            grant.tokenId().toString(),
                            position(grant),
                            grant.tokenId().vault().value(),
                            grant.orderId().value(),
                            grant.boxCode().toString(),
                            grant.owner(),
                            time(message),
                            grant.sale().index(),
                            grant.sale().leafHash(),
                            grant.release().index(),
                            grant.release().leafHash()))
                    .update();
        }
    }

    /** As the cases left their bins, whichever of their grants is ruled on first. A release is of one vault. */
    private static long position(TokenGranted grant) {
        return (grant.release().index() << SERIAL_BITS) + grant.tokenId().serial();
    }

    @EventHandler
    void on(PickupAuthorised event, EventMessage<?> message) {
        Statements.read(event.statement(), Act.Pickup.class)
                .act()
                .hashlocks()
                .keySet()
                .forEach(token -> happened(token, message));
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

    private Row row(ResultSet row, int number) throws SQLException {
        Timestamp burned = row.getTimestamp("burned_at");
        String pickup = row.getString("pickup_id");
        return new Row(
                row.getLong("position"),
                new TokenView(
                        TokenId.parse(row.getString("token_id")),
                        new PlanId(row.getString("plan_id")),
                        name(row.getString("name")),
                        state(pickup, burned),
                        row.getString("site"),
                        BoxCode.parse(row.getString("box_code")),
                        row.getTimestamp("granted_at").toInstant(),
                        new Cite(row.getLong("sale_index"), row.getString("sale_leaf")),
                        new Cite(row.getLong("release_index"), row.getString("release_leaf")),
                        pickup == null ? null : new PickupId(pickup),
                        burned == null ? null : burned.toInstant(),
                        burned == null
                                ? null
                                : new LedgerReference(
                                        row.getString("delivery_event_id"),
                                        row.getLong("delivery_index"),
                                        row.getLong("delivery_tree_size"))));
    }

    private static State state(@Nullable String pickup, @Nullable Timestamp burned) {
        if (burned != null) {
            return State.BURNED;
        }
        return pickup == null ? State.HELD : State.PICKUP_PENDING;
    }

    private Map<String, String> name(String text) {
        return json.readValue(text, new TypeReference<Map<String, String>>() {});
    }

    private record Row(long position, TokenView token) {}
}
