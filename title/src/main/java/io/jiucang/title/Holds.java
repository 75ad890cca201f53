package io.jiucang.title;

import static io.jiucang.title.Rule.BURN;
import static io.jiucang.title.Rule.HOLD;
import static io.jiucang.title.Rule.LIFE;
import static io.jiucang.title.Rule.LOSS;
import static io.jiucang.title.Rule.ONE_EFFECT;
import static io.jiucang.title.Rule.PICKUP;

import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.Facts.Evidence;
import io.jiucang.title.Facts.Hold;
import io.jiucang.title.TokenState.Held;
import io.jiucang.title.TokenState.Outcome;
import io.jiucang.title.TokenState.Owned;
import io.jiucang.title.TokenState.Place;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Act.Speaker;
import io.jiucang.title.statement.Hashlock;
import io.jiucang.title.statement.HoldId;
import io.jiucang.title.statement.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** H1 and H2, and what H5 asks of the proof of a delivery: from the owner's statement to the door. */
final class Holds {

    private final Hearing hearing;
    private final TitleState state;

    Holds(Hearing hearing) {
        this.hearing = hearing;
        this.state = hearing.state();
    }

    Ruling judge(LawEvent.PickupAuthorised event) {
        Statement<Act.Pickup> statement = hearing.byWallet(event.statement(), Act.Pickup.class);
        Act.Pickup pickup = statement.act();
        hearing.requireNear(statement, pickup.until());
        PICKUP.require(state.directory().carrier(pickup.carrier()).isPresent(), "a carrier that is not listed");
        HoldId id = statement.holdId();
        ONE_EFFECT.require(state.findHold(id).isEmpty(), "a hold of this id stands");
        return Hearing.valid(
                hearing.anchored(statement),
                hearing.stands(new Evidence.Authorised(id)),
                new Change.HoldSet(new Hold(
                        id,
                        statement.spoken().sub(),
                        statement.kid(),
                        Terms.Pickup.of(pickup),
                        hearing.here(),
                        Optional.empty())));
    }

    Ruling judge(LawEvent.PickupCancelled event) {
        Statement<Act.PickupCancellation> statement = hearing.byWallet(event.statement(), Act.PickupCancellation.class);
        Hold hold = state.findHold(statement.act().hold())
                .filter(each -> each.owner().equals(statement.spoken().sub()))
                .orElseThrow(() -> HOLD.broken("none of this owner's holds"));
        PICKUP.require(hold.pickup().id().equals(event.pickup()), "the hold of another pickup");
        HOLD.require(hold.cancelled().isEmpty(), "cancelled before");
        return Hearing.valid(hearing.anchored(statement), new Change.HoldSet(hold.cancel(hearing.here())));
    }

    Ruling judge(LawEvent.TokenHeld event) {
        Hold hold = hold(hearing.cited(event.by(), Evidence.Authorised.class).hold());
        HOLD.require(hold.cancelled().isEmpty(), "its owner had cancelled");
        HOLD.require(HoldEnd.beforeShipping(state, hold).isEmpty(), "its date has passed, or its key was revoked");
        LIFE.require(
                hearing.clock()
                        .after(
                                hold.anchored(),
                                Duration.ofSeconds(hearing.parameters().holdBegins()))
                        .filter(hearing.clock()::reached)
                        .isEmpty(),
                "too long after its statement was anchored");
        return Hearing.each(
                event.prev(),
                (token, prev) -> begin(token, hold, prev),
                held -> List.of(hearing.stands(new Evidence.HeldBy(hold.id()))));
    }

    private List<Change> begin(TokenId token, Hold hold, Hash prev) {
        ONE_EFFECT.require(!state.hasBegun(new Facts.Begun(hold.id(), token)), "the statement had its effect on it");
        HOLD.require(hold.terms().names(token), "a token that the statement does not name");
        if (!(hearing.token(token) instanceof Owned owned)) {
            throw HOLD.broken("it is not free");
        }
        HOLD.require(owned.deed().owner().equals(hold.owner()), "not its owner");
        LOSS.require(owned.lost().isEmpty(), "its case is said to be lost");
        hearing.requirePrev(owned, prev);
        return List.of(
                new Change.HoldBegun(new Facts.Begun(hold.id(), token)),
                new Change.TokenSet(token, new Held(owned.deed(), hold.id(), Place.InWarehouse.BEGINNING, here())));
    }

    /** H2: the gate opens by this event alone, and closes for good once the hold has ended. */
    Ruling judge(LawEvent.CasesShipped event) {
        Hold hold = hold(hearing.cited(event.held(), Evidence.HeldBy.class).hold());
        Hearing.Word<Act.Ships> word = hearing.byTerminal(event.statement(), Act.Ships.class, Speaker.DOCK);
        PICKUP.require(word.act().hold().equals(hold.id()), "said of another hold");
        return Hearing.each(
                event.prev(),
                (token, prev) -> ship(token, hold, prev, word),
                shipped -> List.of(
                        hearing.anchored(word.statement()), hearing.stands(new Evidence.ShippedUnder(hold.id()))));
    }

    private List<Change> ship(TokenId token, Hold hold, Hash prev, Hearing.Word<Act.Ships> word) {
        PICKUP.require(word.act().tokens().contains(token), "a token that the terminal does not name");
        hearing.requireAtSite(PICKUP, word.terminal(), token);
        Underway underway = new Underway(hearing, hold);
        hearing.requirePrev(underway.held(token), prev);
        Held held = underway.standing(token);
        PICKUP.require(
                !underway.inWarehouse(held).hasWordOf(word.terminal()), "the terminal had said that it stands here");
        return List.of(new Change.TokenSet(
                token, new Held(held.deed(), hold.id(), new Place.OnTheRoad(Optional.empty()), here())));
    }

    Ruling judge(LawEvent.DeliveryCompleted event) {
        Hold hold =
                hold(hearing.cited(event.shipped(), Evidence.ShippedUnder.class).hold());
        Hearing.Word<Act.Delivery> word = hearing.byTerminal(event.statement(), Act.Delivery.class, Speaker.COURIER);
        BURN.require(word.act().hold().equals(hold.id()), "said of another hold");
        BURN.require(word.terminal().party().equals(hold.pickup().carrier()), "a terminal of another carrier");
        return Hearing.each(
                word.act().codes(),
                (token, code) -> {
                    Optional<Hash> lock =
                            Optional.ofNullable(hold.pickup().hashlocks().get(token));
                    BURN.require(
                            lock.equals(Optional.of(Hashlock.of(hold.pickup().id(), token, code))),
                            "a code that does not open its hashlock");
                    return new Underway(hearing, hold).outcome(token, Outcome.Kind.DELIVERED);
                },
                delivered -> List.of(hearing.anchored(word.statement())));
    }

    private Hold hold(HoldId id) {
        return state.findHold(id).orElseThrow();
    }

    private Optional<Hash> here() {
        return Optional.of(hearing.here().leaf());
    }
}
