package io.jiucang.order;

import static io.jiucang.order.OrderFixtures.AGREEMENT;
import static io.jiucang.order.OrderFixtures.LONGEST_PAY_BY;
import static io.jiucang.order.OrderFixtures.NOW;
import static io.jiucang.order.OrderFixtures.PLAN;
import static io.jiucang.order.OrderFixtures.SETTINGS;
import static io.jiucang.order.OrderFixtures.UNIT_PRICE;
import static io.jiucang.order.OrderFixtures.VAULT;
import static io.jiucang.order.OrderFixtures.offer;
import static io.jiucang.order.OrderFixtures.phone;
import static io.jiucang.order.OrderFixtures.read;
import static io.jiucang.order.OrderFixtures.statement;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.DomainEvent;
import io.jiucang.events.OrderEvent;
import io.jiucang.events.OrderEvent.CancellationRefused;
import io.jiucang.events.OrderEvent.CasesWithdrawn;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.OrderEvent.PaymentOverdue;
import io.jiucang.events.OrderEvent.RefundDue;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.SaleRefused;
import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.order.OrderCommand.CancelOrder;
import io.jiucang.order.OrderCommand.PlaceOrder;
import io.jiucang.simulators.device.Device;
import io.jiucang.starter.test.SagaWorld;
import io.jiucang.title.statement.Act;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.statistics.Statistics;

/**
 * The real order and saga among a vault, a payment, a warehouse, a title process and a buyer that act in any order, each
 * of them reading what the others say at its own pace.
 */
class PurchasePropertiesTest {

    private static final SagaWorld.Stage<OrderEvent> STAGE = new SagaWorld.Stage<>(
            OrderEvent.class,
            Order.class,
            PurchaseSaga.class,
            NOW,
            (axon, clock) -> axon.registerComponent(OrderSettings.class, c -> SETTINGS));

    @AfterContainer
    static void shutDown() {
        STAGE.close();
    }

    @Property(tries = 600)
    void endsOnceWithNeitherMoneyNorACaseLost(@ForAll long seed, @ForAll @LongRange(min = 1, max = 4) long quantity) {
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
    private static final class World extends SagaWorld<OrderEvent> {

        private static final int EVENTFUL_STEPS = 60;
        private static final Cite CITE = new Cite(0, "00".repeat(32));

        private final long quantity;
        private final boolean fickle;
        private final boolean slow;
        private final boolean solvent;
        private final boolean careless;
        private final boolean fragile;
        private final boolean lawful;
        private final Instant now = STAGE.now();
        private final Device phone = phone(now);
        private final String buyer = phone.wallet();
        private final String statement;
        private final OrderId order;
        private final PaymentId payment;
        private final ReleaseId release;

        private final Set<Long> reserved = new TreeSet<>();
        private final Set<Long> granted = new TreeSet<>();

        private PaymentState paymentState = PaymentState.NONE;
        private int payments;
        private long captured;
        private long refunded;
        private final Set<RefundId> refunds = new HashSet<>();

        private boolean captureUnreadByLaw;
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
            super(STAGE, random);
            this.quantity = quantity;
            this.statement =
                    statement(phone, quantity, UNIT_PRICE.times(quantity), AGREEMENT, now.plus(LONGEST_PAY_BY));
            this.order = read(statement).orderId();
            this.payment = read(statement).paymentId();
            this.release = new ReleaseId(order.value());
            this.fickle = random.nextInt(3) == 0;
            this.slow = random.nextInt(3) == 0;
            this.solvent = random.nextInt(6) != 0;
            this.careless = random.nextInt(4) == 0;
            this.fragile = random.nextInt(3) == 0;
            this.lawful = random.nextInt(8) != 0;
            reads(this::vault);
            reads(this::payment);
            reads(this::warehouse);
        }

        void run() {
            Act.Offer offer = offer(quantity, quantity, now.minusSeconds(1), now.plusSeconds(1));
            send(new PlaceOrder(order, offer, read(statement), statement, OrderFixtures.VALID, true, 0, now));
            live(EVENTFUL_STEPS, 6);
        }

        @Override
        protected List<Runnable> due() {
            List<Runnable> actions = new ArrayList<>();
            if (captureUnreadByLaw) {
                actions.add(this::judgeSale);
            }
            if (saleUnreadByWarehouse) {
                actions.add(this::openRelease);
            }
            if (!toRelease.isEmpty()) {
                actions.add(this::releaseOne);
            }
            return actions;
        }

        @Override
        protected List<Runnable> whims() {
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

        @Override
        protected void tooEarly(DomainEvent event) {
            assertThat(event).isNotInstanceOf(SaleRecorded.class);
        }

        private void vault(OrderEvent event) {
            switch (event) {
                case OrderPlaced placed -> {
                    if (random.nextInt(5) == 0) {
                        tell("vault", new ReservationRefused(VAULT, PLAN, order, buyer, RefusalReason.SOLD_OUT));
                    } else {
                        for (long serial = 1; serial <= quantity; serial++) {
                            reserved.add(serial);
                        }
                        tell("vault", new TokensReserved(VAULT, PLAN, order, buyer, serials()));
                    }
                }
                case OrderEnded ended -> reserved.clear();
                case CasesWithdrawn withdrawn ->
                    withdrawn
                            .tokens()
                            .forEach(token ->
                                    assertThat(reserved.remove(token.serial())).isTrue());
                case OrderConfirmed e -> {}
                case OrderDeclined e -> {}
                case OrderCancelled e -> {}
                case PaymentOverdue e -> {}
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
                case OrderCancelled cancelled -> closeIfDue();
                case PaymentOverdue overdue -> closeIfDue();
                case RefundDue due -> {
                    assertThat(refunds.add(due.refundId())).isTrue();
                    refunded += due.amount().minorUnits();
                }
                case OrderPlaced e -> {}
                case OrderDeclined e -> {}
                case CancellationRefused e -> {}
                case OrderEnded e -> {}
                case OrderPaid e -> {}
                case CasesWithdrawn e -> {}
                case OrderFulfilled e -> {}
            }
        }

        private void closeIfDue() {
            if (paymentState == PaymentState.DUE) {
                close(ClosingReason.ORDER_CANCELLED);
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
                captureUnreadByLaw = true;
                tell("payment", new SaleRecorded(payment, order, buyer, PLAN, VAULT, serials(), amount, "4200", NOW));
            } else {
                refunded += amount.minorUnits();
                close(ClosingReason.WRONG_AMOUNT);
            }
        }

        private void warehouse(OrderEvent event) {
            if (!(event instanceof OrderCancelled)) {
                return;
            }
            cancellationAsked = true;
            if (releaseOpen && !released) {
                stopRelease();
            } else if (released) {
                tell("release", new ReleaseCancellationRefused(release, order));
            }
        }

        /** S7: none after the buyer's cancellation. */
        private void judgeSale() {
            captureUnreadByLaw = false;
            if (lawful && !cancellationAsked) {
                saleUnreadByWarehouse = true;
            } else {
                tell("vault", new SaleRefused(VAULT, order, "S7"));
            }
        }

        private void openRelease() {
            saleUnreadByWarehouse = false;
            for (long serial = 1; serial <= quantity; serial++) {
                toRelease.add(serial);
            }
            if (cancellationAsked) {
                stopRelease();
            } else {
                releaseOpen = true;
            }
        }

        private void stopRelease() {
            releaseOpen = false;
            undo(List.copyOf(toRelease));
        }

        private void releaseOne() {
            long serial = toRelease.iterator().next();
            toRelease.remove(serial);
            released = true;
            granted.add(serial);
            BoxCode box = new BoxCode(offer().gtin(), Long.toString(serial));
            tell(
                    "token " + serial,
                    new TokenGranted(new TokenId(VAULT, serial), order, buyer, box, CITE, CITE, CITE.leafHash()));
        }

        private void refuseSome() {
            undo(toRelease.stream().limit(1 + random.nextInt(toRelease.size())).toList());
            releaseOpen = !toRelease.isEmpty();
        }

        private void undo(List<Long> serials) {
            serials.forEach(toRelease::remove);
            Map<TokenId, String> prev = serials.stream()
                    .collect(Collectors.toMap(serial -> new TokenId(VAULT, serial), serial -> CITE.leafHash()));
            tell("vault", new SaleUndone(order, prev, CITE, List.of(CITE)));
        }

        private void buyerCancels() {
            try {
                send(new CancelOrder(order, phone.speaking().orderCancellation(order.value())));
            } catch (OrderRejected e) {
                assertThat(e.reason())
                        .isIn(
                                OrderRejected.Reason.ORDER_ENDED,
                                OrderRejected.Reason.CANCELLATION_PENDING,
                                OrderRejected.Reason.CANCELLATION_TOO_LATE);
            }
        }

        Order.Status end() {
            List<Order.Status> ends = told().stream()
                    .<Order.Status>mapMulti((event, found) -> {
                        switch (event) {
                            case OrderFulfilled e -> found.accept(Order.Status.FULFILLED);
                            case OrderDeclined e -> found.accept(Order.Status.DECLINED);
                            case OrderEnded e -> found.accept(Order.Status.CANCELLED);
                            case OrderPlaced e -> {}
                            case OrderConfirmed e -> {}
                            case OrderCancelled e -> {}
                            case PaymentOverdue e -> {}
                            case CancellationRefused e -> {}
                            case OrderPaid e -> {}
                            case RefundDue e -> {}
                            case CasesWithdrawn e -> {}
                        }
                    })
                    .toList();
            assertThat(ends).as("ends of %s", told()).hasSize(1);
            return ends.getFirst();
        }

        void assertSettled() {
            assertThat(STAGE.sagas()).as("sagas left after %s", told()).isZero();
            assertThat(captured - refunded)
                    .as("money kept after %s", told())
                    .isEqualTo(UNIT_PRICE.minorUnits() * granted.size());
            assertThat(reserved).as("cases held after %s", told()).isEqualTo(granted);
            assertThat(end() == Order.Status.FULFILLED).isEqualTo(!granted.isEmpty());
        }
    }
}
