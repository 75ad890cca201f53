package io.jiucang.title;

import io.jiucang.title.Facts.Hold;
import io.jiucang.title.Facts.Tick;
import io.jiucang.title.Facts.WalletKey;
import io.jiucang.title.TokenState.Held;
import io.jiucang.title.TokenState.Outcome;
import io.jiucang.title.TokenState.Place;
import io.jiucang.title.TokenState.StandsHere;
import io.jiucang.title.event.Cite;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * H1: a hold ends by the first reason that stands. From that index on nothing else counts for it, whenever the title event
 * comes that carries it out.
 *
 * @param since the index from which the reason stands
 * @param by the events that carry it; none where a date passed
 */
record HoldEnd(Kind kind, long since, Set<Cite> by) {

    enum Kind {
        CANCELLED,
        DATE_PASSED,
        KEY_REVOKED,
        RETURNED,
        DELIVERED,
        LOST;

        /** Whether the token is its owner's again. */
        boolean frees() {
            return switch (this) {
                case CANCELLED, DATE_PASSED, KEY_REVOKED, RETURNED -> true;
                case DELIVERED, LOST -> false;
            };
        }
    }

    /** Empty while the hold stands for this token. */
    static Optional<HoldEnd> of(TitleState state, Hold hold, Held token) {
        return switch (token.place()) {
            case Place.OnTheRoad(var outcome) -> outcome.map(HoldEnd::of);
            case Place.InWarehouse place -> {
                List<HoldEnd> reasons = new ArrayList<>();
                cancelled(hold, place).ifPresent(reasons::add);
                beforeShipping(state, hold).ifPresent(reasons::add);
                place.lost().ifPresent(by -> reasons.add(new HoldEnd(Kind.LOST, by.index(), Set.of(by))));
                yield reasons.stream().min(Comparator.comparingLong(HoldEnd::since));
            }
        };
    }

    /** What ends it for all its tokens, as far as they have not left: its date, or that its key was revoked. */
    static Optional<HoldEnd> beforeShipping(TitleState state, Hold hold) {
        List<HoldEnd> reasons = new ArrayList<>();
        state.clock()
                .firstAt(hold.terms().until())
                .map(Tick::at)
                .ifPresent(tick -> reasons.add(new HoldEnd(Kind.DATE_PASSED, tick.index(), Set.of())));
        state.wallet(hold.owner())
                .flatMap(wallet -> wallet.key(hold.kid()))
                .flatMap(WalletKey::revoked)
                .ifPresent(by -> reasons.add(new HoldEnd(Kind.KEY_REVOKED, by.index(), Set.of(by))));
        return reasons.stream().min(Comparator.comparingLong(HoldEnd::since));
    }

    private static Optional<HoldEnd> cancelled(Hold hold, Place.InWarehouse place) {
        Optional<Cite> word = place.words().stream().map(StandsHere::by).findFirst();
        return hold.cancelled()
                .flatMap(cancelled -> word.map(stands -> new HoldEnd(
                        Kind.CANCELLED, Math.max(cancelled.index(), stands.index()), Set.of(cancelled, stands))));
    }

    private static HoldEnd of(Outcome outcome) {
        Kind kind = switch (outcome.kind()) {
            case RETURNED -> Kind.RETURNED;
            case DELIVERED -> Kind.DELIVERED;
            case LOST -> Kind.LOST;
            case FOUND, MONEY_BACK -> throw new IllegalStateException("of no hold: " + outcome);
        };
        return new HoldEnd(kind, outcome.by().index(), Set.of(outcome.by()));
    }
}
