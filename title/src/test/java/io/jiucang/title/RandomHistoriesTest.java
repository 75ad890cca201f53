package io.jiucang.title;

import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.TokenId;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.event.Leaf;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever the law accepts, in whatever order honest and lying parties speak, keeps the invariants of the design. */
class RandomHistoriesTest {

    private static final int CASES = 8;
    private static final int STEPS = 100;

    @Property(tries = 15)
    void whatIsAcceptedKeepsTheInvariants(@ForAll long seed) {
        RandomHistory history = new RandomHistory(new Random(seed), CASES);
        World world = history.world();
        Set<String> willed = new HashSet<>();
        Map<TokenId, TokenState> before = states(history);
        for (int step = 0; step < STEPS; step++) {
            int told = world.leaves().size();
            history.step();
            world.leaves().subList(told, world.leaves().size()).forEach(leaf -> willedBy(leaf, willed));
            Map<TokenId, TokenState> after = states(history);
            after.values().forEach(state -> nobodyMovesACaseWithoutItsOwner(world, state, willed));
            Map<TokenId, TokenState> was = before;
            after.forEach((token, state) -> whatIsOverIsOver(was.getOrDefault(token, state), state));
            oneBoxForEachToken(world, after);
            moneyGoesBackOnce(world);
            before = after;
        }
        assertThat(replayed(world.leaves(), world.state())).as("I12").isEqualTo(before);
    }

    /** Most of the ways through the law are gone: a generator that reaches nothing proves nothing. */
    @Property(tries = 1)
    void theHistoriesReachEveryStateAndBreakManyRules() {
        Set<Class<?>> reached = new HashSet<>();
        Map<Rule, Long> broken = new EnumMap<>(Rule.class);
        for (int seed = 0; seed < 20; seed++) {
            RandomHistory history = new RandomHistory(new Random(seed), CASES);
            for (int step = 0; step < STEPS; step++) {
                history.step();
                states(history).values().forEach(state -> reached.add(state.getClass()));
            }
            history.world().state().voids().forEach((rule, count) -> broken.merge(rule, count, Long::sum));
        }
        assertThat(reached).hasSize(TokenState.class.getPermittedSubclasses().length);
        assertThat(broken)
                .containsKeys(
                        Rule.STATEMENT,
                        Rule.TELLER,
                        Rule.LEAF_ORDER,
                        Rule.EVIDENCE,
                        Rule.CHAIN,
                        Rule.ONE_EFFECT,
                        Rule.LIFE,
                        Rule.WALLET_KEY,
                        Rule.TERMINAL,
                        Rule.RECEIPT,
                        Rule.RELEASE,
                        Rule.GRANT,
                        Rule.UNDOING,
                        Rule.MONEY_BACK,
                        Rule.HOLD,
                        Rule.PICKUP,
                        Rule.BURN,
                        Rule.LOSS);
    }

    /**
     * I2, I3 and I11: a title is its buyer's, by a sale that the buyer signed; what is held is held by its owner's own
     * statement, for that token. The liars have no owner's key, so what bears a good signature was the owner's will.
     */
    private static void nobodyMovesACaseWithoutItsOwner(World world, TokenState state, Set<String> willed) {
        deedOf(state).ifPresent(deed -> {
            Facts.Order order =
                    world.state().order(world.state().sale(deed.sale()).order());
            assertThat(deed.owner()).as("I2").isEqualTo(order.buyer());
            assertThat(willed).as("I11").contains(order.buyer() + " " + order.id());
        });
        if (state instanceof TokenState.Held held) {
            Facts.Hold hold = world.state().findHold(held.hold()).orElseThrow();
            assertThat(hold.owner()).as("I3").isEqualTo(held.deed().owner());
            assertThat(willed).as("I11").contains(hold.owner() + " " + hold.id());
        }
    }

    /** The orders and holds that an owner's own key has signed, each as "owner id". */
    private static void willedBy(Leaf leaf, Set<String> willed) {
        switch (leaf.event()) {
            case LawEvent.OrderPlaced(var text) -> {
                Statement<?> order = Statements.read(text);
                willed(order, order.orderId().value(), willed);
            }
            case LawEvent.PickupAuthorised(var text) -> {
                Statement<?> pickup = Statements.read(text);
                willed(pickup, pickup.holdId().value(), willed);
            }
            default -> {}
        }
    }

    private static void willed(Statement<?> statement, String id, Set<String> willed) {
        Stream.of(World.LI, World.WANG)
                .filter(owner -> owner.id().equals(statement.spoken().sub()))
                .filter(owner -> statement.isSignedBy(owner.key()))
                .forEach(owner -> willed.add(owner.id() + " " + id));
    }

    private static void whatIsOverIsOver(TokenState before, TokenState after) {
        if (before instanceof TokenState.Burned) {
            assertThat(after).isEqualTo(before);
        }
        if (before instanceof TokenState.Lost lost && lost.deed().isEmpty()) {
            assertThat(after).isEqualTo(before);
        }
        Optional<TokenState.Deed> deed = deedOf(before);
        if (deed.isPresent()) {
            assertThat(deedOf(after)).as("a title once granted stays").isEqualTo(deed);
        }
    }

    /** I1. */
    private static void oneBoxForEachToken(World world, Map<TokenId, TokenState> states) {
        world.state().plans().values().forEach(plan -> {
            Facts.Counts counts = world.state().counts(plan.id());
            assertThat(counts.minted()).as("I1").isEqualTo(states.size());
            assertThat(counts.unsold()).as("I1").isEqualTo(count(states, TokenState.Unsold.class));
            assertThat(counts.burned()).as("I1").isEqualTo(count(states, TokenState.Burned.class));
        });
        Map<BoxCode, TokenId> boxes = new HashMap<>();
        states.forEach((token, state) -> boxOf(state).ifPresent(box -> {
            assertThat(boxes.put(box, token)).as("I1: one token per box code").isNull();
            assertThat(world.state().box(box).map(Facts.Box::token)).contains(token);
        }));
    }

    private static long count(Map<TokenId, TokenState> states, Class<? extends TokenState> kind) {
        return states.values().stream().filter(kind::isInstance).count();
    }

    /** I4, as far as the law decides it. */
    private static void moneyGoesBackOnce(World world) {
        for (Facts.Account account : world.state().accounts().values()) {
            long left = account.left().minorUnits();
            assertThat(left).isBetween(0L, account.receipt().amount().minorUnits());
            Facts.Order order = world.state().order(account.source().order());
            if (account.use() == Facts.Account.Use.RETURNED) {
                assertThat(order.sale()).as("returned whole, and sold").isEmpty();
            }
            order.sale().ifPresent(sale -> {
                long owned = world.state().soldTokens().values().stream()
                        .filter(state -> !(state instanceof TokenState.Burned))
                        .filter(state -> deedOf(state)
                                .filter(deed -> deed.sale().equals(sale))
                                .isPresent())
                        .count();
                assertThat(left)
                        .as("paid back, and owned")
                        .isGreaterThanOrEqualTo(World.PRICE.times(owned).minorUnits());
            });
        }
    }

    /** I12: from the leaves and the pinned roots alone. */
    private static Map<TokenId, TokenState> replayed(List<Leaf> leaves, TitleState original) {
        TitleState state = Title.begin(Parties.pins(), leaves.getFirst());
        List<Ruling> rulings = new ArrayList<>();
        for (Leaf leaf : leaves.subList(1, leaves.size())) {
            Ruling decided = Title.decide(state, leaf);
            rulings.add(Title.apply(state, leaf));
            assertThat(rulings.getLast()).as("deciding changes nothing").isEqualTo(decided);
        }
        assertThat(state.voids()).isEqualTo(original.voids());
        Map<TokenId, TokenState> states = new HashMap<>();
        state.plans().values().forEach(plan -> {
            for (long serial = 1; serial <= plan.offer().count(); serial++) {
                TokenId token = new TokenId(plan.vault(), serial);
                states.put(token, state.token(token).orElseThrow());
            }
        });
        return states;
    }

    private static Map<TokenId, TokenState> states(RandomHistory history) {
        Map<TokenId, TokenState> states = new HashMap<>();
        history.tokens().forEach(token -> states.put(token, history.world().of(token)));
        return states;
    }

    private static Optional<TokenState.Deed> deedOf(TokenState state) {
        return switch (state) {
            case TokenState.Unsold _, TokenState.Sold _ -> Optional.empty();
            case TokenState.Owned owned -> Optional.of(owned.deed());
            case TokenState.Held held -> Optional.of(held.deed());
            case TokenState.Lost lost -> lost.deed();
            case TokenState.Burned burned -> Optional.of(burned.deed());
        };
    }

    private static Optional<BoxCode> boxOf(TokenState state) {
        return state instanceof TokenState.Sold sold
                ? sold.released().map(TokenState.Released::box)
                : deedOf(state).map(TokenState.Deed::box);
    }
}
