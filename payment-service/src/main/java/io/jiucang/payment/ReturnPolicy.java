package io.jiucang.payment;

import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.ReceiptReturned;
import io.jiucang.events.PaymentEvent.ReturnReason;
import io.jiucang.events.TokenEvent.SaleRefused;
import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.payment.PaymentCommand.PayBack;
import io.jiucang.payment.PaymentCommand.ReturnReceipt;
import io.jiucang.payment.PaymentCommand.ReturnUnwantedMoney;
import io.jiucang.starter.inbox.PredecessorMissing;
import io.jiucang.starter.law.Anchored;
import io.jiucang.starter.law.AnchoredAt;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.law.OwnAnchored;
import io.jiucang.title.Facts;
import io.jiucang.title.Facts.Account.Use;
import io.jiucang.title.TitleState;
import io.jiucang.title.event.Cite;
import io.jiucang.title.statement.DerivedId;
import java.util.List;
import java.util.stream.Stream;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.stereotype.Component;

/**
 * Whenever money is not wanted, or cases of a sale or the whole of it have ended, it goes back (S8). What would be told is drafted
 * from the law's state, and the law is asked; the provider is asked once the ledger has it as valid.
 */
@Component
class ReturnPolicy {

    private final CommandGateway commands;
    private final PaymentViews payments;
    private final LawReader law;

    ReturnPolicy(CommandGateway commands, PaymentViews payments, LawReader law) {
        this.commands = commands;
        this.payments = payments;
        this.law = law;
    }

    /** The price of each case goes back, against the event that ended its sale (S8). */
    @EventHandler
    void on(SaleUndone event, @AnchoredAt Anchored anchored) {
        List<TokenId> ended = anchored.ruling().standing(event.prev().keySet());
        payments.ofOrder(event.orderId())
                .ifPresent(payment -> giveBack(law.read(state -> priceOf(ended, anchored.at(), payment, state))));
    }

    private static ReceiptReturned priceOf(List<TokenId> ended, Cite end, PaymentView payment, TitleState state) {
        Facts.Account account = accounts(payment, state)
                .filter(each -> each.use() == Use.SOLD_ON)
                .findFirst()
                .orElseThrow(() -> new PredecessorMissing("the sale's receipt is not captured here yet"));
        PlanId plan = state.findOrder(payment.orderId()).orElseThrow().plan();
        return new ReceiptReturned(
                payment.paymentId(),
                payment.orderId(),
                refundId(end.leaf()),
                account.captured().told(),
                account.source().transactionId(),
                ReturnReason.CASES_ENDED,
                state.plan(plan).offer().price().times(ended.size()),
                ended,
                List.of(end.told()));
    }

    /**
     * Token-service's mere word, but what it can move is only money on which no sale stands: once it is returned none can, and once
     * one does it is not returned.
     */
    @EventHandler
    void on(SaleRefused event) {
        payments.ofOrder(event.orderId())
                .ifPresent(payment -> law.read(state -> openOf(payment, state)).forEach(this::giveBack));
    }

    private static List<ReceiptReturned> openOf(PaymentView payment, TitleState state) {
        List<Facts.Account> accounts = accounts(payment, state).toList();
        if (accounts.size() < payment.captures().size()) {
            throw new PredecessorMissing("the ledger does not have all captures yet, as far as is known here");
        }
        return accounts.stream()
                .filter(account -> account.use() == Use.OPEN)
                .map(account -> new ReceiptReturned(
                        payment.paymentId(),
                        payment.orderId(),
                        refundId(account.captured().leaf()),
                        account.captured().told(),
                        account.source().transactionId(),
                        ReturnReason.ORDER_ENDED,
                        account.receipt().amount(),
                        List.of(),
                        List.of()))
                .toList();
    }

    /** What the law knows of the money that arrived here. */
    private static Stream<Facts.Account> accounts(PaymentView payment, TitleState state) {
        return state.findOrder(payment.orderId()).map(Facts.Order::plan).map(state::plan).stream()
                .flatMap(plan -> payment.captures().stream()
                        .map(capture -> new Facts.Source(plan.provider(), payment.orderId(), capture.transactionId())))
                .flatMap(source -> state.findAccount(source).stream());
    }

    private void giveBack(ReceiptReturned draft) {
        commands.sendAndWait(new ReturnReceipt(draft.paymentId(), draft, law.decide(draft)));
    }

    private static RefundId refundId(Hash leaf) {
        return new RefundId(DerivedId.of("refund", leaf));
    }

    /**
     * What the ledger has of our own: money that is not wanted goes back, once its capture is there, and then its return (S8). Who
     * has our key can tell more of the kind, of payments that we do not have as well. What the law does not let us pay back
     * becomes a dead letter for an operator.
     */
    @EventHandler
    void on(OwnAnchored anchored) {
        switch (anchored.event()) {
            case PaymentCaptured event
            when payments.knows(event.paymentId()) ->
                commands.sendAndWait(new ReturnUnwantedMoney(
                        event.paymentId(),
                        event,
                        anchored.at().told(),
                        refundId(anchored.at().leaf()),
                        law::decide));
            case ReceiptReturned event
            when payments.knows(event.paymentId()) ->
                commands.sendAndWait(new PayBack(event.paymentId(), event, anchored.ruling()));
            default -> {}
        }
    }
}
