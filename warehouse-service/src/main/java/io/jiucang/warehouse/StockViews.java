package io.jiucang.warehouse;

import io.jiucang.events.WarehouseEvent.CaseDamaged;
import io.jiucang.events.WarehouseEvent.CaseShelved;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.TokenId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import org.axonframework.eventhandling.EventHandler;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Keeps and serves the stock list. */
@Component
class StockViews {

    private final JdbcClient jdbc;

    StockViews(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @EventHandler
    void on(CaseShelved event, @org.axonframework.eventhandling.Timestamp Instant shelvedAt) {
        jdbc.sql("""
                        insert into stock_case (box_code, gtin, site, bin, state, shelved_at)
                        values (?, ?, ?, ?, 'SHELVED', ?)""")
                .param(event.boxCode().toString())
                .param(event.boxCode().gtin())
                .param(event.site())
                .param(event.bin())
                .param(Timestamp.from(shelvedAt))
                .update();
    }

    @EventHandler
    void on(CaseDamaged event) {
        jdbc.sql("update stock_case set state = 'DAMAGED', damage = ? where box_code = ?")
                .params(event.description(), event.boxCode().toString())
                .update();
    }

    @EventHandler
    void on(CasePicked event) {
        jdbc.sql("""
                        update stock_case
                        set state = 'RELEASED', release_id = ?, scanner = ?, scanned_at = ?
                        where box_code = ?""")
                .param(event.releaseId().value())
                .param(event.scan().scanner())
                .param(Timestamp.from(event.scan().scannedAt()))
                .param(event.boxCode().toString())
                .update();
    }

    @EventHandler
    void on(CasesReleased event) {
        event.cases()
                .forEach(released -> jdbc.sql("update stock_case set token_id = ? where box_code = ?")
                        .params(
                                released.tokenId().toString(),
                                released.boxCode().toString())
                        .update());
    }

    @EventHandler
    void on(CaseDispatched event) {
        jdbc.sql("update stock_case set state = 'SHIPPED', pickup_id = ? where box_code = ?")
                .params(event.pickupId().value(), event.boxCode().toString())
                .update();
    }

    @EventHandler
    void on(CaseReshelved event) {
        jdbc.sql("update stock_case set state = 'IN_CUSTODY', site = ?, bin = ? where box_code = ?")
                .params(event.site(), event.bin(), event.boxCode().toString())
                .update();
    }

    boolean isSoundLeft(String site, String gtin) {
        return jdbc.sql("select exists (select from stock_case where site = ? and gtin = ? and state = 'SHELVED')")
                .params(site, gtin)
                .query(Boolean.class)
                .single();
    }

    /** A box stands for the token it was released for, for good. */
    boolean standsFor(BoxCode box, TokenId token) {
        return jdbc.sql("select exists (select from stock_case where box_code = ? and token_id = ?)")
                .params(box.toString(), token.toString())
                .query(Boolean.class)
                .single();
    }

    /** Cases in the order of shelving, as far as they match what of {@code wanted} is given. */
    List<StockView> list(Wanted wanted, long after, int size) {
        return jdbc.sql("""
                        select * from stock_case
                        where position > :after
                            and (:boxCode::text is null or box_code = :boxCode)
                            and (:site::text is null or site = :site)
                            and (:bin::text is null or bin = :bin)
                            and (:gtin::text is null or gtin = :gtin)
                            and (:state::text is null or state = :state)
                        order by position limit :size""")
                .param("after", after)
                .param("boxCode", wanted.boxCode)
                .param("site", wanted.site)
                .param("bin", wanted.bin)
                .param("gtin", wanted.gtin)
                .param("state", wanted.state == null ? null : wanted.state.name())
                .param("size", size)
                .query(StockViews::read)
                .list();
    }

    private static StockView read(ResultSet row, int number) throws SQLException {
        Timestamp scannedAt = row.getTimestamp("scanned_at");
        return new StockView(
                row.getLong("position"),
                row.getString("box_code"),
                row.getString("gtin"),
                row.getString("site"),
                row.getString("bin"),
                StockCase.State.valueOf(row.getString("state")),
                row.getTimestamp("shelved_at").toInstant(),
                row.getString("damage"),
                row.getString("release_id"),
                row.getString("token_id"),
                row.getString("scanner"),
                scannedAt == null ? null : scannedAt.toInstant(),
                row.getString("pickup_id"));
    }

    record Wanted(
            @Nullable String boxCode,
            @Nullable String site,
            @Nullable String bin,
            @Nullable String gtin,
            StockCase.@Nullable State state) {}
}
