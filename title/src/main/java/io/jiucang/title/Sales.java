package io.jiucang.title;

import static io.jiucang.title.Rule.CHAIN;
import static io.jiucang.title.Rule.INTENT;
import static io.jiucang.title.Rule.LIFE;
import static io.jiucang.title.Rule.MONEY_BACK;
import static io.jiucang.title.Rule.OFFER;
import static io.jiucang.title.Rule.ONE_EFFECT;
import static io.jiucang.title.Rule.RECEIPT;
import static io.jiucang.title.Rule.SALE;
import static io.jiucang.title.Rule.UNDOING;

import io.jiucang.events.value.Money;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.Facts.Evidence;
import io.jiucang.title.directory.Document.Account;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** S1, S2 and S4, and what S3 and S8 ask of the receipts of a sale. */
final class Sales {

    private final Hearing hearing;
    private final TitleState state;

    Sales(Hearing hearing) {
        this.hearing = hearing;
        this.state = hearing.state();
    }

    /** S1. */
    Ruling judge(LawEvent.SalesPlanCreated event) {
        Statement<Act.Offer> statement = hearing.byParty(event.statement(), Act.Offer.class);
        Act.Offer offer = statement.act();
        String winery = statement.spoken().sub();
        OFFER.require(state.directory().winery(winery).isPresent(), "not a winery");
        OFFER.require(state.directory().warehouseAt(offer.site()).isPresent(), "a site that is not listed");
        Account account = state.directory()
                .account(winery, offer.appid(), offer.payee())
                .orElseThrow(() -> OFFER.broken("paid to an account that is not listed for this winery"));
        LIFE.require(offer.longestPayBy() <= hearing.parameters().longestDate(), "it lets buyers pay too late");
        return Hearing.valid(
                hearing.anchored(statement),
                new Change.PlanSet(new Facts.Plan(
                        statement.planId(), statement.vaultId(), statement.id(), offer, winery, account.provider())));
    }

    /** S2. */
    Ruling judge(LawEvent.OrderPlaced event) {
        Statement<Act.Order> statement = hearing.byWallet(event.statement(), Act.Order.class);
        Act.Order intent = statement.act();
        Facts.Plan plan =
                state.planOffered(intent.offer()).orElseThrow(() -> INTENT.broken("for an offer that is not anchored"));
        Act.Offer offer = plan.offer();
        INTENT.require(intent.quantity() <= offer.count(), "more cases than are offered");
        INTENT.require(
                intent.total().equals(offer.price().times(intent.quantity())),
                "not the offer's price times the quantity");
        INTENT.require(intent.agreement().equals(offer.agreement()), "another agreement than the offer's");
        hearing.requireNear(statement, intent.payBy());
        INTENT.require(
                !intent.payBy().isAfter(statement.spoken().iat().plusSeconds(offer.longestPayBy())),
                "paid later than the offer lets");
        INTENT.require(hearing.clock().reached(offer.from()), "before the offer's window");
        INTENT.require(!hearing.clock().reached(offer.until()), "after the offer's window");
        Facts.Order order = new Facts.Order(
                statement.orderId(),
                statement.paymentId(),
                statement.spoken().sub(),
                plan.id(),
                intent,
                hearing.here(),
                Optional.empty(),
                Optional.empty());
        ONE_EFFECT.require(state.findOrder(order.id()).isEmpty(), "an order of this id stands");
        return Hearing.valid(
                hearing.anchored(statement),
                hearing.stands(new Evidence.Placed(order.id())),
                new Change.OrderSet(order));
    }

    /** S7: before the sale it ends the order, after it it is one of the reasons for undoing. */
    Ruling judge(LawEvent.OrderCancelled event) {
        Statement<Act.OrderCancellation> statement = hearing.byWallet(event.statement(), Act.OrderCancellation.class);
        Facts.Order order = state.findOrder(statement.act().order())
                .filter(each -> each.buyer().equals(statement.spoken().sub()))
                .orElseThrow(() -> UNDOING.broken("none of this buyer's orders"));
        return Hearing.valid(
                hearing.anchored(statement),
                hearing.stands(new Evidence.Cancelled(order.id())),
                new Change.OrderSet(order.cancel(hearing.here())));
    }

    /** S4: whole or not at all. */
    Ruling judge(LawEvent.TokensSold event) {
        Facts.Order order =
                state.order(hearing.cited(event.order(), Evidence.Placed.class).order());
        SALE.require(order.id().equals(event.orderId()), "it calls the order by another id");
        Facts.Plan plan = state.plan(order.plan());
        ONE_EFFECT.require(order.sale().isEmpty(), "the order was sold");
        UNDOING.require(order.cancelled().isEmpty(), "its buyer had cancelled");
        LIFE.require(
                !hearing.clock()
                        .reached(order.intent()
                                .payBy()
                                .plusSeconds(hearing.parameters().soldAfterPayBy())),
                "sold too long after payBy");

        Hash sale = hearing.here().leaf();
        List<Change> changes = new ArrayList<>();
        for (Facts.Account account : receipts(event.payments(), order)) {
            changes.add(new Change.AccountSet(account.sellOn()));
        }
        SALE.require(event.tokens().size() == order.intent().quantity(), "not exactly the quantity's serials");
        for (TokenId token : event.tokens()) {
            requireUnsold(token, plan, event);
            changes.add(new Change.TokenSet(token, new TokenState.Sold(sale, Optional.empty(), Optional.of(sale))));
        }
        CHAIN.require(
                Set.copyOf(event.tokens()).containsAll(event.prev().keySet()), "prev of a token it does not sell");
        changes.add(new Change.OrderSet(order.sell(sale)));
        changes.add(new Change.SaleSet(new Facts.Sale(hearing.here(), order.id())));
        changes.add(hearing.stands(new Evidence.SoldUnder(sale)));
        return Hearing.valid(changes.toArray(Change[]::new));
    }

    private void requireUnsold(TokenId token, Facts.Plan plan, LawEvent.TokensSold event) {
        SALE.require(token.vault().equals(plan.vault()), "of another vault: " + token);
        TokenState before = state.token(token).orElseThrow(() -> SALE.broken("beyond the offer's count: " + token));
        SALE.require(before instanceof TokenState.Unsold, "not unsold: " + token);
        CHAIN.require(
                before.last().equals(Optional.ofNullable(event.prev().get(token))),
                "not the undoing of its last sale: " + token);
    }

    /** S3: of this order, in time, not returned, one from each source; together its total. */
    private List<Facts.Account> receipts(List<Cite> payments, Facts.Order order) {
        List<Facts.Account> accounts = new ArrayList<>();
        Set<String> providers = new HashSet<>();
        Money sum = new Money(order.intent().total().currency(), 0);
        for (Cite payment : payments) {
            Facts.Account account = state.account(
                    hearing.cited(payment, Evidence.Captured.class).source());
            RECEIPT.require(account.source().order().equals(order.id()), "a receipt for another order");
            RECEIPT.require(providers.add(account.source().provider()), "two receipts from one source");
            RECEIPT.require(!account.receipt().paidAt().isAfter(order.intent().payBy()), "paid after payBy");
            MONEY_BACK.require(account.use() != Facts.Account.Use.RETURNED, "the money went back");
            sum = sum.plus(account.receipt().amount());
            accounts.add(account);
        }
        RECEIPT.require(sum.equals(order.intent().total()), "not the total: " + sum);
        return accounts;
    }
}
