package io.jiucang.title;

import static io.jiucang.title.World.DOCK;
import static io.jiucang.title.World.LI;
import static io.jiucang.title.World.WANG;
import static io.jiucang.title.World.assertValid;
import static io.jiucang.title.World.assertVoid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.World.Authorised;
import io.jiucang.title.World.Offered;
import io.jiucang.title.World.Ordered;
import io.jiucang.title.World.Sold;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.event.Leaf;
import io.jiucang.title.statement.Act;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** O1 to O7 and V1: order, evidence, time, and what thieves write into a ledger. */
class LedgerCasesTest {

    private final World world = World.begun();
    private final Offered offered = world.offer(100);
    private final TokenId token = offered.token(1);

    @Test
    @DisplayName("lawless does not block")
    void lawlessDoesNotBlock() {
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        Cite released = world.release(sold, token);
        LawEvent honest = world.grantOf(sold, released, token);
        for (int i = 0; i < 10_000; i++) {
            Hash prev = i % 2 == 0 ? sold.at().leaf() : World.hash("forged " + i);
            LawEvent lawless = switch (i % 4) {
                case 0 -> world.granted(sold, sold.at(), Map.of(token, prev));
                case 1 -> new LawEvent.TokenFreed(List.of(), Map.of(token, prev));
                case 2 -> new LawEvent.TokenHeld(released, Map.of(token, prev));
                default -> new LawEvent.TokenBurned(released, Map.of(token, prev));
            };
            assertThat(world.tell(Service.TOKEN, lawless)).isInstanceOf(Ruling.Voided.class);
        }
        assertValid(world.tell(Service.TOKEN, honest));
        assertThat(world.state().voids().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(10_000);
    }

    @Test
    @DisplayName("occupied number")
    void occupiedNumber() {
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        Cite released = world.release(sold, token);
        LawEvent honest = world.grantOf(sold, released, token);
        // A forged next event of the token, upon the right one before it; nothing here goes by numbers or event ids.
        LawEvent forged = new LawEvent.TokenHeld(sold.at(), world.prev(token));
        assertVoid(Rule.EVIDENCE, world.tell(Service.TOKEN, forged));
        assertValid(world.tell(Service.TOKEN, honest));
    }

    @Test
    @DisplayName("same statement first")
    void sameStatementFirst() {
        String intent = world.wallet(LI, world.orderOf(offered, 1));
        LawEvent event = new LawEvent.OrderPlaced(intent);
        assertValid(world.tell(Service.ORDER, event));
        assertVoid(Rule.ONE_EFFECT, world.tell(Service.ORDER, event));
        // The thief's event is as good as the honest one: what comes next takes effect upon it.
        Sold sold = world.own(WANG, offered, token);
        Authorised pickup = world.authorise(WANG, token);
        assertVoid(
                Rule.ONE_EFFECT,
                world.tell(Service.DELIVERY, new LawEvent.PickupAuthorised(again(pickup, world.leaves()))));
        Cite held = world.hold(pickup, token);
        world.ship(pickup, held, token);
        assertThat(sold.at().index()).isLessThan(held.index());
    }

    private static String again(Authorised pickup, List<Leaf> leaves) {
        return leaves.stream()
                .filter(leaf -> leaf.cite().equals(pickup.at()))
                .map(leaf -> ((LawEvent.PickupAuthorised) leaf.event()).statement())
                .findFirst()
                .orElseThrow();
    }

    @Test
    @DisplayName("malleable")
    void malleable() {
        String intent = world.wallet(LI, world.orderOf(offered, 1));
        String other = Actor.malleated(intent);
        assertThat(other).isNotEqualTo(intent);
        assertValid(world.tell(Service.ORDER, new LawEvent.OrderPlaced(other)));
        assertVoid(Rule.ONE_EFFECT, world.tell(Service.ORDER, new LawEvent.OrderPlaced(intent)));
    }

    @Test
    @DisplayName("not canonical")
    void notCanonical() {
        String intent = world.wallet(LI, world.orderOf(offered, 1));
        List<String> others = List.of(
                intent + "=",
                intent.replaceFirst("\\.", "=."),
                Jws.withHeader(intent, header -> header.replace("\"alg\"", "\"aaa\":1,\"alg\"")),
                Jws.withHeader(intent, header -> header.replace("jiucang-order-v1", "to Li Hua, 3 Lane Road")),
                Jws.withPayload(intent, claims -> claims.replace("\"quantity\":1", "\"quantity\":1,\"quantity\":1")),
                Jws.withPayload(intent, claims -> claims.replace("\"quantity\":1", "\"note\":\"x\",\"quantity\":1")),
                Jws.withPayload(intent, claims -> claims.replaceFirst("\"jti\":\"[^\"]*\"", "\"jti\":\"free text\"")),
                Jws.withPayload(intent, claims -> claims.replace("{\"", "{ \"")));
        for (String text : others) {
            assertThat(text).isNotEqualTo(intent);
            String signed = text.contains("=") ? text : LI.signed(text.substring(0, text.lastIndexOf('.')));
            assertVoid(Rule.STATEMENT, world.tell(Service.ORDER, new LawEvent.OrderPlaced(signed)));
        }
        // A second signature on the directory's envelope; on an event's, the envelope's verifier refuses it.
        byte[] twice = Parties.signed(Directory.write(Parties.document()), "root", "root");
        assertThatThrownBy(() -> Title.begin(Parties.pins(), Parties.first(twice)))
                .isInstanceOf(ReaderStopped.class);
    }

    /** In canonical form, naming the right key, and signed by another. */
    @Test
    void whatIsNotSignedByTheKeyItNamesIsVoid() {
        Actor thief = Actor.called("thief");
        assertVoid(
                Rule.STATEMENT,
                world.tell(
                        Service.ORDER,
                        new LawEvent.OrderPlaced(forged(thief, world.wallet(LI, world.orderOf(offered, 1))))));
        assertVoid(
                Rule.STATEMENT,
                world.tell(
                        Service.TOKEN,
                        new LawEvent.SalesPlanCreated(forged(thief, world.party(Parties.WINERY, world.offerOf(1))))));
        Actor unborn = Actor.called("unborn");
        assertVoid(
                Rule.STATEMENT,
                world.tell(
                        Service.TOKEN,
                        new LawEvent.WalletBorn(
                                forged(thief, world.wallet(unborn, new Act.WalletBirth(unborn.key(), List.of()))))));
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        Act release = new Act.Release(sold.at().leaf(), Map.of(token, World.box(token)));
        assertVoid(
                Rule.STATEMENT,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CasesReleased(forged(thief, world.terminal(DOCK, release)), sold.at())));
    }

    private static String forged(Actor thief, String jws) {
        return thief.signed(jws.substring(0, jws.lastIndexOf('.')));
    }

    @Test
    @DisplayName("other environment")
    void otherEnvironment() {
        assertVoid(
                Rule.STATEMENT,
                world.tell(
                        Service.TOKEN,
                        new LawEvent.SalesPlanCreated(
                                world.elsewhere(Parties.WINERY, Parties.WINERY.name(), false, world.offerOf(10)))));
        assertVoid(
                Rule.STATEMENT,
                world.tell(
                        Service.ORDER,
                        new LawEvent.OrderPlaced(world.elsewhere(LI, LI.id(), true, world.orderOf(offered, 1)))));
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        Act release = new Act.Release(sold.at().leaf(), Map.of(token, World.box(token)));
        assertVoid(
                Rule.STATEMENT,
                world.tell(
                        Service.WAREHOUSE,
                        new LawEvent.CasesReleased(world.elsewhere(DOCK, DOCK.id(), false, release), sold.at())));
        // Staging's receipt is for an order number that is none of this ledger's.
        Ordered order = world.order(WANG, offered, 1);
        var answer = Answers.signed(Answers.paid("0".repeat(32), World.PRICE.minorUnits(), world.now()));
        assertVoid(Rule.RECEIPT, world.tell(Service.PAYMENT, World.captured(order, answer)));
    }

    @Test
    @DisplayName("effect before evidence")
    void effectBeforeEvidence() {
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        LawEvent release = world.releaseOf(sold, Map.of(token, World.box(token)));
        Leaf later = world.leaf(Service.WAREHOUSE, release);
        Cite at = new Cite(later.index() + 1, later.hash());
        LawEvent early = world.grantOf(sold, at, token);
        assertVoid(Rule.EVIDENCE, world.tell(Service.TOKEN, early));
        Leaf released = new Leaf(at.index(), at.leaf(), Service.WAREHOUSE, later.key(), release);
        assertValid(world.tell(released));
        // Void for ever: the leaf that came too early does not come to life. The same cite in a new one counts.
        assertThat(world.of(token)).isInstanceOf(TokenState.Sold.class);
        LawEvent otherHash = world.grantOf(sold, new Cite(at.index(), World.hash("other")), token);
        assertVoid(Rule.EVIDENCE, world.tell(Service.TOKEN, otherHash));
        assertValid(world.tell(Service.TOKEN, world.grantOf(sold, at, token)));
    }

    @Test
    void theSameLeafCountsOnce() {
        Leaf leaf = world.leaf(Service.ORDER, new LawEvent.OrderPlaced(world.wallet(LI, world.orderOf(offered, 1))));
        assertValid(world.tell(leaf));
        assertVoid(
                Rule.LEAF_ORDER,
                world.tell(new Leaf(leaf.index() + 1, leaf.hash(), leaf.teller(), leaf.key(), leaf.event())));
        assertThatThrownBy(() -> Title.apply(world.state(), leaf)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anEventOverSeveralTokensIsJudgedForEach() {
        TokenId other = offered.token(2);
        Sold sold = world.sell(world.order(LI, offered, 2), token, other);
        Cite released = world.release(sold, token, other);
        Map<TokenId, Hash> prev = Map.of(token, sold.at().leaf(), other, World.hash("forged"));
        Ruling ruling = world.tell(Service.TOKEN, world.granted(sold, released, prev));
        assertThat(ruling)
                .isInstanceOfSatisfying(
                        Ruling.Valid.class,
                        valid -> assertThat(valid.except())
                                .containsOnlyKeys(other)
                                .allSatisfy(
                                        (_, voided) -> assertThat(voided.rule()).isEqualTo(Rule.CHAIN)));
        assertThat(world.of(token)).isInstanceOf(TokenState.Owned.class);
        assertThat(world.of(other)).isInstanceOf(TokenState.Sold.class);
        assertThat(world.state().voids()).containsExactly(Map.entry(Rule.CHAIN, 1L));
    }

    @Test
    @DisplayName("tick from tomorrow")
    void tickFromTomorrow() {
        Instant now = world.now();
        LawEvent.Tick honest = world.nextTick(now.plusSeconds(60));
        assertVoid(Rule.TICK, world.tell(Service.LEDGER, world.nextTick(now.plus(Duration.ofHours(2)))));
        assertVoid(Rule.TICK, world.tell(Service.LEDGER, world.nextTick(now.minusSeconds(1))));
        LawEvent.Tick forked =
                new LawEvent.Tick(honest.number(), honest.time(), world.state().directoryAt(), honest.directory());
        assertVoid(Rule.TICK, world.tell(Service.LEDGER, forked));
        LawEvent.Tick skipped =
                new LawEvent.Tick(honest.number() + 1, honest.time(), honest.before(), honest.directory());
        assertVoid(Rule.TICK, world.tell(Service.LEDGER, skipped));
        LawEvent.Tick otherDirectory =
                new LawEvent.Tick(honest.number(), honest.time(), honest.before(), World.hash("other"));
        assertVoid(Rule.TICK, world.tell(Service.LEDGER, otherDirectory));
        assertVoid(Rule.TELLER, world.tell(Service.TOKEN, honest));
        assertValid(world.tell(Service.LEDGER, honest));

        assertThatCode(() -> Title.requireNotAhead(world.state(), honest.time().minus(Duration.ofMinutes(5))))
                .doesNotThrowAnyException();
        assertThatThrownBy(
                        () -> Title.requireNotAhead(world.state(), honest.time().minus(Duration.ofSeconds(301))))
                .isInstanceOfSatisfying(
                        ReaderStopped.class,
                        stopped -> assertThat(stopped.rule()).isEqualTo(Rule.TICK));
    }

    @Test
    @DisplayName("ledger away for hours")
    void ledgerAwayForHours() {
        String waiting = world.wallet(LI, world.orderOf(offered, 1));
        Instant back = world.now().plus(Duration.ofHours(5));
        // One leap is void; an hour at a time it catches up, before anything else is anchored.
        assertVoid(Rule.TICK, world.tell(Service.LEDGER, world.nextTick(back)));
        world.passUntil(back);
        assertVoid(Rule.LIFE, world.tell(Service.ORDER, new LawEvent.OrderPlaced(waiting)));
        assertValid(world.tell(Service.ORDER, new LawEvent.OrderPlaced(world.wallet(LI, world.orderOf(offered, 1)))));
    }

    @Test
    void aStatementLivesForMinutes() {
        Act.Order intent = world.orderOf(offered, 1);
        var longLived = Actor.spoken(
                Parties.ORIGIN,
                LI.id(),
                999,
                world.now(),
                Optional.of(world.now().plus(Duration.ofMinutes(16))));
        assertVoid(Rule.LIFE, world.tell(Service.ORDER, new LawEvent.OrderPlaced(LI.says(longLived, intent))));
    }

    @Test
    void anIntentKeepsToTheOffersWindowAndDates() {
        Act.Order intent = world.orderOf(offered, 1);
        Act.Order tooLong = new Act.Order(
                intent.offer(),
                1,
                intent.total(),
                intent.agreement(),
                world.now().plus(World.PAY_WITHIN).plusSeconds(1));
        assertVoid(Rule.INTENT, world.tell(Service.ORDER, new LawEvent.OrderPlaced(world.wallet(LI, tooLong))));
        Act.Order otherAgreement =
                new Act.Order(intent.offer(), 1, intent.total(), World.hash("other"), intent.payBy());
        assertVoid(Rule.INTENT, world.tell(Service.ORDER, new LawEvent.OrderPlaced(world.wallet(LI, otherAgreement))));
        Act.Order overdue = new Act.Order(intent.offer(), 1, intent.total(), intent.agreement(), world.now());
        assertVoid(Rule.LIFE, world.tell(Service.ORDER, new LawEvent.OrderPlaced(world.wallet(LI, overdue))));
        Offered later = world.offerFrom(world.now().plus(Duration.ofHours(1)));
        assertVoid(
                Rule.INTENT,
                world.tell(Service.ORDER, new LawEvent.OrderPlaced(world.wallet(LI, world.orderOf(later, 1)))));
        world.passUntil(offered.offer().act().until());
        assertVoid(
                Rule.INTENT,
                world.tell(Service.ORDER, new LawEvent.OrderPlaced(world.wallet(LI, world.orderOf(offered, 1)))));
    }

    @Test
    void aSaleComesWithinADayOfPayBy() {
        Ordered order = world.order(LI, offered, 1);
        Cite payment = world.pay(order);
        world.passUntil(order.intent().act().payBy().plus(Duration.ofHours(24)));
        assertVoid(Rule.LIFE, world.tell(Service.TOKEN, world.saleOf(order, payment, token)));
    }

    @Test
    @DisplayName("versions")
    void versions() {
        byte[] newer = new String(Directory.write(Parties.document()), StandardCharsets.UTF_8)
                .replace("\"law\":1", "\"law\":2")
                .getBytes(StandardCharsets.UTF_8);
        byte[] envelope = Parties.signed(newer, "root");
        assertThatThrownBy(() -> Title.begin(Parties.pins(), Parties.first(envelope)))
                .isInstanceOfSatisfying(ReaderStopped.class, stopped -> {
                    assertThat(stopped.rule()).isEqualTo(Rule.VERSION);
                    assertThat(stopped).hasMessageContaining("law 2");
                });
        LawEvent entering = new LawEvent.DirectoryVersion(envelope);
        assertThatThrownBy(() -> world.tell(Service.LEDGER, entering))
                .isInstanceOfSatisfying(
                        ReaderStopped.class,
                        stopped -> assertThat(stopped.rule()).isEqualTo(Rule.VERSION));
    }
}
