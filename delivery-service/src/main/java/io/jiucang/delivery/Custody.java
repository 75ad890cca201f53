package io.jiucang.delivery;

import io.jiucang.events.TokenEvent.TokenBurned;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.WarehouseEvent.CaseDamaged;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.messaging.annotation.MessageIdentifier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The cases in custody: token-service tells whose they are, warehouse-service where they stand, in either order. */
@Component
class Custody {

    private final JdbcClient jdbc;

    Custody(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Those of the tokens that are the owner's. */
    List<CustodyCase> find(String owner, Collection<TokenId> tokens) {
        return jdbc.sql("""
                        select c.token_id, c.box_code, coalesce(c.site, v.site) as site, c.bin, c.granted_at,
                            exists (select from damaged_box d where d.box_code = c.box_code) as damaged,
                            c.locked_for is null and not c.burned as free
                        from custody_case c left join custody_vault v on v.vault_id = c.vault_id
                        where c.owner = ? and c.token_id = any(?)""")
                .param(owner)
                .param(tokens.stream().map(TokenId::toString).toArray(String[]::new))
                .query(Custody::custodyCase)
                .list();
    }

    @EventHandler
    void on(VaultOpened event) {
        jdbc.sql("insert into custody_vault (vault_id, site) values (?, ?)")
                .params(event.vaultId().value(), event.site())
                .update();
    }

    @EventHandler
    void on(CasesReleased event, @MessageIdentifier String eventId) {
        event.cases()
                .forEach(released -> stands(released.tokenId(), released.boxCode(), null, released.bin(), eventId));
    }

    /** By its own key, and so perhaps before it is told whose the box is. */
    @EventHandler
    void on(CaseDamaged event) {
        jdbc.sql("insert into damaged_box (box_code) values (?) on conflict do nothing")
                .param(event.boxCode().toString())
                .update();
    }

    @EventHandler
    void on(CasesShipped event, @MessageIdentifier String eventId) {
        event.cases().forEach(shipped -> stands(shipped.tokenId(), shipped.boxCode(), null, null, eventId));
    }

    @EventHandler
    void on(CasesReturned event, @MessageIdentifier String eventId) {
        event.cases()
                .forEach(
                        returned -> stands(returned.tokenId(), returned.boxCode(), event.site(), event.bin(), eventId));
    }

    /**
     * Whatever order they are read in, the latest event tells: those of one case come under several keys. Ids are UUIDv7,
     * and so in the order of time.
     */
    private void stands(TokenId token, BoxCode box, @Nullable String site, @Nullable String bin, String eventId) {
        jdbc.sql("""
                        insert into custody_case (token_id, vault_id, box_code, site, bin, moved_by)
                        values (?, ?, ?, ?, ?, ?)
                        on conflict (token_id) do update set
                            box_code = excluded.box_code, site = excluded.site,
                            bin = excluded.bin, moved_by = excluded.moved_by
                        where custody_case.moved_by is null or custody_case.moved_by < excluded.moved_by""")
                .param(token.toString())
                .param(token.vault().value())
                .param(box.toString())
                .param(site)
                .param(bin)
                .param(eventId)
                .update();
    }

    /** Custody is counted from the time of the event, which its signature covers. */
    @EventHandler
    void on(TokenGranted event, @org.axonframework.eventhandling.Timestamp Instant grantedAt) {
        jdbc.sql("""
                        insert into custody_case (token_id, vault_id, owner, granted_at) values (?, ?, ?, ?)
                        on conflict (token_id) do update set owner = excluded.owner, granted_at = excluded.granted_at""")
                .param(event.tokenId().toString())
                .param(event.tokenId().vault().value())
                .param(event.owner())
                .param(Timestamp.from(grantedAt))
                .update();
    }

    @EventHandler
    void on(TokenLocked event) {
        lock(event.tokenId(), event.pickupId());
    }

    @EventHandler
    void on(TokenUnlocked event) {
        lock(event.tokenId(), null);
    }

    @EventHandler
    void on(TokenBurned event) {
        jdbc.sql("update custody_case set burned = true where token_id = ?")
                .param(event.tokenId().toString())
                .update();
    }

    private void lock(TokenId token, @Nullable PickupId pickup) {
        jdbc.sql("update custody_case set locked_for = ? where token_id = ?")
                .param(pickup == null ? null : pickup.value())
                .param(token.toString())
                .update();
    }

    private static CustodyCase custodyCase(ResultSet row, int number) throws SQLException {
        String boxCode = row.getString("box_code");
        return new CustodyCase(
                TokenId.parse(row.getString("token_id")),
                boxCode == null ? null : BoxCode.parse(boxCode),
                row.getString("site"),
                row.getString("bin"),
                row.getTimestamp("granted_at").toInstant(),
                row.getBoolean("damaged"),
                row.getBoolean("free"));
    }
}
