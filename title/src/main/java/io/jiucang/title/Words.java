package io.jiucang.title;

import static io.jiucang.title.Rule.HOLD;
import static io.jiucang.title.Rule.LOSS;
import static io.jiucang.title.Rule.PICKUP;
import static io.jiucang.title.Rule.STATEMENT;
import static io.jiucang.title.Rule.TELLER;
import static io.jiucang.title.Rule.UNDOING;

import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.Facts.Evidence;
import io.jiucang.title.Facts.Hold;
import io.jiucang.title.TokenState.Held;
import io.jiucang.title.TokenState.Outcome;
import io.jiucang.title.TokenState.Owned;
import io.jiucang.title.TokenState.Place;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent.CaseStated;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Act.Speaker;
import io.jiucang.title.statement.HoldId;
import io.jiucang.title.statement.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What custodians say of cases they have, or had: evidence for S7, H2 and H6. By itself it passes no title. */
final class Words {

    private final Hearing hearing;
    private final TitleState state;

    Words(Hearing hearing) {
        this.hearing = hearing;
        this.state = hearing.state();
    }

    Ruling judge(CaseStated event) {
        Act act = hearing.read(event.terminal()).act();
        TELLER.require(
                (hearing.teller() == Service.DELIVERY) == (act instanceof Act.LostOnTheRoad),
                "the delivery service tells what couriers say, the warehouse service the rest");
        return switch (act) {
            case Act.NotReleased _ -> notReleased(alone(event, Act.NotReleased.class, Speaker.DOCK));
            case Act.Refusal _ -> refused(withParty(event, Act.Refusal.class, UNDOING));
            case Act.StandsHere _ -> standsHere(alone(event, Act.StandsHere.class, Speaker.DOCK));
            case Act.Returned _ -> returned(alone(event, Act.Returned.class, Speaker.DOCK));
            case Act.Found _ -> found(alone(event, Act.Found.class, Speaker.DOCK));
            case Act.Lost _ -> lost(withParty(event, Act.Lost.class, LOSS));
            case Act.LostOnTheRoad _ -> lostOnTheRoad(alone(event, Act.LostOnTheRoad.class, Speaker.COURIER));
            default -> throw STATEMENT.broken("not a word about a case");
        };
    }

    /** S7: void once the token is released. */
    private Ruling notReleased(Heard<Act.NotReleased> heard) {
        Hash sale = heard.act().sale();
        return Hearing.each(
                heard.act().tokens(),
                token -> {
                    TokenState.Sold sold = hearing.sold(token, sale, UNDOING);
                    hearing.requireAtSite(UNDOING, heard.terminal(), token);
                    UNDOING.require(sold.released().isEmpty(), "it was released");
                    return List.of();
                },
                valid -> heard.with(hearing.stands(new Evidence.NotReleasedUnder(sale, valid))));
    }

    /** S7; and S5: the box that stood for it is never released again. */
    private Ruling refused(Heard<Act.Refusal> heard) {
        Hash sale = heard.act().sale();
        return Hearing.each(
                heard.act().tokens(),
                token -> {
                    TokenState.Sold sold = hearing.sold(token, sale, UNDOING);
                    hearing.requireAtSite(UNDOING, heard.terminal(), token);
                    return sold.released().stream()
                            .<Change>map(released -> new Change.BoxSet(released.box(), new Facts.Box(token, true)))
                            .toList();
                },
                valid -> heard.with(hearing.stands(new Evidence.RefusedUnder(sale, valid))));
    }

    /** H2. */
    private Ruling standsHere(Heard<Act.StandsHere> heard) {
        Underway underway = underway(heard.act().hold());
        return Hearing.each(
                heard.act().tokens(),
                token -> {
                    hearing.requireAtSite(PICKUP, heard.terminal(), token);
                    Held held = underway.standing(token);
                    Place.InWarehouse place = underway.inWarehouse(held);
                    PICKUP.require(!place.hasWordOf(heard.terminal()), "it said so before");
                    List<TokenState.StandsHere> words = new ArrayList<>(place.words());
                    words.add(new TokenState.StandsHere(heard.terminal().id(), hearing.here()));
                    return List.of(setPlace(token, held, new Place.InWarehouse(words, place.lost())));
                },
                valid -> heard.with());
    }

    /** H2. */
    private Ruling returned(Heard<Act.Returned> heard) {
        Underway underway = underway(heard.act().hold());
        return Hearing.each(
                heard.act().tokens(),
                token -> {
                    hearing.requireAtSite(PICKUP, heard.terminal(), token);
                    return underway.outcome(token, Outcome.Kind.RETURNED);
                },
                valid -> heard.with());
    }

    /** H6. */
    private Ruling found(Heard<Act.Found> heard) {
        return Hearing.each(
                heard.act().tokens(),
                token -> {
                    hearing.requireAtSite(LOSS, heard.terminal(), token);
                    return outcomeOfLoss(hearing, token, Outcome.Kind.FOUND);
                },
                valid -> heard.with());
    }

    /** H6: before shipping. */
    private Ruling lost(Heard<Act.Lost> heard) {
        return Hearing.each(
                heard.act().tokens(),
                token -> {
                    hearing.requireAtSite(LOSS, heard.terminal(), token);
                    return List.of(lost(token));
                },
                valid -> heard.with());
    }

    private Change lost(TokenId token) {
        Optional<Cite> here = Optional.of(hearing.here());
        return switch (hearing.token(token)) {
            case Owned owned -> {
                LOSS.require(owned.lost().isEmpty(), "said before");
                yield new Change.TokenSet(token, new Owned(owned.deed(), here, owned.last()));
            }
            case Held held -> {
                Underway underway = underway(held.hold());
                Place.InWarehouse place = underway.inWarehouse(underway.standing(token));
                yield setPlace(token, held, new Place.InWarehouse(place.words(), here));
            }
            case TokenState.Unsold _, TokenState.Sold _, TokenState.Lost _, TokenState.Burned _ ->
                throw LOSS.broken("it has no owner, or is lost or burned");
        };
    }

    /** H6: on the road. */
    private Ruling lostOnTheRoad(Heard<Act.LostOnTheRoad> heard) {
        Underway underway = underway(heard.act().hold());
        LOSS.require(
                heard.terminal().party().equals(underway.hold().pickup().carrier()), "a terminal of another carrier");
        return Hearing.each(
                heard.act().tokens(), token -> underway.outcome(token, Outcome.Kind.LOST), valid -> heard.with());
    }

    /** The first word that ends a loss: found, or the owner's choice of their money. */
    static List<Change> outcomeOfLoss(Hearing hearing, TokenId token, Outcome.Kind kind) {
        if (!(hearing.token(token) instanceof TokenState.Lost lost)) {
            throw LOSS.broken("it is not lost");
        }
        LOSS.require(lost.deed().isPresent(), "lost before its grant, it stays lost");
        LOSS.require(lost.outcome().isEmpty(), "found, or given up for its price, before");
        Outcome outcome = new Outcome(kind, hearing.here());
        return List.of(new Change.TokenSet(token, new TokenState.Lost(lost.deed(), Optional.of(outcome), lost.last())));
    }

    /** A terminal's word, and its party's where the law asks for both. */
    private record Heard<A extends Act>(Hearing.Word<A> word, List<Change> anchored) {

        A act() {
            return word.act();
        }

        Facts.Terminal terminal() {
            return word.terminal();
        }

        List<Change> with(Change... more) {
            List<Change> changes = new ArrayList<>(anchored);
            changes.addAll(List.of(more));
            return changes;
        }
    }

    private <A extends Act> Heard<A> alone(CaseStated event, Class<A> act, Speaker role) {
        STATEMENT.require(event.party().isEmpty(), "a party's statement where none belongs");
        Hearing.Word<A> word = hearing.byTerminal(event.terminal(), act, role);
        return new Heard<>(word, List.of(hearing.anchored(word.statement())));
    }

    private <A extends Act> Heard<A> withParty(CaseStated event, Class<A> act, Rule rule) {
        Hearing.Word<A> word = hearing.byTerminal(event.terminal(), act, Speaker.DOCK);
        String text = event.party().orElseThrow(() -> rule.broken("the warehouse itself does not say so"));
        Statement<A> party = hearing.byParty(text, act);
        rule.require(party.spoken().sub().equals(word.terminal().party()), "said by another party than the terminal's");
        rule.require(party.act().equals(word.act()), "the party says something else than its terminal");
        return new Heard<>(word, List.of(hearing.anchored(word.statement()), hearing.anchored(party)));
    }

    private Underway underway(HoldId id) {
        Hold hold = state.findHold(id).orElseThrow(() -> HOLD.broken("there is no such hold"));
        return new Underway(hearing, hold);
    }

    private static Change setPlace(TokenId token, Held held, Place place) {
        return new Change.TokenSet(token, new Held(held.deed(), held.hold(), place, held.last()));
    }
}
