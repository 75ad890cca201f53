package io.jiucang.title;

import static io.jiucang.title.Parties.CARRIER;
import static io.jiucang.title.Parties.OTHER_CARRIER;
import static io.jiucang.title.Parties.OTHER_SITE;
import static io.jiucang.title.Parties.SITE;
import static io.jiucang.title.Parties.WAREHOUSE;
import static io.jiucang.title.Parties.WINERY;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.PaymentEvent.ReturnReason;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.Sha256;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.directory.Document;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.event.Leaf;
import io.jiucang.title.receipt.SignedAnswer;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Hashlock;
import io.jiucang.title.statement.Spoken;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A ledger under the law, with everybody in it. Each method tells one event as the honest service would; a test that wants
 * another event makes it and calls {@link #tell}.
 */
final class World {

    static final Actor LI = Actor.called("li");
    static final Actor WANG = Actor.called("wang");
    static final Actor DOCK = Actor.called("dock");
    static final Actor OTHER_DOCK = Actor.called("dock of the other site");
    static final Actor COURIER = Actor.called("courier");
    static final Actor OTHER_COURIER = Actor.called("courier of the other carrier");

    static final Instant START = Instant.parse("2026-11-27T08:00:00Z");
    static final Money PRICE = Money.cny(588_000);
    static final Hash AGREEMENT = hash("agreement");
    static final String GTIN = "19521141111014";
    static final int DELIVER_BY_DAYS = 7;
    static final Duration PAY_WITHIN = Duration.ofHours(2);
    static final Duration LIFE = Duration.ofMinutes(5);

    private final TitleState state;
    private final List<Leaf> leaves = new ArrayList<>();
    private Instant now = START;
    private long spoken;
    private int made;

    record Offered(Cite at, Statement<Act.Offer> offer) {
        TokenId token(long serial) {
            return new TokenId(offer.vaultId(), serial);
        }
    }

    record Ordered(Cite at, Statement<Act.Order> intent, Offered offered) {
        String number() {
            return intent.paymentId().value().replace("-", "");
        }
    }

    record Sold(Cite at, Ordered order, Cite payment) {}

    record Authorised(Cite at, Statement<Act.Pickup> pickup) {}

    private World(Document document) {
        Leaf first = Parties.first(Parties.signed(document));
        this.state = Title.begin(Parties.pins(), first);
        leaves.add(first);
        tick();
        enrol(WAREHOUSE, new Act.DockEnrolment(DOCK.key(), SITE));
        enrol(WAREHOUSE, new Act.DockEnrolment(OTHER_DOCK.key(), OTHER_SITE));
        enrol(CARRIER, new Act.CourierEnrolment(COURIER.key()));
        enrol(OTHER_CARRIER, new Act.CourierEnrolment(OTHER_COURIER.key()));
        bear(LI);
        bear(WANG);
    }

    static World begun() {
        return new World(Parties.document());
    }

    static World under(Document document) {
        return new World(document);
    }

    TitleState state() {
        return state;
    }

    List<Leaf> leaves() {
        return leaves;
    }

    TokenState of(TokenId token) {
        return state.token(token).orElseThrow();
    }

    // Telling

    /** The next leaf, from this service's key. */
    Ruling tell(Service teller, LawEvent event) {
        return tell(leaf(teller, event));
    }

    Ruling tell(Leaf leaf) {
        leaves.add(leaf);
        return Title.apply(state, leaf);
    }

    Leaf leaf(Service teller, LawEvent event) {
        long index = leaves.getLast().index() + 1;
        return new Leaf(index, hash("leaf " + made++), teller, Parties.keyOf(teller), event);
    }

    Cite told(Service teller, LawEvent event) {
        assertValid(tell(teller, event));
        return last();
    }

    Cite last() {
        return leaves.getLast().cite();
    }

    static void assertValid(Ruling ruling) {
        assertThat(ruling)
                .isInstanceOfSatisfying(
                        Ruling.Valid.class, valid -> assertThat(valid.except()).isEmpty());
    }

    static void assertVoid(Rule rule, Ruling ruling) {
        assertThat(ruling)
                .isInstanceOfSatisfying(
                        Ruling.Voided.class,
                        voided -> assertThat(voided.rule()).as(voided.why()).isEqualTo(rule));
    }

    // Time

    Instant now() {
        return now;
    }

    /** A minute later. */
    Cite tick() {
        return tickAt(now.plus(Duration.ofMinutes(1)));
    }

    Cite tickAt(Instant time) {
        now = time;
        return told(Service.LEDGER, nextTick(time));
    }

    LawEvent.Tick nextTick(Instant time) {
        return new LawEvent.Tick(
                state.lastTick().map(Facts.Tick::number).orElse(0L) + 1,
                time,
                state.lastTick().map(Facts.Tick::at).orElse(state.directoryAt()),
                state.directoryAt().leaf());
    }

    /** Ticks in steps of an hour until this time. */
    void passUntil(Instant time) {
        while (now.plus(Duration.ofHours(1)).isBefore(time)) {
            tickAt(now.plus(Duration.ofHours(1)));
        }
        tickAt(time);
    }

    void pass(Duration duration) {
        passUntil(now.plus(duration));
    }

    // Speaking

    String wallet(Actor owner, Act act) {
        return wallet(owner.id(), owner, act);
    }

    String wallet(String wallet, Actor key, Act act) {
        return key.says(Actor.spoken(Parties.ORIGIN, wallet, spoken++, now, Optional.of(now.plus(LIFE))), act);
    }

    String party(Actor party, Act act) {
        return party.says(Actor.spoken(Parties.ORIGIN, party.name(), spoken++, now, Optional.empty()), act);
    }

    String terminal(Actor terminal, Act act) {
        return terminal.says(Actor.spoken(Parties.ORIGIN, terminal.id(), spoken++, now, Optional.empty()), act);
    }

    /** The same words in another installation. */
    String elsewhere(Actor speaker, String sub, boolean expires, Act act) {
        Spoken claims = Actor.spoken(
                "staging.example/jiucang",
                sub,
                spoken++,
                now,
                expires ? Optional.of(now.plus(LIFE)) : Optional.empty());
        return speaker.says(claims, act);
    }

    // Parties and wallets

    Cite enrol(Actor party, Act enrolment) {
        return told(Service.LEDGER, new LawEvent.TerminalEnrolled(party(party, enrolment)));
    }

    Cite withdraw(Actor party, Actor terminal) {
        return told(
                Service.LEDGER,
                new LawEvent.TerminalWithdrawn(party(party, new Act.TerminalWithdrawal(terminal.id()))));
    }

    Cite bear(Actor owner) {
        return told(Service.TOKEN, new LawEvent.WalletBorn(wallet(owner, new Act.WalletBirth(owner.key(), List.of()))));
    }

    Cite endorse(Actor owner, Actor key) {
        return told(Service.TOKEN, new LawEvent.KeyEndorsed(wallet(owner, new Act.KeyEndorsement(key.key()))));
    }

    Cite revoke(Actor owner, Actor key) {
        return told(Service.TOKEN, new LawEvent.KeyRevoked(wallet(owner, new Act.KeyRevocation(key.id()))));
    }

    // From offer to title

    Act.Offer offerOf(long count) {
        return offerOf(count, START);
    }

    private static Act.Offer offerOf(long count, Instant from) {
        return new Act.Offer(
                "luzhou-1573",
                GTIN,
                count,
                PRICE,
                count,
                from,
                from.plus(Duration.ofDays(60)),
                SITE,
                Parties.APPID,
                Parties.PAYEE,
                AGREEMENT,
                DELIVER_BY_DAYS,
                PAY_WITHIN.toSeconds());
    }

    Offered offer(long count) {
        return offer(offerOf(count));
    }

    Offered offerFrom(Instant from) {
        return offer(offerOf(100, from));
    }

    private Offered offer(Act.Offer terms) {
        String offer = party(WINERY, terms);
        Cite at = told(Service.TOKEN, new LawEvent.SalesPlanCreated(offer));
        return new Offered(at, Statements.read(offer, Act.Offer.class));
    }

    Act.Order orderOf(Offered offered, long quantity) {
        return new Act.Order(offered.offer().id(), quantity, PRICE.times(quantity), AGREEMENT, now.plus(PAY_WITHIN));
    }

    Ordered order(Actor buyer, Offered offered, long quantity) {
        String intent = wallet(buyer, orderOf(offered, quantity));
        Cite at = told(Service.ORDER, new LawEvent.OrderPlaced(intent));
        return new Ordered(at, Statements.read(intent, Act.Order.class), offered);
    }

    Cite cancel(Actor buyer, Ordered order) {
        return told(
                Service.ORDER,
                new LawEvent.OrderCancelled(
                        wallet(buyer, new Act.OrderCancellation(order.intent().orderId()))));
    }

    Cite pay(Ordered order) {
        return pay(order, order.intent().act().total().minorUnits(), now);
    }

    Cite pay(Ordered order, long fen, Instant at) {
        return told(Service.PAYMENT, captured(order, Answers.signed(Answers.paid(order.number(), fen, at))));
    }

    static LawEvent.PaymentCaptured captured(Ordered order, SignedAnswer answer) {
        return new LawEvent.PaymentCaptured(order.intent().orderId(), answer.sha256(), answer);
    }

    LawEvent.TokensSold saleOf(Ordered order, Cite payment, TokenId... tokens) {
        Map<TokenId, Hash> prev = new HashMap<>();
        for (TokenId token : tokens) {
            state.token(token).flatMap(TokenState::last).ifPresent(last -> prev.put(token, last));
        }
        return new LawEvent.TokensSold(order.intent().orderId(), order.at(), List.of(payment), List.of(tokens), prev);
    }

    Sold sell(Ordered order, TokenId... tokens) {
        Cite payment = pay(order);
        return new Sold(told(Service.TOKEN, saleOf(order, payment, tokens)), order, payment);
    }

    static BoxCode box(TokenId token) {
        return box("case-" + token.serial());
    }

    static BoxCode box(String serial) {
        return new BoxCode(GTIN, serial);
    }

    LawEvent.CasesReleased releaseOf(Sold sold, Map<TokenId, BoxCode> boxes) {
        return new LawEvent.CasesReleased(
                terminal(DOCK, new Act.Release(sold.at().leaf(), boxes)), sold.at());
    }

    Cite release(Sold sold, TokenId... tokens) {
        return told(Service.WAREHOUSE, releaseOf(sold, byToken(World::box, tokens)));
    }

    LawEvent.TokenGranted grantOf(Sold sold, Cite release, TokenId... tokens) {
        return granted(sold, release, prev(tokens));
    }

    LawEvent.TokenGranted granted(Sold sold, Cite release, Map<TokenId, Hash> prev) {
        Statement<Act.Order> intent = sold.order().intent();
        Map<TokenId, BoxCode> boxes = byToken(this::releasedBox, prev.keySet().toArray(TokenId[]::new));
        return new LawEvent.TokenGranted(intent.orderId(), intent.spoken().sub(), boxes, sold.at(), release, prev);
    }

    private BoxCode releasedBox(TokenId token) {
        return state.token(token)
                .filter(TokenState.Sold.class::isInstance)
                .flatMap(each -> ((TokenState.Sold) each).released())
                .map(TokenState.Released::box)
                .orElse(box(token));
    }

    Cite grant(Sold sold, Cite release, TokenId... tokens) {
        return told(Service.TOKEN, grantOf(sold, release, tokens));
    }

    /** From the order to the title, all at once. */
    Sold own(Actor buyer, Offered offered, TokenId... tokens) {
        Sold sold = sell(order(buyer, offered, tokens.length), tokens);
        grant(sold, release(sold, tokens), tokens);
        return sold;
    }

    Cite state(Act word) {
        return told(Service.WAREHOUSE, new LawEvent.CaseStated(terminal(DOCK, word), Optional.empty()));
    }

    Cite stateWithParty(Act word) {
        return told(
                Service.WAREHOUSE, new LawEvent.CaseStated(terminal(DOCK, word), Optional.of(party(WAREHOUSE, word))));
    }

    LawEvent.SaleUndone undoingOf(Sold sold, List<Cite> reasons, TokenId... tokens) {
        return new LawEvent.SaleUndone(sold.order().intent().orderId(), sold.at(), reasons, prev(tokens));
    }

    Cite undo(Sold sold, List<Cite> reasons, TokenId... tokens) {
        return told(Service.TOKEN, undoingOf(sold, reasons, tokens));
    }

    static LawEvent.ReceiptReturned returnOf(Cite payment, ReturnReason reason, Money amount) {
        return new LawEvent.ReceiptReturned(payment, reason, amount, List.of(), List.of());
    }

    static LawEvent.ReceiptReturned returnOf(Cite payment, List<Cite> ends, TokenId... tokens) {
        return new LawEvent.ReceiptReturned(
                payment, ReturnReason.CASES_ENDED, PRICE.times(tokens.length), List.of(tokens), ends);
    }

    // Holds

    Act.Pickup pickupOf(PickupId pickup, Instant until, Map<TokenId, HandoverCode> codes) {
        Map<TokenId, Hash> hashlocks = new HashMap<>();
        codes.forEach((token, code) -> hashlocks.put(token, Hashlock.of(pickup, token, code)));
        return new Act.Pickup(pickup, CARRIER.name(), hash("envelope"), hashlocks, until);
    }

    Authorised authorise(Actor owner, TokenId... tokens) {
        return authorise(owner, now.plus(Duration.ofDays(2)), tokens);
    }

    Authorised authorise(Actor owner, Instant until, TokenId... tokens) {
        Map<TokenId, HandoverCode> codes = byToken(token -> code(token.serial()), tokens);
        String pickup = wallet(owner, pickupOf(pickupId(made), until, codes));
        Cite at = told(Service.DELIVERY, new LawEvent.PickupAuthorised(pickup));
        return new Authorised(at, Statements.read(pickup, Act.Pickup.class));
    }

    static PickupId pickupId(int number) {
        return new PickupId("01a205a9-8d2b-71c0-9002-%012d".formatted(number));
    }

    static HandoverCode code(long number) {
        return new HandoverCode("%016d".formatted(number));
    }

    Cite cancel(Actor owner, Authorised pickup) {
        return told(
                Service.DELIVERY,
                cancellationOf(owner, pickup, pickup.pickup().act().pickup()));
    }

    /** @param told the pickup that the event says it is */
    LawEvent.PickupCancelled cancellationOf(Actor owner, Authorised pickup, PickupId told) {
        return new LawEvent.PickupCancelled(
                told, wallet(owner, new Act.PickupCancellation(pickup.pickup().holdId())));
    }

    Cite hold(Authorised pickup, TokenId... tokens) {
        return told(Service.TOKEN, new LawEvent.TokenHeld(pickup.at(), prev(tokens)));
    }

    LawEvent.CasesShipped shipmentOf(Authorised pickup, Cite held, TokenId... tokens) {
        return new LawEvent.CasesShipped(
                terminal(DOCK, new Act.Ships(pickup.pickup().holdId(), ascending(tokens))), held, prev(tokens));
    }

    Cite ship(Authorised pickup, Cite held, TokenId... tokens) {
        return told(Service.WAREHOUSE, shipmentOf(pickup, held, tokens));
    }

    /** Authorised, held and shipped, all at once; the shipment is the last leaf. */
    Authorised send(Actor owner, TokenId... tokens) {
        Authorised pickup = authorise(owner, tokens);
        ship(pickup, hold(pickup, tokens), tokens);
        return pickup;
    }

    Cite standsHere(Authorised pickup, TokenId... tokens) {
        return state(new Act.StandsHere(pickup.pickup().holdId(), ascending(tokens)));
    }

    Cite returned(Authorised pickup, TokenId... tokens) {
        return state(new Act.Returned(pickup.pickup().holdId(), ascending(tokens)));
    }

    Cite lostOnTheRoad(Authorised pickup, TokenId... tokens) {
        Act word = new Act.LostOnTheRoad(pickup.pickup().holdId(), ascending(tokens));
        return told(Service.DELIVERY, new LawEvent.CaseStated(terminal(COURIER, word), Optional.empty()));
    }

    LawEvent.DeliveryCompleted deliveryOf(Authorised pickup, Cite shipped, TokenId... tokens) {
        Map<TokenId, HandoverCode> codes = byToken(token -> code(token.serial()), tokens);
        Act.Delivery proof = new Act.Delivery(pickup.pickup().holdId(), codes, true);
        return new LawEvent.DeliveryCompleted(terminal(COURIER, proof), shipped);
    }

    Cite deliver(Authorised pickup, Cite shipped, TokenId... tokens) {
        return told(Service.DELIVERY, deliveryOf(pickup, shipped, tokens));
    }

    Cite burn(Cite by, TokenId... tokens) {
        return told(Service.TOKEN, new LawEvent.TokenBurned(by, prev(tokens)));
    }

    LawEvent.TokenFreed freeingOf(List<Cite> reasons, TokenId... tokens) {
        return new LawEvent.TokenFreed(reasons, prev(tokens));
    }

    Cite free(List<Cite> reasons, TokenId... tokens) {
        return told(Service.TOKEN, freeingOf(reasons, tokens));
    }

    Cite lose(Cite by, TokenId... tokens) {
        return told(Service.TOKEN, new LawEvent.TokenLost(by, prev(tokens)));
    }

    Cite find(Cite by, TokenId... tokens) {
        return told(Service.TOKEN, new LawEvent.TokenFound(by, prev(tokens)));
    }

    Cite moneyBack(Actor buyer, Ordered order, TokenId... tokens) {
        return told(
                Service.TOKEN,
                new LawEvent.LossAnswered(
                        wallet(buyer, new Act.MoneyBack(order.intent().orderId(), ascending(tokens)))));
    }

    // Small things

    /** Each token's last title event, as the law's state has it. */
    Map<TokenId, Hash> prev(TokenId... tokens) {
        return byToken(token -> state.token(token).flatMap(TokenState::last).orElse(hash("none")), tokens);
    }

    static List<TokenId> ascending(TokenId... tokens) {
        return Arrays.stream(tokens)
                .sorted(Comparator.comparing(TokenId::toString))
                .toList();
    }

    static <V> Map<TokenId, V> byToken(Function<TokenId, V> value, TokenId... tokens) {
        return Stream.of(tokens).collect(Collectors.toMap(Function.identity(), value, (a, b) -> a, LinkedHashMap::new));
    }

    static Hash hash(String text) {
        return Hash.of(Sha256.digest().digest(text.getBytes(US_ASCII)));
    }
}
