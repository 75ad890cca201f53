package io.jiucang.token;

import io.jiucang.events.EventJson;
import io.jiucang.events.TokenEvent.BoxCodeAttached;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.VaultId;
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
        return jdbc.sql("""
                        select vault_id, plan_id, buyer, held, released, sold from reservation where order_id = ?""")
                .param(orderId.value())
                .query((row, number) -> new Reservation(
                        orderId,
                        new VaultId(row.getString(1)),
                        new PlanId(row.getString(2)),
                        row.getString(3),
                        read(row.getString(4)),
                        read(row.getString(5)),
                        row.getBoolean(6)))
                .optional();
    }

    /** How many cases of the vault the buyer has reserved or bought. */
    long heldBy(String buyer, VaultId vaultId) {
        return jdbc.sql("select coalesce(sum(cases), 0) from reservation where vault_id = ? and buyer = ?")
                .params(vaultId.value(), buyer)
                .query(Long.class)
                .single();
    }

    @EventHandler
    void on(TokensReserved event) {
        insert(event.orderId(), event.vaultId(), event.planId(), event.buyer(), Serials.of(event.serials()));
    }

    @EventHandler
    void on(ReservationRefused event) {
        insert(event.orderId(), event.vaultId(), event.planId(), event.buyer(), Serials.NONE);
    }

    @EventHandler
    void on(ReservationReleased event) {
        Reservation reservation = get(event.orderId());
        Serials held = reservation.held().minus(Serials.of(event.serials()));
        jdbc.sql("update reservation set held = ?, cases = ? where order_id = ?")
                .params(write(held), held.count(), event.orderId().value())
                .update();
    }

    @EventHandler
    void on(TokensSold event) {
        jdbc.sql("update reservation set sold = true where order_id = ?")
                .param(event.orderId().value())
                .update();
    }

    @EventHandler
    void on(BoxCodeAttached event) {
        Reservation reservation = get(event.orderId());
        long serial = event.tokenId().serial();
        Serials released = reservation.released().plus(Serials.of(new SerialRange(serial, serial)));
        jdbc.sql("update reservation set released = ? where order_id = ?")
                .params(write(released), event.orderId().value())
                .update();
    }

    private void insert(OrderId orderId, VaultId vaultId, PlanId planId, String buyer, Serials held) {
        jdbc.sql("""
                        insert into reservation (order_id, vault_id, plan_id, buyer, held, released, cases, sold)
                        values (?, ?, ?, ?, ?, ?, ?, false)""")
                .params(List.of(
                        orderId.value(),
                        vaultId.value(),
                        planId.value(),
                        buyer,
                        write(held),
                        write(Serials.NONE),
                        held.count()))
                .update();
    }

    private static String write(Serials serials) {
        return EventJson.mapper().writeValueAsString(serials);
    }

    private static Serials read(String json) {
        return EventJson.mapper().readValue(json, Serials.class);
    }
}
