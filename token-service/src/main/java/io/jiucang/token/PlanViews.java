package io.jiucang.token;

import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.VaultId;
import io.jiucang.starter.web.Page;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The catalogue. */
@Component
class PlanViews {

    static final int PAGE_SIZE = 50;

    private final JdbcClient jdbc;
    private final JsonMapper json;

    PlanViews(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /** In the order they were created. */
    Page<PlanView> list(@Nullable String cursor) {
        List<Row> rows = jdbc.sql("select * from sales_plan where position > ? order by position limit ?")
                .params(Page.after(cursor), PAGE_SIZE)
                .query(this::row)
                .list();
        Page<Row> page = Page.of(rows, PAGE_SIZE, Row::position);
        return new Page<>(page.items().stream().map(Row::plan).toList(), page.next());
    }

    Optional<PlanView> find(PlanId planId) {
        return jdbc.sql("select * from sales_plan where plan_id = ?")
                .param(planId.value())
                .query(this::row)
                .optional()
                .map(Row::plan);
    }

    @EventHandler
    void on(SalesPlanCreated event) {
        jdbc.sql("insert into sales_plan (plan_id, vault_id, name, statement) values (?, ?, ?, ?)")
                .params(
                        event.planId().value(),
                        event.vaultId().value(),
                        json.writeValueAsString(event.name()),
                        event.statement())
                .update();
    }

    @EventHandler
    void on(VaultOpened event) {
        jdbc.sql("update sales_plan set site = ?, code = ? where plan_id = ?")
                .params(event.site(), event.code(), event.planId().value())
                .update();
    }

    @EventHandler
    void on(TokensMinted event) {
        jdbc.sql("update sales_plan set cases = cases + :count, unsold = unsold + :count where vault_id = :vault")
                .param("count", event.count())
                .param("vault", event.vaultId().value())
                .update();
    }

    @EventHandler
    void on(TokensReserved event) {
        addUnsold(event.vaultId(), -SerialRange.sizeOf(event.serials()));
    }

    @EventHandler
    void on(ReservationReleased event) {
        addUnsold(event.vaultId(), SerialRange.sizeOf(event.serials()));
    }

    private void addUnsold(VaultId vaultId, long count) {
        jdbc.sql("update sales_plan set unsold = unsold + ? where vault_id = ?")
                .params(count, vaultId.value())
                .update();
    }

    private Row row(ResultSet row, int number) throws SQLException {
        String statement = row.getString("statement");
        Statement<Act.Offer> said = Statements.read(statement, Act.Offer.class);
        Act.Offer offer = said.act();
        return new Row(
                row.getLong("position"),
                new PlanView(
                        said.planId(),
                        said.vaultId(),
                        said.spoken().sub(),
                        offer.product(),
                        offer.gtin(),
                        json.readValue(row.getString("name"), new TypeReference<Map<String, String>>() {}),
                        offer.count(),
                        row.getLong("unsold"),
                        offer.price(),
                        offer.limit(),
                        offer.from(),
                        offer.until(),
                        new PlanView.Vault(row.getString("site"), row.getString("code")),
                        offer.agreement().hex(),
                        offer.deliverBy(),
                        offer.longestPayBy(),
                        said.id().hex(),
                        statement));
    }

    private record Row(long position, PlanView plan) {}
}
