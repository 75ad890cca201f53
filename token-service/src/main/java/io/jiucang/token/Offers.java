package io.jiucang.token;

import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_MALFORMED;
import static io.jiucang.token.TokenRejected.Reason.OFFER_VOID;
import static io.jiucang.token.TokenRejected.Reason.SALES_PLAN_EXISTS;

import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.law.LawReader;
import io.jiucang.title.Ruling;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.StatementRefused;
import io.jiucang.title.statement.Statements;
import org.springframework.stereotype.Component;

/** Reads what wineries offer, as the law would judge it if it were anchored now. */
@Component
class Offers {

    private final LawReader law;
    private final PlanViews plans;

    Offers(LawReader law, PlanViews plans) {
        this.law = law;
        this.plans = plans;
    }

    /** @throws RequestRejected or {@link TokenRejected} unless it is an offer (S1) of a winery, made for the first time */
    Statement<Act.Offer> read(String text) {
        try {
            Statement<Act.Offer> offer = Statements.read(text, Act.Offer.class);
            if (plans.find(offer.planId()).isPresent()) {
                throw new TokenRejected(SALES_PLAN_EXISTS, "this offer was made before; the winery signs another");
            }
            if (law.decide(new LawEvent.SalesPlanCreated(text)) instanceof Ruling.Voided voided) {
                throw new TokenRejected(OFFER_VOID, voided.toString());
            }
            return offer;
        } catch (StatementRefused e) {
            throw new RequestRejected(STATEMENT_MALFORMED, String.valueOf(e.getMessage()));
        }
    }
}
