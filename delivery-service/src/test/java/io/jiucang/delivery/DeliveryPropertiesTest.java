package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryFixtures.CARRIER;
import static io.jiucang.delivery.DeliveryFixtures.COURIER;
import static io.jiucang.delivery.DeliveryFixtures.ENVELOPE;
import static io.jiucang.delivery.DeliveryFixtures.NOW;
import static io.jiucang.delivery.DeliveryFixtures.OWNER;
import static io.jiucang.delivery.DeliveryFixtures.PROOF;
import static io.jiucang.delivery.DeliveryFixtures.SETTINGS;
import static io.jiucang.delivery.DeliveryFixtures.VALID;
import static io.jiucang.delivery.DeliveryFixtures.box;
import static io.jiucang.delivery.DeliveryFixtures.codes;
import static io.jiucang.delivery.DeliveryFixtures.inCustody;
import static io.jiucang.delivery.DeliveryFixtures.pickupOf;
import static io.jiucang.delivery.DeliveryFixtures.statement;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.delivery.PickupCommand.AcceptDelivery;
import io.jiucang.delivery.PickupCommand.AuthorisePickup;
import io.jiucang.delivery.PickupCommand.CancelPickup;
import io.jiucang.delivery.PickupCommand.CompleteDelivery;
import io.jiucang.delivery.PickupCommand.FailDelivery;
import io.jiucang.delivery.PickupCommand.OrderPickup;
import io.jiucang.events.DeliveryEvent;
import io.jiucang.events.DeliveryEvent.AddressDestroyed;
import io.jiucang.events.DeliveryEvent.CasesCollected;
import io.jiucang.events.DeliveryEvent.CasesLost;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryAccepted;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.DeliveryFailed;
import io.jiucang.events.DeliveryEvent.DeliveryRequested;
import io.jiucang.events.DeliveryEvent.FailureReason;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancellationRequested;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.DeliveryEvent.PickupEnded;
import io.jiucang.events.DeliveryEvent.PickupOrdered;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ShipmentCancellationRefused;
import io.jiucang.events.WarehouseEvent.ShipmentCancelled;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.test.SagaWorld;
import io.jiucang.title.statement.Act;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * The real pickup, saga and policy among tokens, a warehouse, a courier and an owner that act in any order, each of them
 * reading what the others say at its own pace.
 */
class DeliveryPropertiesTest {

    private static final SagaWorld.Stage<DeliveryEvent> STAGE = new SagaWorld.Stage<>(
            DeliveryEvent.class,
            Pickup.class,
            DeliverySaga.class,
            NOW,
            (axon, clock) -> axon.registerComponent(DeliverySettings.class, c -> SETTINGS)
                    .eventProcessing()
                    .registerEventHandler(c -> new PickupPolicy(c.commandGateway(), clock)));

    @AfterContainer
    static void shutDown() {
        STAGE.close();
    }

    @Property(tries = 600)
    void endsOnceForEachCaseAndForgetsTheAddress(
            @ForAll long seed, @ForAll @LongRange(min = 1, max = 4) long quantity) {
        World world = new World(new Random(seed), quantity);
        world.run();
        world.assertSettled();
        world.ends().values().forEach(Statistics::collect);
        Statistics.label("cases to be kept back").collect(world.verdict);
        Statistics.coverage(ends -> {
            ends.check("delivered").percentage(share -> share > 5);
            ends.check("lost").percentage(share -> share > 1);
            ends.check(PickupEndReason.RETURNED).percentage(share -> share > 5);
            ends.check(PickupEndReason.OWNER).percentage(share -> share > 1);
            ends.check(PickupEndReason.LOCK_REFUSED).percentage(share -> share > 1);
            ends.check(PickupEndReason.NOT_COLLECTED_IN_TIME).percentage(share -> share > 1);
        });
        Statistics.label("cases to be kept back").coverage(verdicts -> {
            verdicts.check("kept").percentage(share -> share > 5);
            verdicts.check("shipped").percentage(share -> share > 1);
            verdicts.check("some of both").count(times -> times > 0);
        });
    }

    /** All others, for one pickup. */
    private static final class World extends SagaWorld<DeliveryEvent> {

        private static final List<FailureReason> FAILURES = List.of(FailureReason.values());
        private static final int EVENTFUL_STEPS = 40;

        private enum Place {
            WAREHOUSE,
            ROAD,
            HOME
        }

        private final PickupId pickup = new PickupId(Ids.next());
        private final List<TokenId> tokens;
        private final String statement;
        private final boolean fickle;
        private final boolean rueful;
        private final boolean slow;
        private final boolean contested;
        private final boolean clumsy;
        private final boolean thievish;

        private final Map<TokenId, Place> places = new LinkedHashMap<>();
        private final Set<TokenId> locked = new HashSet<>();
        private final Set<TokenId> burned = new HashSet<>();
        private final Set<TokenId> toShip = new HashSet<>();
        private final Set<TokenId> toReturn = new HashSet<>();
        private @Nullable String verdict;

        World(Random random, long quantity) {
            super(STAGE, random);
            this.tokens = LongStream.rangeClosed(1, quantity)
                    .mapToObj(DeliveryFixtures::token)
                    .toList();
            this.statement = statement(pickup, tokens, STAGE.clock().instant().plus(Duration.ofDays(20)));
            tokens.forEach(token -> places.put(token, Place.WAREHOUSE));
            this.fickle = random.nextInt(4) == 0;
            this.rueful = random.nextInt(3) == 0;
            this.slow = random.nextInt(4) == 0;
            this.contested = random.nextInt(8) == 0;
            this.clumsy = random.nextInt(2) == 0;
            this.thievish = random.nextInt(6) == 0;
            reads(this::tokens);
            reads(this::warehouse);
            reads(this::courier);
        }

        void run() {
            send(new OrderPickup(
                    pickup,
                    OWNER,
                    CARRIER,
                    tokens,
                    tokens.stream().map(token -> inCustody(token.serial())).toList(),
                    SETTINGS.tariff(),
                    STAGE.clock().instant()));
            live(EVENTFUL_STEPS, 3);
        }

        @Override
        protected List<Runnable> due() {
            return toReturn.isEmpty() || thievish ? List.of() : List.of(this::bringBack);
        }

        @Override
        protected List<Runnable> whims() {
            List<Runnable> actions = new ArrayList<>(List.of(
                    this::authorise,
                    () -> attempt(new AcceptDelivery(pickup, COURIER)),
                    () -> handOver(on(Place.ROAD).limit(1 + random.nextInt(4)).toList())));
            if (!toShip.isEmpty()) {
                actions.add(this::ship);
            }
            if (fickle) {
                actions.add(this::cancel);
            }
            if (rueful && !toShip.isEmpty()) {
                actions.add(this::cancelWhileCasesAreLeaving);
            }
            if (slow) {
                actions.add(this::timePasses);
            }
            if (clumsy) {
                actions.add(() -> attempt(new FailDelivery(
                        pickup,
                        COURIER,
                        FAILURES.get(random.nextInt(FAILURES.size())),
                        3,
                        STAGE.clock().instant())));
            }
            return actions;
        }

        private void cancel() {
            attempt(new CancelPickup(
                    pickup,
                    pickupOf(statement).holdId(),
                    "cancellation",
                    VALID,
                    STAGE.clock().instant()));
        }

        private void cancelWhileCasesAreLeaving() {
            cancel();
            ship();
        }

        private Stream<TokenId> on(Place place) {
            return tokens.stream().filter(token -> places.get(token) == place);
        }

        private void authorise() {
            attempt(new AuthorisePickup(pickup, ENVELOPE, pickupOf(statement), statement, VALID));
        }

        private void handOver(List<TokenId> handed) {
            List<TokenId> distinct = handed.stream().distinct().toList();
            if (distinct.isEmpty()) {
                return;
            }
            attempt(new CompleteDelivery(
                    pickup,
                    COURIER,
                    new Act.Delivery(pickupOf(statement).holdId(), codes(distinct), true),
                    PROOF,
                    STAGE.clock().instant()));
        }

        private void ship() {
            List<TokenId> some =
                    toShip.stream().limit(1 + random.nextInt(toShip.size())).toList();
            some.forEach(token -> {
                toShip.remove(token);
                places.put(token, Place.ROAD);
            });
            tell("warehouse", new CasesShipped(pickup, COURIER, cases(some)));
        }

        private void bringBack() {
            List<TokenId> some =
                    toReturn.stream().limit(1 + random.nextInt(toReturn.size())).toList();
            some.forEach(token -> {
                toReturn.remove(token);
                places.put(token, Place.WAREHOUSE);
            });
            tell("warehouse", new CasesReturned(pickup, "luzhou-1", "R-1", cases(some)));
        }

        private static List<DeliveredCase> cases(List<TokenId> tokens) {
            return tokens.stream()
                    .map(token -> new DeliveredCase(token, box(token.serial())))
                    .toList();
        }

        private void tokens(DeliveryEvent event) {
            switch (event) {
                case PickupAuthorised authorised ->
                    pickupOf(authorised.statement()).act().hashlocks().forEach((token, hashlock) -> {
                        if (contested && random.nextInt(2) == 0) {
                            tell(token.toString(), new TokenLockRefused(token, pickup, LockRefusal.NOT_AVAILABLE));
                        } else {
                            locked.add(token);
                            tell(token.toString(), new TokenLocked(token, OWNER, pickup, hashlock.hex()));
                        }
                    });
                case PickupEnded ended -> {
                    ended.tokens().forEach(token -> {
                        assertThat(places.get(token)).as("unlocked").isEqualTo(Place.WAREHOUSE);
                        locked.remove(token);
                    });
                }
                case DeliveryCompleted completed ->
                    completed.cases().forEach(each -> {
                        assertThat(locked).contains(each.tokenId());
                        assertThat(burned.add(each.tokenId())).isTrue();
                        locked.remove(each.tokenId());
                    });
                case PickupOrdered e -> {}
                case DeliveryRequested e -> {}
                case PickupCancelled e -> {}
                case DeliveryAccepted e -> {}
                case CasesCollected e -> {}
                case DeliveryFailed e -> {}
                case ReturnRequested e -> {}
                case PickupCancellationRequested e -> {}
                case CasesLost e -> {}
                case AddressDestroyed e -> {}
            }
        }

        /** It judges whether a case can still be kept back, because it alone knows what is leaving. */
        private void warehouse(DeliveryEvent event) {
            switch (event) {
                case DeliveryRequested e -> toShip.addAll(tokens);
                case PickupCancellationRequested request -> {
                    List<TokenId> kept =
                            request.tokens().stream().filter(toShip::remove).toList();
                    List<TokenId> shipped = request.tokens().stream()
                            .filter(token -> !kept.contains(token))
                            .toList();
                    if (!kept.isEmpty()) {
                        tell("warehouse", new ShipmentCancelled(pickup, kept));
                    }
                    if (!shipped.isEmpty()) {
                        tell("warehouse", new ShipmentCancellationRefused(pickup, shipped));
                    }
                    verdict = shipped.isEmpty() ? "kept" : kept.isEmpty() ? "shipped" : "some of both";
                }
                case PickupEnded ended -> assertThat(toShip).doesNotContainAnyElementsOf(ended.tokens());
                case PickupOrdered e -> {}
                case PickupAuthorised e -> {}
                case PickupCancelled e -> {}
                case DeliveryAccepted e -> {}
                case CasesCollected e -> {}
                case DeliveryFailed e -> {}
                case DeliveryCompleted e -> {}
                case ReturnRequested e -> {}
                case CasesLost e -> {}
                case AddressDestroyed e -> {}
            }
        }

        private void courier(DeliveryEvent event) {
            if (event instanceof DeliveryCompleted completed) {
                completed
                        .cases()
                        .forEach(each -> assertThat(places.put(each.tokenId(), Place.HOME))
                                .isEqualTo(Place.ROAD));
            } else if (event instanceof ReturnRequested request) {
                request.cases().forEach(each -> toReturn.add(each.tokenId()));
            }
        }

        private void attempt(PickupCommand command) {
            long before = told().size();
            try {
                send(command);
            } catch (DeliveryRejected e) {
                assertThat(told()).as("told by a refused %s", command).hasSize((int) before);
            }
        }

        /** Why each token's part of the pickup ended. */
        Map<TokenId, Object> ends() {
            Map<TokenId, Object> ends = new HashMap<>();
            for (DeliveryEvent event : told()) {
                switch (event) {
                    case DeliveryCompleted e ->
                        e.cases()
                                .forEach(each -> assertThat(ends.put(each.tokenId(), "delivered"))
                                        .isNull());
                    case CasesLost e ->
                        e.cases()
                                .forEach(each -> assertThat(ends.put(each.tokenId(), "lost"))
                                        .isNull());
                    case PickupEnded e ->
                        e.tokens()
                                .forEach(each ->
                                        assertThat(ends.put(each, e.reason())).isIn(null, "lost"));
                    case PickupOrdered o -> {}
                    case PickupAuthorised o -> {}
                    case DeliveryRequested o -> {}
                    case PickupCancelled o -> {}
                    case DeliveryAccepted o -> {}
                    case CasesCollected o -> {}
                    case DeliveryFailed o -> {}
                    case ReturnRequested o -> {}
                    case PickupCancellationRequested o -> {}
                    case AddressDestroyed o -> {}
                }
            }
            return ends;
        }

        void assertSettled() {
            assertThat(STAGE.sagas()).as("sagas left after %s", told()).isZero();
            Map<TokenId, Object> ends = ends();
            assertThat(ends.keySet()).as("ended in %s", told()).containsExactlyInAnyOrderElementsOf(tokens);
            ends.forEach((token, end) -> {
                assertThat(burned.contains(token)).isEqualTo(end.equals("delivered"));
                assertThat(places.get(token) == Place.HOME).isEqualTo(end.equals("delivered"));
                assertThat(locked.contains(token))
                        .as("%s locked after %s", token, told())
                        .isEqualTo(end.equals("lost"));
            });
            assertThat(count(AddressDestroyed.class::isInstance))
                    .as("address gone after %s", told())
                    .isEqualTo(count(PickupAuthorised.class::isInstance));
            assertThat(count(DeliveryRequested.class::isInstance)).isLessThanOrEqualTo(1);
        }

        private long count(Predicate<DeliveryEvent> kind) {
            return told().stream().filter(kind).count();
        }
    }
}
