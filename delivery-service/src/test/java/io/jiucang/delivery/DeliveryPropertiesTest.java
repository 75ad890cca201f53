package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryFixtures.CARRIER;
import static io.jiucang.delivery.DeliveryFixtures.COURIER;
import static io.jiucang.delivery.DeliveryFixtures.ENVELOPE;
import static io.jiucang.delivery.DeliveryFixtures.NOW;
import static io.jiucang.delivery.DeliveryFixtures.OWNER;
import static io.jiucang.delivery.DeliveryFixtures.SETTINGS;
import static io.jiucang.delivery.DeliveryFixtures.box;
import static io.jiucang.delivery.DeliveryFixtures.code;
import static io.jiucang.delivery.DeliveryFixtures.inCustody;
import static io.jiucang.delivery.DeliveryFixtures.intent;
import static io.jiucang.delivery.DeliveryFixtures.proof;
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
import io.jiucang.events.DeliveryEvent.HashlockedToken;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancellation;
import io.jiucang.events.DeliveryEvent.PickupCancellationRequested;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.DeliveryEvent.PickupOrdered;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.Ids;
import io.jiucang.events.PickupId;
import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenId;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ShipmentCancellationRefused;
import io.jiucang.events.WarehouseEvent.ShipmentCancelled;
import io.jiucang.starter.PredecessorMissing;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.statistics.Statistics;
import org.axonframework.config.Configuration;
import org.axonframework.config.Configurer;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.deadline.DeadlineManager;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventhandling.PropagatingErrorHandler;
import org.axonframework.eventsourcing.eventstore.inmemory.InMemoryEventStorageEngine;
import org.axonframework.messaging.ScopeAware;
import org.axonframework.modelling.saga.repository.inmemory.InMemorySagaStore;
import org.axonframework.serialization.jackson3.Jackson3Serializer;
import org.axonframework.test.deadline.StubDeadlineManager;
import org.jspecify.annotations.Nullable;

/**
 * The real pickup, saga and policy among tokens, a warehouse, a courier and an owner that act in any order, each of them
 * reading what the others say at its own pace.
 */
class DeliveryPropertiesTest {

    private static final StubDeadlineManager DEADLINES = new StubDeadlineManager(NOW.atZone(ZoneOffset.UTC));
    private static final InMemorySagaStore SAGAS = new InMemorySagaStore();
    private static final List<DeliveryEvent> TOLD = new ArrayList<>();
    private static final Clock CLOCK = InstantSource.tick(DEADLINES::getCurrentDateTime, Duration.ofNanos(1))
            .withZone(ZoneOffset.UTC);
    private static final Configuration AXON = axon();

    private static Configuration axon() {
        Configurer configurer = DefaultConfigurer.defaultConfiguration(false)
                .configureSerializer(c -> Jackson3Serializer.builder().build());
        configurer
                .configureEmbeddedEventStore(c -> new InMemoryEventStorageEngine())
                .configureAggregate(Pickup.class)
                .registerComponent(DeadlineManager.class, c -> DEADLINES)
                .registerComponent(DeliverySettings.class, c -> SETTINGS)
                .registerComponent(Clock.class, c -> CLOCK)
                .registerComponent(MeterRegistry.class, c -> new SimpleMeterRegistry());
        configurer
                .eventProcessing()
                .usingSubscribingEventProcessors()
                .registerSaga(DeliverySaga.class, saga -> saga.configureSagaStore(c -> SAGAS))
                .registerEventHandler(c -> new PickupPolicy(c.commandGateway(), CLOCK))
                .registerDefaultListenerInvocationErrorHandler(c -> PropagatingErrorHandler.instance())
                .registerDefaultErrorHandler(c -> PropagatingErrorHandler.instance());
        return configurer.buildConfiguration();
    }

    @BeforeContainer
    static void start() {
        AXON.start();
        AXON.eventBus()
                .subscribe(events -> events.forEach(event -> {
                    if (event.getPayload() instanceof DeliveryEvent delivery) {
                        TOLD.add(delivery);
                    }
                }));
    }

    @AfterContainer
    static void shutDown() {
        AXON.shutdown();
    }

    @Property(tries = 600)
    void endsOnceForEachCaseAndForgetsTheAddress(
            @ForAll long seed, @ForAll @LongRange(min = 1, max = 4) long quantity) {
        TOLD.clear();
        World world = new World(new Random(seed), quantity);
        world.run();
        world.assertSettled();
        world.ends().values().forEach(Statistics::collect);
        Statistics.label("cases to be kept back").collect(world.verdict);
        Statistics.coverage(ends -> {
            ends.check("delivered").percentage(share -> share > 5);
            ends.check("lost").percentage(share -> share > 1);
            ends.check(PickupCancellation.RETURNED).percentage(share -> share > 5);
            ends.check(PickupCancellation.OWNER).percentage(share -> share > 1);
            ends.check(PickupCancellation.LOCK_REFUSED).percentage(share -> share > 1);
            ends.check(PickupCancellation.NOT_COLLECTED_IN_TIME).percentage(share -> share > 1);
        });
        Statistics.label("cases to be kept back").coverage(verdicts -> {
            verdicts.check("kept").percentage(share -> share > 5);
            verdicts.check("shipped").percentage(share -> share > 1);
            verdicts.check("some of both").count(times -> times > 0);
        });
    }

    /** All others, for one pickup. */
    private static final class World {

        private static final List<FailureReason> FAILURES = List.of(FailureReason.values());
        private static final int EVENTFUL_STEPS = 40;
        private static final int PATIENCE = 2000;

        private enum Place {
            WAREHOUSE,
            ROAD,
            HOME
        }

        private final Random random;
        private final PickupId pickup = new PickupId(Ids.next());
        private final List<TokenId> tokens;
        private final boolean fickle;
        private final boolean rueful;
        private final boolean slow;
        private final boolean contested;
        private final boolean clumsy;
        private final boolean thievish;

        /** Not yet read by delivery-service, per topic and key. */
        private final Map<String, Deque<DomainEvent>> unread = new LinkedHashMap<>();

        private int tokensRead;
        private int warehouseRead;
        private int courierRead;

        private final Map<TokenId, Place> places = new LinkedHashMap<>();
        private final Set<TokenId> locked = new HashSet<>();
        private final Set<TokenId> burned = new HashSet<>();
        private final Set<TokenId> toShip = new HashSet<>();
        private final Set<TokenId> toReturn = new HashSet<>();
        private @Nullable String verdict;

        World(Random random, long quantity) {
            this.random = random;
            this.tokens = LongStream.rangeClosed(1, quantity)
                    .mapToObj(DeliveryFixtures::token)
                    .toList();
            tokens.forEach(token -> places.put(token, Place.WAREHOUSE));
            this.fickle = random.nextInt(4) == 0;
            this.rueful = random.nextInt(3) == 0;
            this.slow = random.nextInt(4) == 0;
            this.contested = random.nextInt(8) == 0;
            this.clumsy = random.nextInt(2) == 0;
            this.thievish = random.nextInt(6) == 0;
        }

        void run() {
            send(new OrderPickup(
                    pickup,
                    OWNER,
                    CARRIER,
                    tokens,
                    tokens.stream().map(token -> inCustody(token.serial())).toList(),
                    SETTINGS.tariff(),
                    CLOCK.instant()));
            for (int step = 0; step < PATIENCE; step++) {
                List<Runnable> due = due();
                List<Runnable> whims = step < EVENTFUL_STEPS ? whims() : List.of();
                if (!whims.isEmpty() && (due.isEmpty() || random.nextInt(3) == 0)) {
                    whims.get(random.nextInt(whims.size())).run();
                } else if (!due.isEmpty()) {
                    due.get(random.nextInt(due.size())).run();
                } else if (!DEADLINES.getScheduledDeadlines().isEmpty()) {
                    timePasses();
                } else {
                    return;
                }
            }
            throw new AssertionError("it never ends: " + TOLD);
        }

        /** What happens sooner or later, whatever time it is. */
        private List<Runnable> due() {
            List<Runnable> actions = new ArrayList<>();
            unread.values().stream().filter(topic -> !topic.isEmpty()).forEach(topic -> actions.add(() -> read(topic)));
            if (tokensRead < TOLD.size()) {
                actions.add(() -> tokens(TOLD.get(tokensRead++)));
            }
            if (warehouseRead < TOLD.size()) {
                actions.add(() -> warehouse(TOLD.get(warehouseRead++)));
            }
            if (courierRead < TOLD.size()) {
                actions.add(() -> courier(TOLD.get(courierRead++)));
            }
            if (!toReturn.isEmpty() && !thievish) {
                actions.add(this::bringBack);
            }
            return actions;
        }

        /** What may never happen. */
        private List<Runnable> whims() {
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
                        pickup, COURIER, FAILURES.get(random.nextInt(FAILURES.size())), 3, CLOCK.instant())));
            }
            return actions;
        }

        private void cancel() {
            attempt(new CancelPickup(pickup, PickupCancellation.OWNER, CLOCK.instant()));
        }

        private void cancelWhileCasesAreLeaving() {
            cancel();
            ship();
        }

        private Stream<TokenId> on(Place place) {
            return tokens.stream().filter(token -> places.get(token) == place);
        }

        private void authorise() {
            attempt(new AuthorisePickup(pickup, ENVELOPE, intent(pickup, tokens), CLOCK.instant()));
        }

        private void handOver(List<TokenId> handed) {
            List<TokenId> distinct = handed.stream().distinct().toList();
            attempt(new CompleteDelivery(pickup, COURIER, proof(pickup, distinct), CLOCK.instant()));
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

        /** As the inbox does: what comes too early is tried again. */
        private void read(Deque<DomainEvent> topic) {
            try {
                AXON.eventBus().publish(new GenericEventMessage<>(topic.getFirst()));
                topic.removeFirst();
            } catch (PredecessorMissing e) {
                throw new AssertionError("one topic stays in order", e);
            }
        }

        private void tell(String topic, DomainEvent event) {
            unread.computeIfAbsent(topic, t -> new ArrayDeque<>()).add(event);
        }

        private void timePasses() {
            DEADLINES.getScheduledDeadlines().stream()
                    .findFirst()
                    .ifPresent(next -> DEADLINES.advanceTimeTo(
                            next.getScheduleTime(), (scope, deadline) -> saga().send(deadline, scope)));
        }

        private static ScopeAware saga() {
            return AXON.eventProcessingConfiguration()
                    .sagaConfiguration(DeliverySaga.class)
                    .manager();
        }

        private void tokens(DeliveryEvent event) {
            switch (event) {
                case PickupAuthorised authorised ->
                    authorised.tokens().stream().map(HashlockedToken::tokenId).forEach(token -> {
                        if (contested && random.nextInt(2) == 0) {
                            tell(token.toString(), new TokenLockRefused(token, pickup, LockRefusal.NOT_AVAILABLE));
                        } else {
                            locked.add(token);
                            tell(
                                    token.toString(),
                                    new TokenLocked(
                                            token,
                                            OWNER,
                                            pickup,
                                            code(token.serial()).sha256()));
                        }
                    });
                case PickupCancelled cancelled -> {
                    cancelled.tokens().forEach(token -> {
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
                case PickupCancelled cancelled -> assertThat(toShip).doesNotContainAnyElementsOf(cancelled.tokens());
                case PickupOrdered e -> {}
                case PickupAuthorised e -> {}
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

        private static void send(PickupCommand command) {
            AXON.commandGateway().sendAndWait(command);
        }

        private static void attempt(PickupCommand command) {
            long before = TOLD.size();
            try {
                send(command);
            } catch (DeliveryRejected e) {
                assertThat(TOLD).as("told by a refused %s", command).hasSize((int) before);
            }
        }

        /** Why each token's part of the pickup ended. */
        Map<TokenId, Object> ends() {
            Map<TokenId, Object> ends = new HashMap<>();
            for (DeliveryEvent event : TOLD) {
                switch (event) {
                    case DeliveryCompleted e ->
                        e.cases()
                                .forEach(each -> assertThat(ends.put(each.tokenId(), "delivered"))
                                        .isNull());
                    case CasesLost e ->
                        e.cases()
                                .forEach(each -> assertThat(ends.put(each.tokenId(), "lost"))
                                        .isNull());
                    case PickupCancelled e ->
                        e.tokens()
                                .forEach(each ->
                                        assertThat(ends.put(each, e.reason())).isIn(null, "lost"));
                    case PickupOrdered o -> {}
                    case PickupAuthorised o -> {}
                    case DeliveryRequested o -> {}
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
            assertThat(SAGAS.size()).as("sagas left after %s", TOLD).isZero();
            Map<TokenId, Object> ends = ends();
            assertThat(ends.keySet()).as("ended in %s", TOLD).containsExactlyInAnyOrderElementsOf(tokens);
            ends.forEach((token, end) -> {
                assertThat(burned.contains(token)).isEqualTo(end.equals("delivered"));
                assertThat(places.get(token) == Place.HOME).isEqualTo(end.equals("delivered"));
                assertThat(locked.contains(token))
                        .as("%s locked after %s", token, TOLD)
                        .isEqualTo(end.equals("lost"));
            });
            assertThat(count(AddressDestroyed.class::isInstance))
                    .as("address gone after %s", TOLD)
                    .isEqualTo(count(PickupAuthorised.class::isInstance));
            assertThat(count(DeliveryRequested.class::isInstance)).isLessThanOrEqualTo(1);
        }

        private static long count(Predicate<DeliveryEvent> kind) {
            return TOLD.stream().filter(kind).count();
        }
    }
}
