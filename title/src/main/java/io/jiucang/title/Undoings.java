package io.jiucang.title;

import static io.jiucang.title.Rule.EVIDENCE;
import static io.jiucang.title.Rule.UNDOING;

import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.Facts.Evidence;
import io.jiucang.title.Facts.Sale;
import io.jiucang.title.TokenState.Lost;
import io.jiucang.title.TokenState.Released;
import io.jiucang.title.TokenState.Sold;
import io.jiucang.title.TokenState.Unsold;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** S7: a sale is undone before the grant, token by token. */
final class Undoings {

    private final Hearing hearing;
    private final TitleState state;

    Undoings(Hearing hearing) {
        this.hearing = hearing;
        this.state = hearing.state();
    }

    Ruling judge(LawEvent.SaleUndone event) {
        Hash sale = hearing.cited(event.sale(), Evidence.SoldUnder.class).sale();
        UNDOING.require(state.sale(sale).order().equals(event.orderId()), "it calls the order by another id");
        Reasons reasons = reasons(event.reasons(), state.sale(sale));
        return Hearing.each(
                event.prev(),
                (token, prev) -> {
                    Sold sold = hearing.sold(token, sale, UNDOING);
                    hearing.requirePrev(sold, prev);
                    reasons.requireFor(token, sold);
                    return undo(token, sold, reasons.refused().contains(token));
                },
                undone -> List.of());
    }

    private List<Change> undo(TokenId token, Sold sold, boolean refused) {
        Optional<Hash> last = Optional.of(hearing.here().leaf());
        List<Change> changes = new ArrayList<>();
        sold.released()
                .map(Released::box)
                .filter(box -> !state.isBarred(box))
                .ifPresent(box -> changes.add(new Change.BoxFreed(box)));
        changes.add(new Change.TokenSet(
                token, refused ? new Lost(Optional.empty(), Optional.empty(), last) : new Unsold(last)));
        changes.add(new Change.SaleEnded(new Facts.Sold(sold.sale(), token), new Facts.SaleEnd(hearing.here(), false)));
        return changes;
    }

    /**
     * What an undoing cites, gathered.
     *
     * @param refused tokens that the warehouse and a dock refuse
     * @param notReleased tokens that a dock says it has not released and will not
     * @param cancelled whether the buyer has said that the order is to end
     * @param late whether they said so after the days until delivery
     */
    private record Reasons(Set<TokenId> refused, Set<TokenId> notReleased, boolean cancelled, boolean late) {

        void requireFor(TokenId token, Sold sold) {
            if (refused.contains(token) || late) {
                return;
            }
            UNDOING.require(cancelled, "neither refused nor cancelled by its buyer");
            UNDOING.require(notReleased.contains(token), "no dock says that it was not released");
            UNDOING.require(sold.released().isEmpty(), "it was released");
        }
    }

    private Reasons reasons(List<Cite> cites, Sale sale) {
        Set<TokenId> refused = new HashSet<>();
        Set<TokenId> notReleased = new HashSet<>();
        boolean cancelled = false;
        boolean late = false;
        for (Cite cite : cites) {
            Evidence evidence = hearing.cited(cite, Evidence.class);
            EVIDENCE.require(isAbout(evidence, sale), cite + " is no reason to undo this sale");
            if (evidence instanceof Evidence.RefusedUnder reason) {
                refused.addAll(reason.tokens());
            } else if (evidence instanceof Evidence.NotReleasedUnder reason) {
                notReleased.addAll(reason.tokens());
            } else {
                cancelled = true;
                late |= isAfterDeliverBy(cite, sale);
            }
        }
        return new Reasons(refused, notReleased, cancelled, late);
    }

    private static boolean isAbout(Evidence evidence, Sale sale) {
        return switch (evidence) {
            case Evidence.RefusedUnder reason -> reason.sale().equals(sale.at().leaf());
            case Evidence.NotReleasedUnder reason ->
                reason.sale().equals(sale.at().leaf());
            case Evidence.Cancelled reason -> reason.order().equals(sale.order());
            case Evidence.Placed _,
                    Evidence.Captured _,
                    Evidence.SoldUnder _,
                    Evidence.ReleasedUnder _,
                    Evidence.Authorised _,
                    Evidence.HeldBy _,
                    Evidence.ShippedUnder _ -> false;
        };
    }

    private boolean isAfterDeliverBy(Cite word, Sale sale) {
        int days = state.plan(state.order(sale.order()).plan()).offer().deliverBy();
        Optional<Instant> deliverBy = hearing.clock().after(sale.at(), Duration.ofDays(days));
        return deliverBy
                .filter(time -> hearing.clock().reachedBefore(time, word))
                .isPresent();
    }
}
