package io.jiucang.order;

import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.VaultId;
import java.sql.Timestamp;
import java.util.Currency;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The sales plans that token-service tells of. */
@Component
class SalesPlans {

    private final JdbcClient jdbc;

    SalesPlans(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @EventHandler
    void on(SalesPlanCreated event) {
        jdbc.sql("""
                        insert into sales_plan
                            (plan_id, vault_id, currency, unit_price, per_buyer_limit, sale_from, sale_until)
                        values (?, ?, ?, ?, ?, ?, ?)""")
                .param(event.planId().value())
                .param(event.vaultId().value())
                .param(event.unitPrice().currency().getCurrencyCode())
                .param(event.unitPrice().minorUnits())
                .param(event.perBuyerLimit())
                .param(Timestamp.from(event.saleFrom()))
                .param(Timestamp.from(event.saleUntil()))
                .update();
    }

    Optional<SalesPlan> find(PlanId planId) {
        return jdbc.sql("select * from sales_plan where plan_id = ?")
                .param(planId.value())
                .query((row, number) -> new SalesPlan(
                        planId,
                        new VaultId(row.getString("vault_id")),
                        new Money(Currency.getInstance(row.getString("currency")), row.getLong("unit_price")),
                        row.getLong("per_buyer_limit"),
                        row.getTimestamp("sale_from").toInstant(),
                        row.getTimestamp("sale_until").toInstant()))
                .optional();
    }
}
