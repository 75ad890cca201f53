package io.jiucang.title;

import static io.jiucang.title.World.DOCK;
import static io.jiucang.title.World.LI;
import static io.jiucang.title.World.OTHER_DOCK;
import static io.jiucang.title.World.WANG;
import static io.jiucang.title.World.assertValid;
import static io.jiucang.title.World.assertVoid;
import static io.jiucang.title.World.box;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.World.Offered;
import io.jiucang.title.World.Sold;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.statement.Act;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S5 to S7: releases, grants, and sales undone. */
class ReleaseCasesTest {

    private final World world = World.begun();
    private final Offered offered = world.offer(100);
    private final TokenId token = offered.token(1);

    @Test
    @DisplayName("release before sale")
    void releaseBeforeSale() {
        var order = world.order(LI, offered, 1);
        Cite payment = world.pay(order);
        LawEvent sale = world.saleOf(order, payment, token);
        // The dock scans for a sale that is signed, and not anchored yet.
        var saleLeaf = world.leaf(Service.TOKEN, sale);
        Act.Release release = new Act.Release(saleLeaf.hash(), Map.of(token, box(token)));
        Cite to = new Cite(saleLeaf.index() + 1, saleLeaf.hash());
        LawEvent early = new LawEvent.CasesReleased(world.terminal(DOCK, release), to);
        assertVoid(Rule.EVIDENCE, world.tell(Service.WAREHOUSE, early));
        world.told(Service.TOKEN, sale);
        assertThat(world.of(token))
                .isInstanceOfSatisfying(
                        TokenState.Sold.class,
                        sold -> assertThat(sold.released()).isEmpty());
    }

    @Test
    @DisplayName("box code twice")
    void boxCodeTwice() {
        TokenId second = offered.token(2);
        Sold sold = world.sell(world.order(LI, offered, 2), token, second);
        BoxCode box = box("same");
        world.told(Service.WAREHOUSE, world.releaseOf(sold, Map.of(token, box)));
        assertVoid(Rule.RELEASE, world.tell(Service.WAREHOUSE, world.releaseOf(sold, Map.of(second, box))));

        Offered otherPlan = world.offer(100);
        Sold other = world.sell(world.order(WANG, otherPlan, 1), otherPlan.token(1));
        assertVoid(
                Rule.RELEASE, world.tell(Service.WAREHOUSE, world.releaseOf(other, Map.of(otherPlan.token(1), box))));
    }

    @Test
    @DisplayName("wrong site or GTIN")
    void wrongSiteOrGtin() {
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        Act.Release release = new Act.Release(sold.at().leaf(), Map.of(token, box(token)));
        assertVoid(
                Rule.RELEASE,
                world.tell(
                        Service.WAREHOUSE, new LawEvent.CasesReleased(world.terminal(OTHER_DOCK, release), sold.at())));
        BoxCode otherProduct = new BoxCode("06901234000016", "case-1");
        assertVoid(Rule.RELEASE, world.tell(Service.WAREHOUSE, world.releaseOf(sold, Map.of(token, otherProduct))));
        assertValid(world.tell(Service.WAREHOUSE, world.releaseOf(sold, Map.of(token, box(token)))));
    }

    @Test
    @DisplayName("box swap after title")
    void boxSwapAfterTitle() {
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        world.release(sold, token);
        // Before the grant another box may take its place, and the first is free again.
        Cite second = world.told(Service.WAREHOUSE, world.releaseOf(sold, Map.of(token, box("better"))));
        assertThat(world.state().boxes()).containsOnlyKeys(box("better"));
        world.grant(sold, second, token);
        assertVoid(Rule.RELEASE, world.tell(Service.WAREHOUSE, world.releaseOf(sold, Map.of(token, box("worse")))));
        assertThat(world.of(token))
                .isInstanceOfSatisfying(
                        TokenState.Owned.class,
                        owned -> assertThat(owned.deed().box()).isEqualTo(box("better")));
    }

    @Test
    void aReleaseIsForTheSaleItNames() {
        Sold first = world.sell(world.order(LI, offered, 1), token);
        // Scanned, and kept back until the token is another's.
        Act.Release scanned = new Act.Release(first.at().leaf(), Map.of(token, box(token)));
        String keptBack = world.terminal(DOCK, scanned);
        Cite cancelled = world.cancel(LI, first.order());
        Cite notReleased = world.state(new Act.NotReleased(first.at().leaf(), List.of(token)));
        world.undo(first, List.of(cancelled, notReleased), token);
        Sold second = world.sell(world.order(WANG, offered, 1), token);
        assertVoid(Rule.RELEASE, world.tell(Service.WAREHOUSE, new LawEvent.CasesReleased(keptBack, second.at())));
        assertVoid(Rule.RELEASE, world.tell(Service.WAREHOUSE, new LawEvent.CasesReleased(keptBack, first.at())));
    }

    @Test
    void aGrantNamesTheLastRelease() {
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        Cite first = world.release(sold, token);
        Cite second = world.told(Service.WAREHOUSE, world.releaseOf(sold, Map.of(token, box("better"))));
        assertVoid(Rule.GRANT, world.tell(Service.TOKEN, world.grantOf(sold, first, token)));
        assertValid(world.tell(Service.TOKEN, world.grantOf(sold, second, token)));
    }

    /** What is read without the ledger's evidence is what the event says: so that must be true. */
    @Test
    void aGrantThatCallsThingsByOtherNamesIsVoid() {
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        var other = world.order(WANG, offered, 1).intent();
        LawEvent.TokenGranted right = world.grantOf(sold, world.release(sold, token), token);
        for (LawEvent wrong : List.of(
                new LawEvent.TokenGranted(
                        other.orderId(), right.owner(), right.boxes(), right.sale(), right.release(), right.prev()),
                new LawEvent.TokenGranted(
                        right.orderId(), WANG.id(), right.boxes(), right.sale(), right.release(), right.prev()),
                new LawEvent.TokenGranted(
                        right.orderId(),
                        right.owner(),
                        Map.of(token, box("another")),
                        right.sale(),
                        right.release(),
                        right.prev()),
                new LawEvent.TokenGranted(
                        right.orderId(), right.owner(), Map.of(), right.sale(), right.release(), right.prev()))) {
            assertVoid(Rule.GRANT, world.tell(Service.TOKEN, wrong));
        }
        assertValid(world.tell(Service.TOKEN, right));
    }

    @Test
    void aSaleOrItsUndoingThatNamesAnotherOrderIsVoid() {
        var order = world.order(LI, offered, 1);
        var other = world.order(WANG, offered, 1).intent().orderId();
        LawEvent.TokensSold right = world.saleOf(order, world.pay(order), token);
        assertVoid(
                Rule.SALE,
                world.tell(
                        Service.TOKEN,
                        new LawEvent.TokensSold(other, right.order(), right.payments(), right.tokens(), right.prev())));
        Sold sold = new Sold(
                world.told(Service.TOKEN, right), order, right.payments().getFirst());
        Cite refused = world.stateWithParty(new Act.Refusal(sold.at().leaf(), List.of(token)));
        LawEvent.SaleUndone undo = world.undoingOf(sold, List.of(refused), token);
        assertVoid(
                Rule.UNDOING,
                world.tell(Service.TOKEN, new LawEvent.SaleUndone(other, undo.sale(), undo.reasons(), undo.prev())));
        assertValid(world.tell(Service.TOKEN, undo));
    }

    @Test
    @DisplayName("grant against undo")
    void grantAgainstUndo() {
        TokenId other = offered.token(2);
        Sold sold = world.sell(world.order(LI, offered, 2), token, other);
        Cite released = world.release(sold, token, other);
        Cite refused = world.stateWithParty(new Act.Refusal(sold.at().leaf(), World.ascending(token, other)));
        LawEvent grant = world.grantOf(sold, released, token);
        LawEvent undo = world.undoingOf(sold, List.of(refused), token);
        assertValid(world.tell(Service.TOKEN, grant));
        assertVoid(Rule.UNDOING, world.tell(Service.TOKEN, undo));

        LawEvent grantOther = world.grantOf(sold, released, other);
        LawEvent undoOther = world.undoingOf(sold, List.of(refused), other);
        assertValid(world.tell(Service.TOKEN, undoOther));
        assertVoid(Rule.GRANT, world.tell(Service.TOKEN, grantOther));
    }

    @Test
    void aBuyersCancellationUndoesOnlyWhatWasNotReleased() {
        TokenId other = offered.token(2);
        Sold sold = world.sell(world.order(LI, offered, 2), token, other);
        Cite cancelled = world.cancel(LI, sold.order());
        assertVoid(Rule.UNDOING, world.tell(Service.TOKEN, world.undoingOf(sold, List.of(cancelled), token)));
        Act.NotReleased word = new Act.NotReleased(sold.at().leaf(), World.ascending(token, other));
        Cite notReleased = world.state(word);
        world.undo(sold, List.of(cancelled, notReleased), token);
        assertThat(world.of(token)).isInstanceOf(TokenState.Unsold.class);

        world.release(sold, other);
        assertVoid(
                Rule.UNDOING, world.tell(Service.TOKEN, world.undoingOf(sold, List.of(cancelled, notReleased), other)));
        assertVoid(
                Rule.UNDOING,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CaseStated(
                                world.terminal(
                                        DOCK, new Act.NotReleased(sold.at().leaf(), List.of(other))),
                                Optional.empty())));
    }

    @Test
    void aTokenThatWasUndoneIsSoldAgainUponItsUndoing() {
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        Cite cancelled = world.cancel(LI, sold.order());
        Cite notReleased = world.state(new Act.NotReleased(sold.at().leaf(), List.of(token)));
        Cite undone = world.undo(sold, List.of(cancelled, notReleased), token);
        var order = world.order(WANG, offered, 1);
        Cite payment = world.pay(order);
        for (Map<TokenId, Hash> wrong :
                List.of(Map.<TokenId, Hash>of(), Map.of(token, sold.at().leaf()))) {
            assertVoid(
                    Rule.CHAIN,
                    world.tell(
                            Service.TOKEN,
                            new LawEvent.TokensSold(
                                    order.intent().orderId(), order.at(), List.of(payment), List.of(token), wrong)));
        }
        assertValid(world.tell(
                Service.TOKEN,
                new LawEvent.TokensSold(
                        order.intent().orderId(),
                        order.at(),
                        List.of(payment),
                        List.of(token),
                        Map.of(token, undone.leaf()))));
    }

    @Test
    void afterDeliverByTheBuyersWordAloneUndoes() {
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        world.release(sold, token);
        Cite early = world.cancel(LI, sold.order());
        world.tick();
        world.pass(Duration.ofDays(World.DELIVER_BY_DAYS));
        assertVoid(Rule.UNDOING, world.tell(Service.TOKEN, world.undoingOf(sold, List.of(early), token)));
        Cite late = world.cancel(LI, sold.order());
        world.undo(sold, List.of(late), token);
        assertThat(world.of(token)).isInstanceOf(TokenState.Unsold.class);
        assertThat(world.state().boxes()).isEmpty();
    }

    @Test
    void aRefusalNeedsThePartyAndItsTerminal() {
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        world.release(sold, token);
        Act.Refusal refusal = new Act.Refusal(sold.at().leaf(), List.of(token));
        assertVoid(
                Rule.UNDOING,
                world.tell(
                        Service.WAREHOUSE, new LawEvent.CaseStated(world.terminal(DOCK, refusal), Optional.empty())));
        assertVoid(
                Rule.UNDOING,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CaseStated(
                                world.terminal(DOCK, refusal), Optional.of(world.party(Parties.CARRIER, refusal)))));
        Act.Refusal another = new Act.Refusal(sold.at().leaf(), List.of(offered.token(9)));
        assertVoid(
                Rule.UNDOING,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CaseStated(
                                world.terminal(DOCK, refusal), Optional.of(world.party(Parties.WAREHOUSE, another)))));
        Cite refused = world.stateWithParty(refusal);
        world.undo(sold, List.of(refused), token);
        assertThat(world.of(token)).isInstanceOf(TokenState.Lost.class);

        // The box that was refused is never released again.
        TokenId other = offered.token(2);
        Sold second = world.sell(world.order(WANG, offered, 1), other);
        assertVoid(Rule.RELEASE, world.tell(Service.WAREHOUSE, world.releaseOf(second, Map.of(other, box(token)))));
    }

    @Test
    void aBoxThatWasRefusedStaysBarred() {
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        world.release(sold, token);
        world.stateWithParty(new Act.Refusal(sold.at().leaf(), List.of(token)));
        // The damaged case goes aside, and another box serves: the refusal was not carried out.
        assertVoid(Rule.RELEASE, world.tell(Service.WAREHOUSE, world.releaseOf(sold, Map.of(token, box(token)))));
        Cite better = world.told(Service.WAREHOUSE, world.releaseOf(sold, Map.of(token, box("better"))));
        world.grant(sold, better, token);
        TokenId other = offered.token(2);
        Sold second = world.sell(world.order(WANG, offered, 1), other);
        assertVoid(Rule.RELEASE, world.tell(Service.WAREHOUSE, world.releaseOf(second, Map.of(other, box(token)))));
    }

    @Test
    void aCancelledOrderIsNotSold() {
        var order = world.order(LI, offered, 1);
        Cite payment = world.pay(order);
        world.cancel(LI, order);
        assertVoid(Rule.UNDOING, world.tell(Service.TOKEN, world.saleOf(order, payment, token)));
    }
}
