package io.jiucang.order;

import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.value.PlanId;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What wineries offer, in their own signed words. */
@Component
class SalesPlans {

    private final JdbcClient jdbc;

    SalesPlans(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @EventHandler
    void on(SalesPlanCreated event) {
        jdbc.sql("insert into sales_plan (plan_id, offer) values (?, ?)")
                .params(event.planId().value(), event.statement())
                .update();
    }

    /** What token-service tells under this id is believed only if the id is made from it. */
    Optional<Act.Offer> find(PlanId planId) {
        return jdbc.sql("select offer from sales_plan where plan_id = ?")
                .param(planId.value())
                .query((row, number) -> Statements.read(row.getString(1), Act.Offer.class))
                .optional()
                .filter(offer -> offer.planId().equals(planId))
                .map(Statement::act);
    }
}
