package io.jiucang.title;

import static io.jiucang.title.Rule.BURN;
import static io.jiucang.title.Rule.HOLD;
import static io.jiucang.title.Rule.LOSS;

import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.TokenState.Burned;
import io.jiucang.title.TokenState.Deed;
import io.jiucang.title.TokenState.Held;
import io.jiucang.title.TokenState.Lost;
import io.jiucang.title.TokenState.Outcome;
import io.jiucang.title.TokenState.Owned;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** H1, H5 and H6: the title events that carry out what has ended a hold, a loss or a token. */
final class Ends {

    private final Hearing hearing;
    private final TitleState state;

    Ends(Hearing hearing) {
        this.hearing = hearing;
        this.state = hearing.state();
    }

    /** H1. */
    Ruling judge(LawEvent.TokenFreed event) {
        return hearing.eachUpon(event, (token, before) -> {
            if (!(before instanceof Held held)) {
                throw HOLD.broken("it is not held");
            }
            HoldEnd end = endOf(held).orElseThrow(() -> HOLD.broken("its hold has not ended"));
            HOLD.require(end.kind().frees(), "its hold ended otherwise: " + end.kind());
            HOLD.require(end.by().equals(Set.copyOf(event.reasons())), "not the events that ended its hold");
            return List.of(set(token, new Owned(held.deed(), Optional.empty(), here())));
        });
    }

    /** H5: delivered; or H6: lost, and its owner has chosen its price. */
    Ruling judge(LawEvent.TokenBurned event) {
        return hearing.eachUpon(event, (token, before) -> {
            return burn(token, before, event.by());
        });
    }

    private List<Change> burn(TokenId token, TokenState before, Cite by) {
        if (before instanceof Lost lost) {
            Deed deed = gone(lost, Outcome.Kind.MONEY_BACK, by);
            return List.of(
                    set(token, new Burned(deed, here())),
                    new Change.SaleEnded(new Facts.Sold(deed.sale(), token), new Facts.SaleEnd(hearing.here(), false)));
        }
        BURN.require(before instanceof Held held && isEnded(held, HoldEnd.Kind.DELIVERED, by), "not delivered by that");
        return List.of(set(token, new Burned(((Held) before).deed(), here())));
    }

    /** H6. */
    Ruling judge(LawEvent.TokenLost event) {
        return hearing.eachUpon(event, (token, before) -> {
            return List.of(set(token, new Lost(Optional.of(lost(before, event.by())), Optional.empty(), here())));
        });
    }

    private Deed lost(TokenState before, Cite by) {
        return switch (before) {
            case Owned owned when owned.lost().filter(by::equals).isPresent() -> owned.deed();
            case Held held when isEnded(held, HoldEnd.Kind.LOST, by) -> held.deed();
            default -> throw LOSS.broken("not lost by that");
        };
    }

    /** H6. */
    Ruling judge(LawEvent.TokenFound event) {
        return hearing.eachUpon(event, (token, before) -> {
            if (!(before instanceof Lost lost)) {
                throw LOSS.broken("it is not lost");
            }
            Deed deed = gone(lost, Outcome.Kind.FOUND, event.by());
            return List.of(set(token, new Owned(deed, Optional.empty(), here())));
        });
    }

    /** H6: only the buyer of the sale, while they are the owner. */
    Ruling judge(LawEvent.LossAnswered event) {
        Statement<Act.MoneyBack> statement = hearing.byWallet(event.statement(), Act.MoneyBack.class);
        String owner = statement.spoken().sub();
        Hash sale = state.findOrder(statement.act().order())
                .filter(order -> order.buyer().equals(owner))
                .flatMap(Facts.Order::sale)
                .orElseThrow(() -> LOSS.broken("none of this buyer's sales"));
        return Hearing.each(
                statement.act().tokens(),
                token -> {
                    LOSS.require(isLostTo(token, owner, sale), "not lost, or not its buyer's any more");
                    return Words.outcomeOfLoss(hearing, token, Outcome.Kind.MONEY_BACK);
                },
                answered -> List.of(hearing.anchored(statement)));
    }

    private boolean isLostTo(TokenId token, String owner, Hash sale) {
        return hearing.token(token) instanceof Lost lost
                && lost.deed()
                        .filter(deed ->
                                deed.owner().equals(owner) && deed.sale().equals(sale))
                        .isPresent();
    }

    private static Deed gone(Lost lost, Outcome.Kind kind, Cite by) {
        LOSS.require(lost.outcome().filter(new Outcome(kind, by)::equals).isPresent(), "not " + kind + " by that");
        return lost.deed().orElseThrow();
    }

    private boolean isEnded(Held held, HoldEnd.Kind kind, Cite by) {
        return endOf(held)
                .filter(end -> end.kind() == kind && end.by().equals(Set.of(by)))
                .isPresent();
    }

    private Optional<HoldEnd> endOf(Held held) {
        return HoldEnd.of(state, state.findHold(held.hold()).orElseThrow(), held);
    }

    private Change set(TokenId token, TokenState state) {
        return new Change.TokenSet(token, state);
    }

    private Optional<Hash> here() {
        return Optional.of(hearing.here().leaf());
    }
}
