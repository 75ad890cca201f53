package io.jiucang.title;

import static io.jiucang.title.Rule.EVIDENCE;
import static io.jiucang.title.Rule.MONEY_BACK;
import static io.jiucang.title.Rule.RECEIPT;

import io.jiucang.events.PaymentEvent.ReturnReason;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.Facts.Account.Use;
import io.jiucang.title.Facts.Evidence;
import io.jiucang.title.directory.Document.ListedProviderKey;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.receipt.Receipt;
import io.jiucang.title.receipt.ReceiptRefused;
import io.jiucang.title.statement.Act;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** S3 and S8: money comes in on the provider's word, and goes back once. */
final class Payments {

    private final Hearing hearing;
    private final TitleState state;

    Payments(Hearing hearing) {
        this.hearing = hearing;
        this.state = hearing.state();
    }

    /** S3. Any number of events may carry one receipt. */
    Ruling judge(LawEvent.PaymentCaptured event) {
        EVIDENCE.require(event.answer().sha256().equals(event.receipt()), "other bytes than the event names");
        Facts.Order order =
                state.findOrder(event.order()).orElseThrow(() -> RECEIPT.broken("for an order that is not anchored"));
        Facts.Plan plan = state.plan(order.plan());
        ListedProviderKey key = state.directory()
                .providerKey(plan.provider(), event.answer().serial())
                .orElseThrow(() -> RECEIPT.broken("a key that is not listed for " + plan.provider()));
        hearing.requireNotEnded(key.until());
        Receipt receipt = read(event, key, order, plan.offer());
        Facts.Source source = new Facts.Source(plan.provider(), order.id(), receipt.transactionId());
        Facts.Account account = state.findAccount(source)
                .orElseGet(() -> new Facts.Account(source, receipt, hearing.here(), Use.OPEN, receipt.amount()));
        return Hearing.valid(new Change.AccountSet(account), hearing.stands(new Evidence.Captured(source)));
    }

    private static Receipt read(
            LawEvent.PaymentCaptured event, ListedProviderKey key, Facts.Order order, Act.Offer offer) {
        try {
            return Receipt.read(
                    event.answer(),
                    key.key(),
                    new Receipt.Expected(
                            offer.appid(),
                            offer.payee(),
                            order.payment().value().replace("-", ""),
                            offer.price().currency()));
        } catch (ReceiptRefused e) {
            throw RECEIPT.broken(String.valueOf(e.getMessage()));
        }
    }

    /** S8. */
    Ruling judge(LawEvent.ReceiptReturned event) {
        Facts.Account account = state.account(
                hearing.cited(event.payment(), Evidence.Captured.class).source());
        return event.reason() == ReturnReason.CASES_ENDED ? part(event, account) : whole(event, account);
    }

    /** It tells its reason and need not prove it: while no sale stands on it, it is the buyer's money. */
    private static Ruling whole(LawEvent.ReceiptReturned event, Facts.Account account) {
        MONEY_BACK.require(account.use() == Use.OPEN, account.use() == Use.RETURNED ? "returned before" : "sold on");
        MONEY_BACK.require(event.tokens().isEmpty() && event.ends().isEmpty(), "whole, and yet for some tokens");
        MONEY_BACK.require(event.amount().equals(account.receipt().amount()), "not the receipt's amount");
        return Hearing.valid(new Change.AccountSet(account.giveBack(event.amount())));
    }

    private Ruling part(LawEvent.ReceiptReturned event, Facts.Account account) {
        MONEY_BACK.require(account.use() == Use.SOLD_ON, "no sale stands on it");
        Facts.Order order = state.order(account.source().order());
        MONEY_BACK.require(
                !event.tokens().isEmpty()
                        && event.tokens().size() <= order.intent().quantity(),
                "for no token, or for more than were sold");
        Hash sale = order.sale().orElseThrow(() -> MONEY_BACK.broken("no sale stands on it"));
        Money price = state.plan(order.plan()).offer().price();
        MONEY_BACK.require(event.amount().equals(price.times(event.tokens().size())), "not the price of these cases");
        MONEY_BACK.require(
                event.amount().minorUnits() <= account.left().minorUnits(), "more than is left of the receipt");
        List<Change> changes = new ArrayList<>();
        Set<Cite> ends = new HashSet<>();
        for (TokenId token : event.tokens()) {
            Facts.Sold sold = new Facts.Sold(sale, token);
            Facts.SaleEnd end =
                    state.saleEnd(sold).orElseThrow(() -> MONEY_BACK.broken("its sale has not ended: " + token));
            MONEY_BACK.require(!end.returned(), "its price went back before: " + token);
            ends.add(end.by());
            changes.add(new Change.SaleEnded(sold, new Facts.SaleEnd(end.by(), true)));
        }
        EVIDENCE.require(ends.equals(Set.copyOf(event.ends())), "not the events that ended these tokens' sale");
        changes.add(new Change.AccountSet(account.giveBack(event.amount())));
        return Hearing.valid(changes.toArray(Change[]::new));
    }
}
