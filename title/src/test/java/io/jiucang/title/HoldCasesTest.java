package io.jiucang.title;

import static io.jiucang.title.World.COURIER;
import static io.jiucang.title.World.DOCK;
import static io.jiucang.title.World.LI;
import static io.jiucang.title.World.OTHER_COURIER;
import static io.jiucang.title.World.OTHER_DOCK;
import static io.jiucang.title.World.WANG;
import static io.jiucang.title.World.assertValid;
import static io.jiucang.title.World.assertVoid;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.World.Authorised;
import io.jiucang.title.World.Offered;
import io.jiucang.title.World.Sold;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statements;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** H1, H2, H5 and H6: holds, and how they end. */
class HoldCasesTest {

    private final World world = World.begun();
    private final Offered offered = world.offer(100);
    private final TokenId token = offered.token(1);
    private final TokenId other = offered.token(2);
    private final Sold sold = world.own(LI, offered, token, other);

    @Test
    @DisplayName("cancelled at the gate")
    void cancelledAtTheGate() {
        // Free, then ship: the terminal that says "stands here" does not ship, and nobody else's shipping counts.
        Authorised pickup = world.authorise(LI, token, other);
        Cite held = world.hold(pickup, token, other);
        Cite cancelled = world.cancel(LI, pickup);
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, world.freeingOf(List.of(cancelled), token)));
        Cite stands = world.standsHere(pickup, token);
        assertVoid(Rule.HOLD, world.tell(Service.WAREHOUSE, world.shipmentOf(pickup, held, token)));
        world.free(List.of(cancelled, stands), token);
        assertThat(world.of(token)).isInstanceOf(TokenState.Owned.class);

        // Ship, then free: what is on the road is not freed by a cancellation, whoever says that it stands here.
        world.ship(pickup, held, other);
        Act.StandsHere word = new Act.StandsHere(pickup.pickup().holdId(), List.of(other));
        assertVoid(
                Rule.PICKUP,
                world.tell(Service.WAREHOUSE, new LawEvent.CaseStated(world.terminal(DOCK, word), Optional.empty())));
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, world.freeingOf(List.of(cancelled, stands), other)));
        assertThat(world.of(other))
                .isInstanceOfSatisfying(
                        TokenState.Held.class,
                        hold -> assertThat(hold.isOnTheRoad()).isTrue());
    }

    @Test
    void aTerminalThatSaidStandsHereDoesNotShip() {
        Authorised pickup = world.authorise(LI, token);
        Cite held = world.hold(pickup, token);
        world.standsHere(pickup, token);
        assertVoid(Rule.PICKUP, world.tell(Service.WAREHOUSE, world.shipmentOf(pickup, held, token)));
        Act.StandsHere again = new Act.StandsHere(pickup.pickup().holdId(), List.of(token));
        assertVoid(
                Rule.PICKUP,
                world.tell(Service.WAREHOUSE, new LawEvent.CaseStated(world.terminal(DOCK, again), Optional.empty())));
    }

    @Test
    void aTerminalShipsWhatItNamesUnderTheHoldItNames() {
        Authorised pickup = world.authorise(LI, token, other);
        Cite held = world.hold(pickup, token, other);
        Act.Ships one = new Act.Ships(pickup.pickup().holdId(), List.of(token));
        assertVoid(
                Rule.PICKUP,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CasesShipped(world.terminal(DOCK, one), held, world.prev(other))));
        Authorised elsewhere = world.authorise(LI, token);
        Act.Ships another = new Act.Ships(elsewhere.pickup().holdId(), List.of(token));
        assertVoid(
                Rule.PICKUP,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CasesShipped(world.terminal(DOCK, another), held, world.prev(token))));
        Act.Ships strangers = new Act.Ships(pickup.pickup().holdId(), List.of(token));
        assertVoid(
                Rule.PICKUP,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CasesShipped(world.terminal(OTHER_DOCK, strangers), held, world.prev(token))));
    }

    /** A reason of two statements stands from the second on. */
    @Test
    void aDateBetweenTwoStatementsComesFirst() {
        Authorised pickup = world.authorise(LI, token);
        world.hold(pickup, token);
        Cite stands = world.standsHere(pickup, token);
        world.passUntil(pickup.pickup().act().until());
        Cite cancelled = world.cancel(LI, pickup);
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, world.freeingOf(List.of(cancelled, stands), token)));
        world.free(List.of(), token);
    }

    @Test
    @DisplayName("two reasons for one end")
    void twoReasonsForOneEnd() {
        Authorised pickup = world.authorise(LI, token);
        Cite held = world.hold(pickup, token);
        Cite stands = world.standsHere(pickup, token);
        Cite cancelled = world.cancel(LI, pickup);
        // Another terminal of the site ships all the same, before the title event comes that frees.
        Actor second = Actor.called("second dock");
        world.enrol(Parties.WAREHOUSE, new Act.DockEnrolment(second.key(), Parties.SITE));
        Act.Ships ships = new Act.Ships(pickup.pickup().holdId(), List.of(token));
        assertVoid(
                Rule.HOLD,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CasesShipped(world.terminal(second, ships), held, world.prev(token))));
        world.passUntil(pickup.pickup().act().until());
        // Nor does its date, which came later, free it in place of the first reason.
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, world.freeingOf(List.of(), token)));
        world.free(List.of(cancelled, stands), token);
    }

    @Test
    @DisplayName("hoarded intent")
    void hoardedIntent() {
        Authorised pickup = world.authorise(LI, world.now().plus(Duration.ofDays(20)), token, other);
        world.hold(pickup, token);
        world.pass(Duration.ofHours(25));
        assertVoid(Rule.LIFE, world.tell(Service.TOKEN, new LawEvent.TokenHeld(pickup.at(), world.prev(other))));

        String unused = world.wallet(
                LI,
                world.pickupOf(World.pickupId(77), world.now().plus(Duration.ofDays(2)), Map.of(other, World.code(1))));
        world.pass(Duration.ofDays(365));
        assertVoid(Rule.LIFE, world.tell(Service.DELIVERY, new LawEvent.PickupAuthorised(unused)));
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, new LawEvent.TokenHeld(pickup.at(), world.prev(other))));
    }

    @Test
    void aPickupsDateIsNotFar() {
        Map<TokenId, HandoverCode> codes = Map.of(token, World.code(1));
        for (Duration until : List.of(Duration.ofDays(30).plusSeconds(1), Duration.ZERO)) {
            Act.Pickup act = world.pickupOf(World.pickupId(1), world.now().plus(until), codes);
            assertVoid(Rule.LIFE, world.tell(Service.DELIVERY, new LawEvent.PickupAuthorised(world.wallet(LI, act))));
        }
    }

    @Test
    void aStatementHoldsATokenOnce() {
        Authorised pickup = world.authorise(LI, token);
        world.hold(pickup, token);
        LawEvent again = new LawEvent.TokenHeld(pickup.at(), world.prev(token));
        assertVoid(Rule.ONE_EFFECT, world.tell(Service.TOKEN, again));
        Cite stands = world.standsHere(pickup, token);
        Cite cancelled = world.cancel(LI, pickup);
        world.free(List.of(stands, cancelled), token);
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, new LawEvent.TokenHeld(pickup.at(), world.prev(token))));
    }

    @Test
    void aCancellationBeforeTheHoldBarsIt() {
        Authorised pickup = world.authorise(LI, token);
        world.cancel(LI, pickup);
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, new LawEvent.TokenHeld(pickup.at(), world.prev(token))));
    }

    @Test
    void aCancellationIsToldOfThePickupWhoseHoldItNames() {
        Authorised pickup = world.authorise(LI, token);
        PickupId other = World.pickupId(99);
        assertVoid(Rule.PICKUP, world.tell(Service.DELIVERY, world.cancellationOf(LI, pickup, other)));
        world.cancel(LI, pickup);
    }

    @Test
    void onlyTheOwnerHolds() {
        Authorised pickup = world.authorise(WANG, token);
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, new LawEvent.TokenHeld(pickup.at(), world.prev(token))));
        Authorised lis = world.authorise(LI, other);
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, new LawEvent.TokenHeld(lis.at(), world.prev(token))));
    }

    @Test
    void oneHoldAtATime() {
        Authorised first = world.authorise(LI, token);
        Authorised second = world.authorise(LI, token);
        world.hold(first, token);
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, new LawEvent.TokenHeld(second.at(), world.prev(token))));
    }

    @Test
    @DisplayName("false courier")
    void falseCourier() {
        Authorised pickup = world.send(LI, token);
        Cite shipped = world.last();
        Act.Delivery proof =
                new Act.Delivery(pickup.pickup().holdId(), Map.of(token, World.code(token.serial())), true);
        Actor nobody = Actor.called("nobody's phone");
        for (Actor liar : List.of(LI, WANG, DOCK, nobody)) {
            assertVoid(
                    Rule.TERMINAL,
                    world.tell(Service.DELIVERY, new LawEvent.DeliveryCompleted(world.terminal(liar, proof), shipped)));
        }
        assertVoid(
                Rule.BURN,
                world.tell(
                        Service.DELIVERY,
                        new LawEvent.DeliveryCompleted(world.terminal(OTHER_COURIER, proof), shipped)));
        String genuine = world.terminal(COURIER, proof);
        world.withdraw(Parties.CARRIER, COURIER);
        assertVoid(Rule.TERMINAL, world.tell(Service.DELIVERY, new LawEvent.DeliveryCompleted(genuine, shipped)));
        assertVoid(Rule.BURN, world.tell(Service.TOKEN, new LawEvent.TokenBurned(shipped, world.prev(token))));
    }

    @Test
    @DisplayName("code of another pickup")
    void codeOfAnotherPickup() {
        // The same code, for the same token, in a pickup before.
        Authorised first = world.send(LI, token);
        world.free(List.of(world.returned(first, token)), token);
        Authorised second = world.authorise(LI, token);
        Cite shipped = world.ship(second, world.hold(second, token), token);
        assertThat(second.pickup().act().hashlocks())
                .isNotEqualTo(first.pickup().act().hashlocks());
        HandoverCode wrong = World.code(99);
        Act.Delivery proof = new Act.Delivery(second.pickup().holdId(), Map.of(token, wrong), true);
        assertVoid(
                Rule.BURN,
                world.tell(Service.DELIVERY, new LawEvent.DeliveryCompleted(world.terminal(COURIER, proof), shipped)));
        // A proof for the first pickup does not open the second.
        assertVoid(Rule.BURN, world.tell(Service.DELIVERY, world.deliveryOf(first, shipped, token)));
        assertValid(world.tell(Service.DELIVERY, world.deliveryOf(second, shipped, token)));
    }

    @Test
    @DisplayName("date passes on the road")
    void datePassesOnTheRoad() {
        Authorised pickup = world.send(LI, token, other);
        Cite shipped = world.last();
        Instant until = pickup.pickup().act().until();
        world.passUntil(until.plus(Duration.ofDays(1)));
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, world.freeingOf(List.of(), token)));
        world.burn(world.deliver(pickup, shipped, token), token);
        world.free(List.of(world.returned(pickup, other)), other);
        assertThat(world.of(other)).isInstanceOf(TokenState.Owned.class);
    }

    @Test
    void anOutcomeOnTheRoadIsTheFirst() {
        Authorised pickup = world.send(LI, token);
        Cite shipped = world.last();
        Cite delivered = world.deliver(pickup, shipped, token);
        Act.Returned word = new Act.Returned(pickup.pickup().holdId(), List.of(token));
        assertVoid(
                Rule.HOLD,
                world.tell(Service.WAREHOUSE, new LawEvent.CaseStated(world.terminal(DOCK, word), Optional.empty())));
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, world.freeingOf(List.of(delivered), token)));
        assertVoid(Rule.LOSS, world.tell(Service.TOKEN, new LawEvent.TokenLost(delivered, world.prev(token))));
        world.burn(delivered, token);
    }

    @Test
    void aPickupNotShippedEndsWithItsDate() {
        Authorised pickup = world.authorise(LI, token);
        Cite held = world.hold(pickup, token);
        world.passUntil(pickup.pickup().act().until());
        assertVoid(Rule.HOLD, world.tell(Service.WAREHOUSE, world.shipmentOf(pickup, held, token)));
        world.free(List.of(), token);
        assertThat(world.of(token)).isInstanceOf(TokenState.Owned.class);
    }

    @Test
    @DisplayName("lost by a stranger")
    void lostByAStranger() {
        Authorised pickup = world.send(LI, token);
        Act road = new Act.LostOnTheRoad(pickup.pickup().holdId(), List.of(token));
        assertVoid(
                Rule.LOSS,
                world.tell(
                        Service.DELIVERY,
                        new LawEvent.CaseStated(world.terminal(OTHER_COURIER, road), Optional.empty())));
        assertVoid(
                Rule.TERMINAL,
                world.tell(Service.DELIVERY, new LawEvent.CaseStated(world.terminal(DOCK, road), Optional.empty())));
        Act lost = new Act.Lost(List.of(other));
        assertVoid(
                Rule.LOSS,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CaseStated(
                                world.terminal(OTHER_DOCK, lost), Optional.of(world.party(Parties.WAREHOUSE, lost)))));
        assertVoid(
                Rule.LOSS,
                world.tell(Service.WAREHOUSE, new LawEvent.CaseStated(world.terminal(DOCK, lost), Optional.empty())));
        // What is on the road is no longer the warehouse's to lose.
        Act onTheRoad = new Act.Lost(List.of(token));
        assertVoid(
                Rule.PICKUP,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CaseStated(
                                world.terminal(DOCK, onTheRoad),
                                Optional.of(world.party(Parties.WAREHOUSE, onTheRoad)))));
        world.lose(world.lostOnTheRoad(pickup, token), token);
        world.lose(world.stateWithParty(lost), other);
    }

    @Test
    void aLossInTheWarehouseBarsAHoldAndEndsOne() {
        Authorised held = world.authorise(LI, token);
        Authorised late = world.authorise(LI, other);
        Cite begun = world.hold(held, token);
        Cite lost = world.stateWithParty(new Act.Lost(World.ascending(token, other)));
        assertVoid(Rule.LOSS, world.tell(Service.TOKEN, new LawEvent.TokenHeld(late.at(), world.prev(other))));
        assertVoid(Rule.HOLD, world.tell(Service.WAREHOUSE, world.shipmentOf(held, begun, token)));
        world.lose(lost, token, other);
        assertThat(world.of(token)).isInstanceOf(TokenState.Lost.class);
    }

    @Test
    void whatIsLostIsFoundOrGivenUpOnce() {
        world.lose(world.stateWithParty(new Act.Lost(World.ascending(token, other))), token, other);
        Act.Found word = new Act.Found(List.of(token));
        assertVoid(
                Rule.LOSS,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CaseStated(world.terminal(OTHER_DOCK, word), Optional.empty())));
        Cite found = world.state(word);
        LawEvent choice = new LawEvent.LossAnswered(
                world.wallet(LI, new Act.MoneyBack(sold.order().intent().orderId(), List.of(token))));
        assertVoid(Rule.LOSS, world.tell(Service.TOKEN, choice));
        assertVoid(Rule.LOSS, world.tell(Service.TOKEN, new LawEvent.TokenBurned(found, world.prev(token))));
        world.find(found, token);

        LawEvent strangers = new LawEvent.LossAnswered(
                world.wallet(WANG, new Act.MoneyBack(sold.order().intent().orderId(), List.of(other))));
        assertVoid(Rule.LOSS, world.tell(Service.TOKEN, strangers));
        Cite burned = world.burn(world.moneyBack(LI, sold.order(), other), other);
        LawEvent back = World.returnOf(sold.payment(), List.of(burned), other);
        assertValid(world.tell(Service.PAYMENT, back));
        assertVoid(Rule.MONEY_BACK, world.tell(Service.PAYMENT, back));
    }

    @Test
    void aCustodiansWordCountsOnce() {
        Act.Lost lost = new Act.Lost(List.of(token));
        LawEvent said =
                new LawEvent.CaseStated(world.terminal(DOCK, lost), Optional.of(world.party(Parties.WAREHOUSE, lost)));
        world.lose(world.told(Service.WAREHOUSE, said), token);
        LawEvent found = new LawEvent.CaseStated(world.terminal(DOCK, new Act.Found(List.of(token))), Optional.empty());
        world.find(world.told(Service.WAREHOUSE, found), token);
        // Whoever has these words can say them again, and nothing comes of it.
        assertVoid(Rule.ONE_EFFECT, world.tell(Service.WAREHOUSE, said));
        world.lose(world.stateWithParty(lost), token);
        assertVoid(Rule.ONE_EFFECT, world.tell(Service.WAREHOUSE, found));
    }

    @Test
    @DisplayName("deleted tail")
    void deletedTail() {
        Authorised pickup = world.authorise(LI, token);
        Map<TokenId, Hash> asItWas = world.prev(token);
        world.hold(pickup, token);
        // A service whose rows were cut back to before the hold uses the token again.
        Authorised again = world.authorise(LI, token);
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, new LawEvent.TokenHeld(again.at(), asItWas)));
        assertVoid(Rule.CHAIN, world.tell(Service.TOKEN, new LawEvent.TokenFreed(List.of(), asItWas)));
        assertThat(world.of(token)).isInstanceOf(TokenState.Held.class);
    }

    @Test
    @DisplayName("void by outage")
    void voidByOutage() {
        Map<TokenId, HandoverCode> codes = Map.of(token, World.code(1));
        String pickup =
                world.wallet(LI, world.pickupOf(World.pickupId(5), world.now().plus(Duration.ofDays(2)), codes));
        world.pass(World.LIFE.plus(Duration.ofMinutes(15)));
        assertVoid(Rule.LIFE, world.tell(Service.DELIVERY, new LawEvent.PickupAuthorised(pickup)));
        assertVoid(Rule.EVIDENCE, world.tell(Service.TOKEN, new LawEvent.TokenHeld(world.last(), world.prev(token))));
        assertThat(world.of(token)).isInstanceOf(TokenState.Owned.class);
    }

    @Test
    @DisplayName("revoked key")
    void revokedKey() {
        Actor phone = Actor.called("li's second phone");
        world.endorse(LI, phone);
        Map<TokenId, HandoverCode> codes = Map.of(token, World.code(1));
        Instant until = world.now().plus(Duration.ofDays(2));
        String before = world.wallet(LI.id(), phone, world.pickupOf(World.pickupId(1), until, codes));
        String after = world.wallet(LI.id(), phone, world.pickupOf(World.pickupId(2), until, codes));
        Cite authorised = world.told(Service.DELIVERY, new LawEvent.PickupAuthorised(before));
        world.told(Service.TOKEN, new LawEvent.TokenHeld(authorised, world.prev(token)));
        Cite held = world.last();
        Cite revoked = world.revoke(LI, phone);
        assertVoid(Rule.WALLET_KEY, world.tell(Service.DELIVERY, new LawEvent.PickupAuthorised(after)));

        // Not shipped yet: the hold has ended.
        Act.Ships ships =
                new Act.Ships(Statements.read(before, Act.Pickup.class).holdId(), List.of(token));
        assertVoid(
                Rule.HOLD,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CasesShipped(world.terminal(DOCK, ships), held, world.prev(token))));
        world.free(List.of(revoked), token);
    }

    @Test
    void aRevokedKeysHoldThatIsOnTheRoadGoesOn() {
        Actor phone = Actor.called("li's second phone");
        world.endorse(LI, phone);
        Map<TokenId, HandoverCode> codes = Map.of(token, World.code(1));
        Instant until = world.now().plus(Duration.ofDays(2));
        String jws = world.wallet(LI.id(), phone, world.pickupOf(World.pickupId(1), until, codes));
        Cite authorised = world.told(Service.DELIVERY, new LawEvent.PickupAuthorised(jws));
        Authorised pickup = new Authorised(authorised, Statements.read(jws, Act.Pickup.class));
        Cite shipped = world.ship(pickup, world.hold(pickup, token), token);
        Cite revoked = world.revoke(LI, phone);
        assertVoid(Rule.HOLD, world.tell(Service.TOKEN, world.freeingOf(List.of(revoked), token)));
        world.burn(world.deliver(pickup, shipped, token), token);
    }
}
