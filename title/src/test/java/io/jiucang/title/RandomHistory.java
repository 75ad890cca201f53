package io.jiucang.title;

import static io.jiucang.title.World.COURIER;
import static io.jiucang.title.World.DOCK;
import static io.jiucang.title.World.LI;
import static io.jiucang.title.World.OTHER_COURIER;
import static io.jiucang.title.World.OTHER_DOCK;
import static io.jiucang.title.World.PRICE;
import static io.jiucang.title.World.WANG;

import io.jiucang.events.PaymentEvent.ReturnReason;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.World.Authorised;
import io.jiucang.title.World.Offered;
import io.jiucang.title.World.Ordered;
import io.jiucang.title.World.Sold;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.event.Leaf;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Some tokens, and a crowd about them: at each step somebody does what is next, or somebody lies. The liars have every
 * service's key, and every terminal's, party's and stranger's; what they have not is an owner's. Whatever was ever said is
 * theirs to use again.
 */
final class RandomHistory {

    private static final List<Actor> OWNERS = List.of(LI, WANG);
    private static final Actor THIEF = Actor.called("thief");
    private static final OrderId NO_ORDER = new OrderId("00000000-0000-8000-8000-000000000000");
    private static final List<Actor> TERMINALS = List.of(DOCK, OTHER_DOCK, COURIER, OTHER_COURIER);

    private final Random random;
    private final World world = World.begun();
    private final Offered offered;
    private final List<TokenId> tokens = new ArrayList<>();

    private final List<Ordered> orders = new ArrayList<>();
    private final List<Sold> sales = new ArrayList<>();
    private final List<Authorised> pickups = new ArrayList<>();
    private final Map<Ordered, Cite> payments = new HashMap<>();
    private final List<Cite> cites = new ArrayList<>();
    private final List<Runnable> heldBack = new ArrayList<>();

    RandomHistory(Random random, int cases) {
        this.random = random;
        this.offered = world.offer(cases);
        for (int serial = 1; serial <= cases; serial++) {
            tokens.add(offered.token(serial));
        }
    }

    World world() {
        return world;
    }

    List<TokenId> tokens() {
        return tokens;
    }

    void step() {
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> lie();
            case 4 -> world.pass(Duration.ofMinutes(1 + random.nextInt(50)));
            default -> next(anyLive());
        }
    }

    /** Not those that stay as they are for ever. */
    private TokenId anyLive() {
        List<TokenId> live = tokens.stream()
                .filter(token -> switch (world.of(token)) {
                    case TokenState.Lost lost -> lost.deed().isPresent();
                    case TokenState.Burned _ -> false;
                    case TokenState.Unsold _, TokenState.Sold _, TokenState.Owned _, TokenState.Held _ -> true;
                })
                .toList();
        return any(live.isEmpty() ? tokens : live);
    }

    // What is next for a token

    private void next(TokenId token) {
        switch (world.of(token)) {
            case TokenState.Unsold _ -> sell(token);
            case TokenState.Sold sold -> releaseOrGrant(token, sold);
            case TokenState.Owned owned -> disposeOf(token, owned);
            case TokenState.Held held -> carryOn(token, held);
            case TokenState.Lost lost -> afterLoss(token, lost);
            case TokenState.Burned _ -> world.tick();
        }
    }

    private void sell(TokenId token) {
        Actor buyer = any(OWNERS);
        String intent = world.wallet(buyer, world.orderOf(offered, 1));
        tell(Service.ORDER, new LawEvent.OrderPlaced(intent)).ifPresent(at -> {
            Ordered order = new Ordered(at, Statements.read(intent, Act.Order.class), offered);
            orders.add(order);
            var answer = Answers.signed(
                    Answers.paid(order.number(), PRICE.minorUnits(), world.now().plusSeconds(random.nextInt(10_000))));
            tell(Service.PAYMENT, World.captured(order, answer)).ifPresent(paid -> {
                payments.put(order, paid);
                tell(Service.TOKEN, world.saleOf(order, paid, token))
                        .ifPresent(sold -> sales.add(new Sold(sold, order, paid)));
            });
        });
    }

    private void releaseOrGrant(TokenId token, TokenState.Sold state) {
        Sold sold = saleAt(state.sale());
        switch (random.nextInt(12)) {
            case 0 -> {
                List<Cite> reasons = new ArrayList<>();
                word(Service.WAREHOUSE, DOCK, new Act.Refusal(state.sale(), List.of(token)), true)
                        .ifPresent(reasons::add);
                undo(sold, reasons, token);
            }
            case 1 -> {
                List<Cite> reasons = new ArrayList<>();
                tell(
                                Service.ORDER,
                                new LawEvent.OrderCancelled(world.wallet(
                                        buyerOf(sold),
                                        new Act.OrderCancellation(
                                                sold.order().intent().orderId()))))
                        .ifPresent(reasons::add);
                word(Service.WAREHOUSE, DOCK, new Act.NotReleased(state.sale(), List.of(token)), false)
                        .ifPresent(reasons::add);
                undo(sold, reasons, token);
            }
            default ->
                state.released()
                        .ifPresentOrElse(
                                released -> tell(Service.TOKEN, world.grantOf(sold, released.by(), token)),
                                () -> tell(
                                        Service.WAREHOUSE,
                                        world.releaseOf(sold, Map.of(token, World.box("b" + random.nextInt(30))))));
        }
    }

    private void undo(Sold sold, List<Cite> reasons, TokenId token) {
        if (!reasons.isEmpty()) {
            tell(Service.TOKEN, world.undoingOf(sold, reasons, token))
                    .ifPresent(end -> tell(Service.PAYMENT, World.returnOf(sold.payment(), List.of(end), token)));
        }
    }

    private void disposeOf(TokenId token, TokenState.Owned owned) {
        if (random.nextInt(8) == 0) {
            word(Service.WAREHOUSE, DOCK, new Act.Lost(List.of(token)), true)
                    .ifPresent(lost -> tell(Service.TOKEN, new LawEvent.TokenLost(lost, world.prev(token))));
            return;
        }
        Actor owner = OWNERS.stream()
                .filter(each -> each.id().equals(owned.deed().owner()))
                .findFirst()
                .orElseThrow();
        Map<TokenId, HandoverCode> codes = Map.of(token, World.code(token.serial()));
        Act.Pickup act = world.pickupOf(
                World.pickupId(pickups.size()), world.now().plus(Duration.ofMinutes(30 + random.nextInt(600))), codes);
        String pickup = world.wallet(owner, act);
        if (random.nextInt(5) == 0) {
            heldBack.add(() -> authorise(token, pickup));
        } else {
            authorise(token, pickup);
        }
    }

    private void authorise(TokenId token, String pickup) {
        tell(Service.DELIVERY, new LawEvent.PickupAuthorised(pickup)).ifPresent(at -> {
            pickups.add(new Authorised(at, Statements.read(pickup, Act.Pickup.class)));
            tell(Service.TOKEN, new LawEvent.TokenHeld(at, world.prev(token)));
        });
    }

    private void carryOn(TokenId token, TokenState.Held held) {
        Authorised pickup = pickups.stream()
                .filter(each -> each.pickup().holdId().equals(held.hold()))
                .findFirst()
                .orElseThrow();
        if (held.isOnTheRoad()) {
            end(token, pickup);
        } else if (random.nextInt(3) == 0) {
            List<Cite> reasons = new ArrayList<>();
            tell(
                            Service.DELIVERY,
                            new LawEvent.PickupCancelled(
                                    pickup.pickup().act().pickup(),
                                    world.wallet(ownerOf(pickup), new Act.PickupCancellation(held.hold()))))
                    .ifPresent(reasons::add);
            word(Service.WAREHOUSE, DOCK, new Act.StandsHere(held.hold(), List.of(token)), false)
                    .ifPresent(reasons::add);
            tell(Service.TOKEN, world.freeingOf(reasons, token));
        } else {
            Cite heldAt = citeOf(held.last().orElseThrow());
            if (!tell(Service.WAREHOUSE, world.shipmentOf(pickup, heldAt, token))
                    .isPresent()) {
                tell(Service.TOKEN, world.freeingOf(List.of(), token));
            }
        }
    }

    private void end(TokenId token, Authorised pickup) {
        Cite shipped = citeOf(world.of(token).last().orElseThrow());
        switch (random.nextInt(4)) {
            case 0 ->
                word(Service.WAREHOUSE, DOCK, new Act.Returned(pickup.pickup().holdId(), List.of(token)), false)
                        .ifPresent(back -> tell(Service.TOKEN, world.freeingOf(List.of(back), token)));
            case 1 ->
                word(
                                Service.DELIVERY,
                                COURIER,
                                new Act.LostOnTheRoad(pickup.pickup().holdId(), List.of(token)),
                                false)
                        .ifPresent(lost -> tell(Service.TOKEN, new LawEvent.TokenLost(lost, world.prev(token))));
            default ->
                tell(Service.DELIVERY, world.deliveryOf(pickup, shipped, token))
                        .ifPresent(done -> tell(Service.TOKEN, new LawEvent.TokenBurned(done, world.prev(token))));
        }
    }

    private void afterLoss(TokenId token, TokenState.Lost lost) {
        if (lost.deed().isEmpty() || random.nextBoolean()) {
            word(Service.WAREHOUSE, DOCK, new Act.Found(List.of(token)), false)
                    .ifPresent(found -> tell(Service.TOKEN, new LawEvent.TokenFound(found, world.prev(token))));
            return;
        }
        Sold sold = saleAt(lost.deed().orElseThrow().sale());
        Act.MoneyBack act = new Act.MoneyBack(sold.order().intent().orderId(), List.of(token));
        tell(Service.TOKEN, new LawEvent.LossAnswered(world.wallet(buyerOf(sold), act)))
                .flatMap(chosen -> tell(Service.TOKEN, new LawEvent.TokenBurned(chosen, world.prev(token))))
                .ifPresent(end -> tell(Service.PAYMENT, World.returnOf(sold.payment(), List.of(end), token)));
    }

    // Lies

    private void lie() {
        TokenId token = any(tokens);
        Map<TokenId, Hash> prev =
                random.nextInt(3) == 0 ? Map.of(token, anyCite().leaf()) : world.prev(token);
        Optional<Facts.Order> order = anyOrder();
        OrderId called = order.map(Facts.Order::id).orElse(NO_ORDER);
        switch (random.nextInt(18)) {
            case 0 -> tell(anyService(), any(world.leaves()).event());
            case 1 -> world.tell(copyOf(any(world.leaves())));
            case 2 ->
                grantToAnybody(token, called, order.map(Facts.Order::buyer).orElse(THIEF.id()), prev);
            case 3 -> tell(Service.TOKEN, new LawEvent.SaleUndone(called, anyCite(), List.of(anyCite()), prev));
            case 4 -> tell(Service.TOKEN, new LawEvent.TokenHeld(anyCite(), prev));
            case 5 -> tell(Service.TOKEN, new LawEvent.TokenFreed(List.of(anyCite()), prev));
            case 6 -> tell(Service.TOKEN, new LawEvent.TokenFreed(List.of(), prev));
            case 7 -> tell(Service.TOKEN, new LawEvent.TokenBurned(anyCite(), prev));
            case 8 -> tell(Service.TOKEN, new LawEvent.TokenLost(anyCite(), prev));
            case 9 -> tell(Service.TOKEN, new LawEvent.TokenFound(anyCite(), prev));
            case 10 ->
                tell(
                        Service.TOKEN,
                        new LawEvent.TokensSold(called, anyCite(), List.of(anyCite()), List.of(token), Map.of()));
            case 11 ->
                tell(
                        Service.PAYMENT,
                        new LawEvent.ReceiptReturned(
                                anyCite(),
                                any(List.of(ReturnReason.values())),
                                PRICE,
                                random.nextBoolean() ? List.of() : List.of(token),
                                random.nextBoolean() ? List.of() : List.of(anyCite())));
            case 12, 13, 14 -> falseWord(token);
            case 15 -> heldBack.forEach(Runnable::run);
            default -> forgedWallet(token);
        }
    }

    /** By the token's own sale and release, if it has them. */
    private void grantToAnybody(TokenId token, OrderId order, String owner, Map<TokenId, Hash> prev) {
        Cite sale = anyCite();
        Cite release = anyCite();
        if (world.of(token) instanceof TokenState.Sold sold && sold.released().isPresent()) {
            sale = saleAt(sold.sale()).at();
            release = sold.released().orElseThrow().by();
        }
        Map<TokenId, BoxCode> boxes = Map.of(token, World.box(token));
        tell(Service.TOKEN, new LawEvent.TokenGranted(order, owner, boxes, sale, release, prev));
    }

    private Optional<Facts.Order> anyOrder() {
        List<Facts.Order> orders = List.copyOf(world.state().orders().values());
        return orders.isEmpty() ? Optional.empty() : Optional.of(any(orders));
    }

    /** Real terminals and parties, lying. */
    private void falseWord(TokenId token) {
        Actor terminal = any(TERMINALS);
        List<TokenId> these = List.of(token);
        Hash sale = anyCite().leaf();
        List<Act> words = new ArrayList<>(List.of(
                new Act.NotReleased(sale, these),
                new Act.Refusal(sale, these),
                new Act.Found(these),
                new Act.Lost(these)));
        if (!pickups.isEmpty()) {
            var hold = any(pickups).pickup().holdId();
            words.addAll(List.of(
                    new Act.StandsHere(hold, these),
                    new Act.Returned(hold, these),
                    new Act.LostOnTheRoad(hold, these)));
        }
        word(any(List.of(Service.WAREHOUSE, Service.DELIVERY)), terminal, any(words), random.nextBoolean());
        if (!pickups.isEmpty()) {
            Authorised pickup = any(pickups);
            Act.Ships ships = new Act.Ships(pickup.pickup().holdId(), these);
            tell(
                    Service.WAREHOUSE,
                    new LawEvent.CasesShipped(world.terminal(terminal, ships), anyCite(), world.prev(token)));
            Act.Delivery proof =
                    new Act.Delivery(pickup.pickup().holdId(), Map.of(token, World.code(random.nextInt(20))), true);
            tell(Service.DELIVERY, new LawEvent.DeliveryCompleted(world.terminal(terminal, proof), anyCite()));
        }
    }

    /** A thief's key under an owner's name. */
    private void forgedWallet(TokenId token) {
        Map<TokenId, HandoverCode> codes = Map.of(token, World.code(1));
        Act act = any(List.of(
                world.pickupOf(World.pickupId(9_999), world.now().plus(Duration.ofHours(5)), codes),
                new Act.KeyEndorsement(THIEF.key())));
        String text = world.wallet(any(OWNERS).id(), THIEF, act);
        LawEvent event =
                act instanceof Act.Pickup ? new LawEvent.PickupAuthorised(text) : new LawEvent.KeyEndorsed(text);
        tell(act instanceof Act.Pickup ? Service.DELIVERY : Service.TOKEN, event)
                .ifPresent(at -> tell(Service.TOKEN, new LawEvent.TokenHeld(at, world.prev(token))));
    }

    // Small things

    private Optional<Cite> tell(Service teller, LawEvent event) {
        Ruling ruling = world.tell(teller, event);
        cites.add(world.last());
        return ruling instanceof Ruling.Valid ? Optional.of(world.last()) : Optional.empty();
    }

    private Optional<Cite> word(Service teller, Actor terminal, Act act, boolean withParty) {
        Optional<String> party = withParty ? Optional.of(world.party(Parties.WAREHOUSE, act)) : Optional.empty();
        return tell(teller, new LawEvent.CaseStated(world.terminal(terminal, act), party));
    }

    private Leaf copyOf(Leaf leaf) {
        return new Leaf(world.last().index() + 1, leaf.hash(), leaf.teller(), leaf.key(), leaf.event());
    }

    private Sold saleAt(Hash leaf) {
        return sales.stream()
                .filter(each -> each.at().leaf().equals(leaf))
                .findFirst()
                // A liar's sale, upon honest evidence, which is as good as any.
                .orElseGet(() -> lawful(leaf));
    }

    private Sold lawful(Hash leaf) {
        Cite at = citeOf(leaf);
        Ordered order = orders.stream()
                .filter(each -> world.state()
                        .order(each.intent().orderId())
                        .sale()
                        .filter(leaf::equals)
                        .isPresent())
                .findFirst()
                .orElseThrow();
        return new Sold(at, order, payments.getOrDefault(order, at));
    }

    private Cite citeOf(Hash leaf) {
        return world.leaves().stream()
                .map(Leaf::cite)
                .filter(cite -> cite.leaf().equals(leaf))
                .findFirst()
                .orElseThrow();
    }

    private static Actor buyerOf(Sold sold) {
        return ownerCalled(sold.order().intent());
    }

    private static Actor ownerOf(Authorised pickup) {
        return ownerCalled(pickup.pickup());
    }

    private static Actor ownerCalled(Statement<?> statement) {
        return OWNERS.stream()
                .filter(each -> each.id().equals(statement.spoken().sub()))
                .findFirst()
                .orElseThrow();
    }

    private Cite anyCite() {
        return cites.isEmpty() || random.nextInt(20) == 0 ? new Cite(1, World.hash("nothing")) : any(cites);
    }

    private Service anyService() {
        return any(List.of(Service.values()));
    }

    private <T> T any(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
