package io.jiucang.token;

import io.jiucang.events.EventJson;
import io.jiucang.events.TokenEvent.LawAdopted;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.TokenEvent.SaleRefused;
import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.VaultId;
import io.jiucang.starter.law.OwnAnchored;
import io.jiucang.title.Ruling;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The vaults' reservations, kept from their events in the transaction that records them. */
@Component
class ReservationTable implements Reservations {

    private final JdbcClient jdbc;

    ReservationTable(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public Optional<Reservation> find(OrderId orderId) {
        return jdbc.sql("select order_id, vault_id, buyer, held, under_way, sold from reservation where order_id = ?")
                .param(orderId.value())
                .query(ReservationTable::reservation)
                .optional();
    }

    private static Reservation reservation(ResultSet row, int number) throws SQLException {
        return new Reservation(
                new OrderId(row.getString(1)),
                new VaultId(row.getString(2)),
                row.getString(3),
                read(row.getString(4)),
                read(row.getString(5)),
                row.getBoolean(6));
    }

    /** How many cases of the vault the buyer has reserved or bought. */
    long heldBy(String buyer, VaultId vaultId) {
        return jdbc.sql("select coalesce(sum(cases), 0) from reservation where vault_id = ? and buyer = ?")
                .params(vaultId.value(), buyer)
                .query(Long.class)
                .single();
    }

    /** An order's cases are all of one vault; of an order that nobody knows here, the order itself. */
    Object vaultOf(OrderId orderId) {
        return find(orderId).<Object>map(Reservation::vaultId).orElse(orderId);
    }

    /** The law has ruled on what was told of these. */
    void ruled(OrderId orderId, Serials serials) {
        find(orderId)
                .ifPresent(reservation ->
                        setUnderWay(orderId, reservation.underWay().minus(serials)));
    }

    @EventHandler
    void on(TokensReserved event) {
        insert(event.orderId(), event.vaultId(), event.buyer(), Serials.of(event.serials()));
    }

    @EventHandler
    void on(ReservationRefused event) {
        insert(event.orderId(), event.vaultId(), event.buyer(), Serials.NONE);
    }

    @EventHandler
    void on(ReservationReleased event) {
        take(event.orderId(), Serials.of(event.serials()));
    }

    @EventHandler
    void on(TokensSold event) {
        setSold(event.orderId(), true);
        setUnderWay(event.orderId(), Serials.of(event.serials()));
    }

    @EventHandler
    void on(SaleRefused event) {
        setSold(event.orderId(), false);
    }

    @EventHandler
    void on(SaleUndone event) {
        addUnderWay(event.orderId(), Serials.ofTokens(event.prev().keySet()));
    }

    @EventHandler
    void on(TokenGranted event) {
        addUnderWay(event.orderId(), Serials.ofTokens(List.of(event.tokenId())));
    }

    /** What was refused is lost and comes back to nobody; all else is released besides. */
    @EventHandler
    void on(OwnAnchored anchored) {
        if (anchored.event() instanceof SaleUndone undone && anchored.ruling() instanceof Ruling.Valid valid) {
            take(undone.orderId(), Serials.ofTokens(valid.standing(undone.prev().keySet())));
        }
    }

    private void take(OrderId orderId, Serials serials) {
        find(orderId)
                .ifPresent(reservation -> setHeld(orderId, reservation.held().minus(serials)));
    }

    /** The order has what the law gave it, and no other order has that. */
    @EventHandler
    void on(LawAdopted event) {
        Serials adopted = Serials.of(event.serials());
        jdbc
                .sql("select order_id, vault_id, buyer, held, under_way, sold from reservation where vault_id = ?")
                .param(event.vaultId().value())
                .query(ReservationTable::reservation)
                .list()
                .stream()
                .filter(other -> !other.held().and(adopted).isEmpty())
                .forEach(other -> setHeld(other.orderId(), other.held().minus(adopted)));
        setHeld(event.orderId(), adopted);
        setSold(event.orderId(), true);
    }

    private void insert(OrderId orderId, VaultId vaultId, String buyer, Serials held) {
        jdbc.sql("""
                        insert into reservation (order_id, vault_id, buyer, held, under_way, cases, sold)
                        values (?, ?, ?, ?, ?, ?, false)""")
                .params(List.of(
                        orderId.value(), vaultId.value(), buyer, write(held), write(Serials.NONE), held.count()))
                .update();
    }

    private void setHeld(OrderId orderId, Serials held) {
        jdbc.sql("update reservation set held = ?, cases = ? where order_id = ?")
                .params(write(held), held.count(), orderId.value())
                .update();
    }

    private void addUnderWay(OrderId orderId, Serials serials) {
        setUnderWay(orderId, get(orderId).underWay().minus(serials).plus(serials));
    }

    private void setUnderWay(OrderId orderId, Serials underWay) {
        jdbc.sql("update reservation set under_way = ? where order_id = ?")
                .params(write(underWay), orderId.value())
                .update();
    }

    private void setSold(OrderId orderId, boolean sold) {
        jdbc.sql("update reservation set sold = ? where order_id = ?")
                .params(sold, orderId.value())
                .update();
    }

    private static String write(Serials serials) {
        return EventJson.mapper().writeValueAsString(serials);
    }

    private static Serials read(String json) {
        return EventJson.mapper().readValue(json, Serials.class);
    }
}
