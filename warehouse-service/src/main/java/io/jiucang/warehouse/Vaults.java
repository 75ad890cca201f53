package io.jiucang.warehouse;

import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.value.VaultId;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statements;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What stands where, as token-service tells: the plan tells the GTIN, the vault the site, in either order. */
@Component
class Vaults {

    private final JdbcClient jdbc;

    Vaults(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @EventHandler
    void on(SalesPlanCreated event) {
        jdbc.sql("""
                        insert into vault (vault_id, gtin) values (?, ?)
                        on conflict (vault_id) do update set gtin = excluded.gtin""")
                .params(
                        event.vaultId().value(),
                        Statements.read(event.statement(), Act.Offer.class)
                                .act()
                                .gtin())
                .update();
    }

    @EventHandler
    void on(VaultOpened event) {
        jdbc.sql("""
                        insert into vault (vault_id, site) values (?, ?)
                        on conflict (vault_id) do update set site = excluded.site""").params(event.vaultId().value(), event.site()).update();
    }

    /** Empty until both events are here. */
    Optional<Vault> find(VaultId id) {
        return jdbc.sql("""
                        select site, gtin from vault
                        where vault_id = ? and site is not null and gtin is not null""")
                .param(id.value())
                .query((row, number) -> new Vault(row.getString(1), row.getString(2)))
                .optional();
    }

    boolean hold(String site, String gtin) {
        return jdbc.sql("select exists (select from vault where site = ? and gtin = ?)")
                .params(site, gtin)
                .query(Boolean.class)
                .single();
    }

    record Vault(String site, String gtin) {}
}
