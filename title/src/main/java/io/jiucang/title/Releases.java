package io.jiucang.title;

import static io.jiucang.title.Rule.EVIDENCE;
import static io.jiucang.title.Rule.GRANT;
import static io.jiucang.title.Rule.RELEASE;
import static io.jiucang.title.Rule.UNDOING;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.Facts.Evidence;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Act.Speaker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** S5 to S7: a sold token gets its box and its owner, or is undone. */
final class Releases {

    private final Hearing hearing;
    private final TitleState state;

    Releases(Hearing hearing) {
        this.hearing = hearing;
        this.state = hearing.state();
    }

    /** S5. */
    Ruling judge(LawEvent.CasesReleased event) {
        Hash sale = hearing.cited(event.sale(), Evidence.SoldUnder.class).sale();
        Hearing.Word<Act.Release> word = hearing.byTerminal(event.statement(), Act.Release.class, Speaker.DOCK);
        RELEASE.require(word.act().sale().equals(sale), "said of another sale");
        return Hearing.each(
                word.act().boxes(),
                (token, box) -> release(token, box, sale, word.terminal()),
                released -> List.of(
                        hearing.anchored(word.statement()),
                        hearing.stands(new Evidence.ReleasedUnder(sale, released))));
    }

    private List<Change> release(TokenId token, BoxCode box, Hash sale, Facts.Terminal terminal) {
        TokenState.Sold sold = sold(token, sale, RELEASE);
        hearing.requireAtSite(RELEASE, terminal, token);
        RELEASE.require(
                box.gtin().equals(hearing.planOf(token).offer().gtin()), "a box with another GTIN than the offer's");
        state.box(box).ifPresent(known -> {
            RELEASE.require(known.token().equals(token), "the box is another token's");
            RELEASE.require(!known.barred(), "the box was refused");
        });
        List<Change> changes = new ArrayList<>();
        sold.released()
                .map(TokenState.Released::box)
                .filter(before -> !before.equals(box) && !isBarred(before))
                .ifPresent(before -> changes.add(new Change.BoxFreed(before)));
        changes.add(new Change.BoxSet(box, new Facts.Box(token, false)));
        TokenState.Released released = new TokenState.Released(box, hearing.here());
        changes.add(new Change.TokenSet(token, new TokenState.Sold(sale, Optional.of(released), sold.last())));
        return changes;
    }

    /** S6. */
    Ruling judge(LawEvent.TokenGranted event) {
        Hash sale = hearing.cited(event.sale(), Evidence.SoldUnder.class).sale();
        hearing.cited(event.release(), Evidence.ReleasedUnder.class);
        String buyer = state.order(state.sale(sale).order()).buyer();
        return Hearing.each(
                event.prev(),
                (token, prev) -> {
                    TokenState.Sold sold = sold(token, sale, GRANT);
                    hearing.requirePrev(sold, prev);
                    TokenState.Released released = sold.released()
                            .filter(last -> last.by().equals(event.release()))
                            .orElseThrow(() -> GRANT.broken("not its last release"));
                    TokenState.Deed deed = new TokenState.Deed(buyer, released.box(), sale);
                    return List.of(new Change.TokenSet(
                            token,
                            new TokenState.Owned(
                                    deed,
                                    Optional.empty(),
                                    Optional.of(hearing.here().leaf()))));
                },
                granted -> List.of());
    }

    /** S7. */
    Ruling judge(LawEvent.SaleUndone event) {
        Hash sale = hearing.cited(event.sale(), Evidence.SoldUnder.class).sale();
        Reasons reasons = reasons(event.reasons(), state.sale(sale));
        return Hearing.each(
                event.prev(),
                (token, prev) -> {
                    TokenState.Sold sold = sold(token, sale, UNDOING);
                    hearing.requirePrev(sold, prev);
                    return undo(token, sold, reasons.of(token, sold));
                },
                undone -> List.of());
    }

    private List<Change> undo(TokenId token, TokenState.Sold sold, boolean refused) {
        Optional<Hash> last = Optional.of(hearing.here().leaf());
        List<Change> changes = new ArrayList<>();
        sold.released()
                .map(TokenState.Released::box)
                .filter(box -> !isBarred(box))
                .ifPresent(box -> changes.add(new Change.BoxFreed(box)));
        changes.add(new Change.TokenSet(
                token,
                refused ? new TokenState.Lost(Optional.empty(), Optional.empty(), last) : new TokenState.Unsold(last)));
        changes.add(new Change.SaleEnded(new Facts.Sold(sold.sale(), token), new Facts.SaleEnd(hearing.here(), false)));
        return changes;
    }

    private boolean isBarred(BoxCode box) {
        return state.box(box).filter(Facts.Box::barred).isPresent();
    }

    /** The evidence of S7 that an undoing cites. */
    private record Reasons(
            List<Evidence.RefusedUnder> refused,
            List<Evidence.NotReleasedUnder> notReleased,
            boolean cancelled,
            boolean late) {

        /** @return whether it is refused, and so lost; else it is unsold again */
        boolean of(TokenId token, TokenState.Sold sold) {
            if (refused.stream().anyMatch(each -> each.tokens().contains(token))) {
                return true;
            }
            if (late) {
                return false;
            }
            UNDOING.require(cancelled, "neither refused nor cancelled by its buyer");
            UNDOING.require(
                    notReleased.stream().anyMatch(each -> each.tokens().contains(token)),
                    "no terminal says that it was not released");
            UNDOING.require(sold.released().isEmpty(), "it was released");
            return false;
        }
    }

    private Reasons reasons(List<Cite> cites, Facts.Sale sale) {
        List<Evidence.RefusedUnder> refused = new ArrayList<>();
        List<Evidence.NotReleasedUnder> notReleased = new ArrayList<>();
        boolean cancelled = false;
        boolean late = false;
        for (Cite cite : cites) {
            switch (hearing.cited(cite, Evidence.class)) {
                case Evidence.RefusedUnder reason
                when reason.sale().equals(sale.at().leaf()) -> refused.add(reason);
                case Evidence.NotReleasedUnder reason
                when reason.sale().equals(sale.at().leaf()) -> notReleased.add(reason);
                case Evidence.Cancelled reason
                when reason.order().equals(sale.order()) -> {
                    cancelled = true;
                    late |= isAfterDeliverBy(cite, sale);
                }
                default -> throw EVIDENCE.broken(cite + " is no reason to undo this sale");
            }
        }
        return new Reasons(refused, notReleased, cancelled, late);
    }

    private boolean isAfterDeliverBy(Cite word, Facts.Sale sale) {
        int days = state.plan(state.order(sale.order()).plan()).offer().deliverBy();
        Optional<Instant> deliverBy = hearing.clock().after(sale.at(), Duration.ofDays(days));
        return deliverBy
                .filter(time -> hearing.clock().reachedBefore(time, word))
                .isPresent();
    }

    private TokenState.Sold sold(TokenId token, Hash sale, Rule rule) {
        if (hearing.token(token) instanceof TokenState.Sold sold && sold.sale().equals(sale)) {
            return sold;
        }
        throw rule.broken("not sold under this sale any more");
    }
}
