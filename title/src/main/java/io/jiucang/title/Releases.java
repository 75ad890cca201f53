package io.jiucang.title;

import static io.jiucang.title.Rule.GRANT;
import static io.jiucang.title.Rule.RELEASE;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.Facts.Evidence;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Act.Speaker;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** S5 and S6: a sold token gets its box, and its owner. */
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
        TokenState.Sold sold = hearing.sold(token, sale, RELEASE);
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
                .filter(before -> !before.equals(box) && !state.isBarred(before))
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
        Facts.Order order = state.order(state.sale(sale).order());
        String buyer = order.buyer();
        GRANT.require(
                order.id().equals(event.orderId()) && buyer.equals(event.owner()),
                "it names another order, or another owner than its buyer");
        return Hearing.each(
                event.prev(),
                (token, prev) -> {
                    TokenState.Sold sold = hearing.sold(token, sale, GRANT);
                    hearing.requirePrev(sold, prev);
                    TokenState.Released released = sold.released()
                            .filter(last -> last.by().equals(event.release()))
                            .orElseThrow(() -> GRANT.broken("not its last release"));
                    GRANT.require(released.box().equals(event.boxes().get(token)), "another box than was released");
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
}
