package io.jiucang.title;

import static io.jiucang.title.Rule.HOLD;
import static io.jiucang.title.Rule.PICKUP;

import io.jiucang.events.value.TokenId;
import io.jiucang.title.Facts.Hold;
import io.jiucang.title.TokenState.Held;
import io.jiucang.title.TokenState.Outcome;
import io.jiucang.title.TokenState.Place;
import java.util.List;
import java.util.Optional;

/** A hold before the law, and the tokens under it. */
record Underway(Hearing hearing, Hold hold) {

    /** @throws LawBroken by H1 unless the token is under this hold, ended or not */
    Held held(TokenId token) {
        if (hearing.token(token) instanceof Held held && held.hold().equals(hold.id())) {
            return held;
        }
        throw HOLD.broken("not under this hold");
    }

    /** @throws LawBroken by H1 unless the token is under this hold and no reason has ended it */
    Held standing(TokenId token) {
        Held held = held(token);
        HoldEnd.of(hearing.state(), hold, held).ifPresent(end -> {
            throw HOLD.broken("it ended at #" + end.since() + ", " + end.kind());
        });
        return held;
    }

    /** @throws LawBroken also by H2, if it has left */
    Place.InWarehouse inWarehouse(Held held) {
        if (held.place() instanceof Place.InWarehouse place) {
            return place;
        }
        throw PICKUP.broken("it is on the road");
    }

    /** The first word of the kinds that end a hold on the road. */
    List<Change> outcome(TokenId token, Outcome.Kind kind) {
        Held held = standing(token);
        PICKUP.require(held.isOnTheRoad(), "it is not on the road");
        Outcome outcome = new Outcome(kind, hearing.here());
        return List.of(new Change.TokenSet(
                token, new Held(held.deed(), hold.id(), new Place.OnTheRoad(Optional.of(outcome)), held.last())));
    }
}
