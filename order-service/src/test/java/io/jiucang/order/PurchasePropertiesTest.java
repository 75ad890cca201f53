package io.jiucang.order;

import static io.jiucang.order.OrderFixtures.AGREEMENT;
import static io.jiucang.order.OrderFixtures.BUYER;
import static io.jiucang.order.OrderFixtures.NOW;
import static io.jiucang.order.OrderFixtures.PLAN;
import static io.jiucang.order.OrderFixtures.SETTINGS;
import static io.jiucang.order.OrderFixtures.UNIT_PRICE;
import static io.jiucang.order.OrderFixtures.VAULT;
import static io.jiucang.order.OrderFixtures.intent;
import static io.jiucang.order.OrderFixtures.plan;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.DomainEvent;
import io.jiucang.events.Ids;
import io.jiucang.events.LedgerReference;
import io.jiucang.events.Money;
import io.jiucang.events.OrderEvent;
import io.jiucang.events.OrderEvent.CancellationReason;
import io.jiucang.events.OrderEvent.CancellationRefused;
import io.jiucang.events.OrderEvent.CancellationRequested;
import io.jiucang.events.OrderEvent.CasesWithdrawn;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.OrderEvent.RefundDue;
import io.jiucang.events.OrderId;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.PaymentId;
import io.jiucang.events.RefundId;
import io.jiucang.events.ReleaseId;
import io.jiucang.events.SerialRange;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenId;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.WarehouseEvent.ReleaseCancelled;
import io.jiucang.events.WarehouseEvent.ReleaseRefused;
import io.jiucang.order.OrderCommand.PlaceOrder;
import io.jiucang.order.OrderCommand.RequestCancellation;
import io.jiucang.starter.PredecessorMissing;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
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

/**
 * The real order and saga among a vault, a payment, a warehouse, a title process and a buyer that act in any order, each
 * of them reading what the others say at its own pace.
 */
class PurchasePropertiesTest {

    private static final StubDeadlineManager DEADLINES = new StubDeadlineManager(NOW.atZone(ZoneOffset.UTC));
    private static final InMemorySagaStore SAGAS = new InMemorySagaStore();
    private static final List<OrderEvent> TOLD = new ArrayList<>();
    private static final Configuration AXON = axon();

    private static Configuration axon() {
        Configurer configurer = DefaultConfigurer.defaultConfiguration(false)
                .configureSerializer(c -> Jackson3Serializer.builder().build());
        configurer
                .configureEmbeddedEventStore(c -> new InMemoryEventStorageEngine())
                .configureAggregate(Order.class)
                .registerComponent(DeadlineManager.class, c -> DEADLINES)
                .registerComponent(OrderSettings.class, c -> SETTINGS)
                .registerComponent(MeterRegistry.class, c -> new SimpleMeterRegistry())
                .registerComponent(
                        Clock.class,
                        c -> InstantSource.tick(DEADLINES::getCurrentDateTime, java.time.Duration.ofNanos(1))
                                .withZone(ZoneOffset.UTC));
        configurer
                .eventProcessing()
                .usingSubscribingEventProcessors()
                .registerSaga(PurchaseSaga.class, saga -> saga.configureSagaStore(c -> SAGAS))
                .registerDefaultListenerInvocationErrorHandler(c -> PropagatingErrorHandler.instance())
                .registerDefaultErrorHandler(c -> PropagatingErrorHandler.instance());
        return configurer.buildConfiguration();
    }

    @BeforeContainer
    static void start() {
        AXON.start();
        AXON.eventBus()
                .subscribe(events -> events.forEach(event -> {
                    if (event.getPayload() instanceof OrderEvent order) {
                        TOLD.add(order);
                    }
                }));
    }

    @AfterContainer
    static void shutDown() {
        AXON.shutdown();
    }

    @Property(tries = 600)
    void endsOnceWithNeitherMoneyNorACaseLost(@ForAll long seed, @ForAll @LongRange(min = 1, max = 4) long quantity) {
        TOLD.clear();
        World world = new World(new Random(seed), quantity);
        world.run();
        world.assertSettled();
        Statistics.collect(world.end());
        Statistics.coverage(ends -> {
            ends.check(Order.Status.FULFILLED).percentage(share -> share > 5);
            ends.check(Order.Status.CANCELLED).percentage(share -> share > 5);
            ends.check(Order.Status.DECLINED).percentage(share -> share > 5);
        });
    }

    /** All others, for one order. */
    private static final class World {

        private static final int EVENTFUL_STEPS = 60;
        private static final int PATIENCE = 2000;

        private final Random random;
        private final long quantity;
        private final boolean fickle;
        private final boolean slow;
        private final boolean solvent;
        private final boolean careless;
        private final boolean fragile;
        private final OrderId order = new OrderId(Ids.next());
        private final PaymentId payment = new PaymentId(order.value());
        private final ReleaseId release = new ReleaseId(order.value());

        /** Not yet read by order-service, per topic and key. */
        private final Map<String, Deque<DomainEvent>> unread = new LinkedHashMap<>();

        private int vaultRead;
        private int paymentRead;
        private int warehouseRead;

        private final Set<Long> reserved = new TreeSet<>();
        private final Set<Long> granted = new TreeSet<>();

        private PaymentState paymentState = PaymentState.NONE;
        private int payments;
        private long captured;
        private long refunded;
        private final Set<RefundId> refunds = new HashSet<>();

        private boolean saleUnreadByWarehouse;
        private boolean cancellationAsked;
        private boolean released;
        private boolean releaseOpen;
        private final Set<Long> toRelease = new TreeSet<>();

        private enum PaymentState {
            NONE,
            DUE,
            SOLD,
            CLOSED
        }

        World(Random random, long quantity) {
            this.random = random;
            this.quantity = quantity;
            this.fickle = random.nextInt(3) == 0;
            this.slow = random.nextInt(3) == 0;
            this.solvent = random.nextInt(6) != 0;
            this.careless = random.nextInt(4) == 0;
            this.fragile = random.nextInt(3) == 0;
        }

        void run() {
            Instant now = DEADLINES.getCurrentDateTime();
            SalesPlan plan =
                    new SalesPlan(PLAN, VAULT, plan().unitPrice(), quantity, now.minusSeconds(1), now.plusSeconds(1));
            AXON.commandGateway()
                    .sendAndWait(new PlaceOrder(
                            order,
                            BUYER,
                            true,
                            plan,
                            quantity,
                            0,
                            AGREEMENT,
                            AGREEMENT,
                            intent(PLAN, quantity, AGREEMENT.sha256()),
                            now));
            for (int step = 0; step < PATIENCE; step++) {
                List<Runnable> due = due();
                List<Runnable> whims = step < EVENTFUL_STEPS ? whims() : List.of();
                if (!whims.isEmpty() && (due.isEmpty() || random.nextInt(6) == 0)) {
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
            if (vaultRead < TOLD.size()) {
                actions.add(() -> vault(TOLD.get(vaultRead++)));
            }
            if (paymentRead < TOLD.size()) {
                actions.add(() -> payment(TOLD.get(paymentRead++)));
            }
            if (warehouseRead < TOLD.size()) {
                actions.add(() -> warehouse(TOLD.get(warehouseRead++)));
            }
            if (saleUnreadByWarehouse) {
                actions.add(this::openRelease);
            }
            if (!toRelease.isEmpty()) {
                actions.add(this::releaseOne);
            }
            return actions;
        }

        /** What may never happen. */
        private List<Runnable> whims() {
            List<Runnable> actions = new ArrayList<>();
            if (fickle) {
                actions.add(this::buyerCancels);
            }
            if (slow) {
                actions.add(this::timePasses);
            }
            if (solvent && paymentState != PaymentState.NONE && payments < 3) {
                actions.add(() -> pay(UNIT_PRICE.times(quantity)));
                if (careless) {
                    actions.add(() -> pay(Money.cny(1)));
                }
            }
            if (fragile && !toRelease.isEmpty()) {
                actions.add(this::refuseSome);
            }
            return actions;
        }

        /** As the inbox does: what comes too early is tried again. */
        private void read(Deque<DomainEvent> topic) {
            try {
                AXON.eventBus().publish(new GenericEventMessage<>(topic.getFirst()));
                topic.removeFirst();
            } catch (PredecessorMissing e) {
                assertThat(topic.getFirst()).isNotInstanceOf(SaleRecorded.class);
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
                    .sagaConfiguration(PurchaseSaga.class)
                    .manager();
        }

        private void vault(OrderEvent event) {
            switch (event) {
                case OrderPlaced placed -> {
                    if (random.nextInt(5) == 0) {
                        tell("vault", new ReservationRefused(VAULT, PLAN, order, BUYER, RefusalReason.SOLD_OUT));
                    } else {
                        for (long serial = 1; serial <= placed.quantity(); serial++) {
                            reserved.add(serial);
                        }
                        tell("vault", new TokensReserved(VAULT, PLAN, order, BUYER, serials()));
                    }
                }
                case OrderCancelled cancelled -> reserved.clear();
                case CasesWithdrawn withdrawn ->
                    withdrawn
                            .tokens()
                            .forEach(token ->
                                    assertThat(reserved.remove(token.serial())).isTrue());
                case OrderConfirmed e -> {}
                case OrderDeclined e -> {}
                case CancellationRequested e -> {}
                case CancellationRefused e -> {}
                case OrderPaid e -> {}
                case RefundDue e -> {}
                case OrderFulfilled e -> {}
            }
        }

        private List<SerialRange> serials() {
            return List.of(new SerialRange(1, quantity));
        }

        private void payment(OrderEvent event) {
            switch (event) {
                case OrderConfirmed confirmed -> paymentState = PaymentState.DUE;
                case CancellationRequested requested -> {
                    if (paymentState == PaymentState.DUE) {
                        close(ClosingReason.ORDER_CANCELLED);
                    }
                }
                case RefundDue due -> {
                    assertThat(refunds.add(due.refundId())).isTrue();
                    refunded += due.amount().minorUnits();
                }
                case OrderPlaced e -> {}
                case OrderDeclined e -> {}
                case CancellationRefused e -> {}
                case OrderCancelled e -> {}
                case OrderPaid e -> {}
                case CasesWithdrawn e -> {}
                case OrderFulfilled e -> {}
            }
        }

        private void close(ClosingReason reason) {
            paymentState = PaymentState.CLOSED;
            tell("payment", new PaymentClosed(payment, order, reason));
        }

        private void pay(Money amount) {
            payments++;
            captured += amount.minorUnits();
            if (paymentState != PaymentState.DUE) {
                refunded += amount.minorUnits();
            } else if (amount.equals(UNIT_PRICE.times(quantity))) {
                paymentState = PaymentState.SOLD;
                saleUnreadByWarehouse = true;
                tell("payment", new SaleRecorded(payment, order, BUYER, PLAN, VAULT, serials(), amount, "4200", NOW));
            } else {
                refunded += amount.minorUnits();
                close(ClosingReason.WRONG_AMOUNT);
            }
        }

        private void warehouse(OrderEvent event) {
            if (!(event instanceof CancellationRequested requested) || requested.reason() != CancellationReason.BUYER) {
                return;
            }
            cancellationAsked = true;
            if (releaseOpen && !released) {
                stopRelease();
            } else if (released) {
                tell("release", new ReleaseCancellationRefused(release, order));
            }
        }

        private void openRelease() {
            saleUnreadByWarehouse = false;
            if (cancellationAsked) {
                stopRelease();
            } else {
                releaseOpen = true;
                for (long serial = 1; serial <= quantity; serial++) {
                    toRelease.add(serial);
                }
            }
        }

        private void stopRelease() {
            releaseOpen = false;
            toRelease.clear();
            tell("release", new ReleaseCancelled(release, order));
        }

        private void releaseOne() {
            long serial = toRelease.iterator().next();
            toRelease.remove(serial);
            released = true;
            granted.add(serial);
            LedgerReference reference = new LedgerReference(Ids.next(), serial, 100);
            tell(
                    "token " + serial,
                    new TokenGranted(new TokenId(VAULT, serial), PLAN, order, BUYER, reference, reference));
        }

        private void refuseSome() {
            List<TokenId> tokens = toRelease.stream()
                    .limit(1 + random.nextInt(toRelease.size()))
                    .map(serial -> new TokenId(VAULT, serial))
                    .toList();
            tokens.forEach(token -> toRelease.remove(token.serial()));
            releaseOpen = !toRelease.isEmpty();
            tell("release", new ReleaseRefused(release, order, tokens, "damaged"));
        }

        private void buyerCancels() {
            try {
                AXON.commandGateway().sendAndWait(new RequestCancellation(order, NOW));
            } catch (OrderRejected e) {
                assertThat(e.reason())
                        .isIn(
                                OrderRejected.Reason.ORDER_ENDED,
                                OrderRejected.Reason.CANCELLATION_PENDING,
                                OrderRejected.Reason.CANCELLATION_TOO_LATE);
            }
        }

        Order.Status end() {
            List<Order.Status> ends = TOLD.stream()
                    .<Order.Status>mapMulti((event, found) -> {
                        switch (event) {
                            case OrderFulfilled e -> found.accept(Order.Status.FULFILLED);
                            case OrderDeclined e -> found.accept(Order.Status.DECLINED);
                            case OrderCancelled e -> found.accept(Order.Status.CANCELLED);
                            case OrderPlaced e -> {}
                            case OrderConfirmed e -> {}
                            case CancellationRequested e -> {}
                            case CancellationRefused e -> {}
                            case OrderPaid e -> {}
                            case RefundDue e -> {}
                            case CasesWithdrawn e -> {}
                        }
                    })
                    .toList();
            assertThat(ends).as("ends of %s", TOLD).hasSize(1);
            return ends.getFirst();
        }

        void assertSettled() {
            assertThat(SAGAS.size()).as("sagas left after %s", TOLD).isZero();
            assertThat(captured - refunded)
                    .as("money kept after %s", TOLD)
                    .isEqualTo(UNIT_PRICE.minorUnits() * granted.size());
            assertThat(reserved).as("cases held after %s", TOLD).isEqualTo(granted);
            assertThat(end() == Order.Status.FULFILLED).isEqualTo(!granted.isEmpty());
        }
    }
}
