package io.jiucang.starter;

import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.VaultId;
import io.jiucang.starter.inbox.BusinessLocks;
import io.jiucang.starter.inbox.PredecessorMissing;
import io.jiucang.starter.inbox.SignedEvent;
import io.jiucang.starter.store.Domain;
import io.jiucang.starter.wallet.Act;
import io.jiucang.starter.wallet.Intents;
import io.jiucang.starter.wallet.WalletConfiguration;
import io.jiucang.starter.web.Page;
import io.jiucang.starter.web.RequestTransaction;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.config.ConfigurerModule;
import org.axonframework.deadline.DeadlineManager;
import org.axonframework.deadline.DeadlineMessage;
import org.axonframework.deadline.annotation.DeadlineHandler;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.TargetAggregateIdentifier;
import org.axonframework.modelling.saga.EndSaga;
import org.axonframework.modelling.saga.SagaEventHandler;
import org.axonframework.modelling.saga.SagaLifecycle;
import org.axonframework.modelling.saga.StartSaga;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A small order-service that makes use of everything the starter promises, and can be told to fail or to wait. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({
    SampleApplication.Faults.class,
    SampleApplication.VaultPolicy.class,
    SampleApplication.PaymentPolicy.class,
    SampleApplication.PlanView.class,
    SampleApplication.OrderController.class,
    SampleApplication.OpenController.class,
    WalletConfiguration.class
})
class SampleApplication {

    static final Duration PAYMENT_PERIOD = Duration.ofHours(1);
    static final String PAYMENT_OVERDUE = "payment overdue";

    @Bean
    ConfigurerModule purchase() {
        return Domain.aggregate(Purchase.class, 5);
    }

    @Bean
    ConfigurerModule fulfilment() {
        return Domain.saga(Fulfilment.class);
    }

    @Bean
    BusinessLocks locks() {
        return new BusinessLocks()
                .by(PaymentEvent.class, PaymentEvent::orderId)
                .by(ReleaseCancellationRefused.class, ReleaseCancellationRefused::orderId)
                .by(VaultOpened.class, VaultOpened::vaultId)
                .byNothing(ReservationRefused.class, TokensMinted.class);
    }

    /** What shall go wrong next, by the text that it happens to. */
    static class Faults {

        private final Map<String, RuntimeException> failures = new ConcurrentHashMap<>();
        private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
        private final Set<String> waiting = ConcurrentHashMap.newKeySet();

        void fail(Object text, RuntimeException failure) {
            failures.put(text.toString(), failure);
        }

        void heal(Object text) {
            failures.remove(text.toString());
        }

        /** Whoever comes by {@code text} waits until the latch opens. */
        CountDownLatch hold(Object text) {
            CountDownLatch gate = new CountDownLatch(1);
            gates.put(text.toString(), gate);
            return gate;
        }

        /** Whether somebody waits there. */
        boolean isHeld(Object text) {
            return waiting.contains(text.toString());
        }

        void passBy(Object text) {
            CountDownLatch gate = gates.get(text.toString());
            if (gate != null) {
                waiting.add(text.toString());
                try {
                    gate.await();
                    waiting.remove(text.toString());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException(e);
                }
            }
            RuntimeException failure = failures.get(text.toString());
            if (failure != null) {
                throw failure;
            }
        }
    }

    sealed interface PurchaseCommand {

        record Place(@TargetAggregateIdentifier OrderId orderId, String buyer, long quantity, Instant placedAt)
                implements PurchaseCommand {}

        record Pay(@TargetAggregateIdentifier OrderId orderId, PaymentId paymentId) implements PurchaseCommand {}

        record Cancel(@TargetAggregateIdentifier OrderId orderId, EndReason reason) implements PurchaseCommand {}

        record Fulfil(@TargetAggregateIdentifier OrderId orderId, long cases) implements PurchaseCommand {}
    }

    /** What stands in for a buyer's statement here: plain words. */
    record Wish(String buyer, long quantity, Instant placedAt) {

        static Wish in(OrderPlaced event) {
            String[] words = event.statement().split(" ", -1);
            return new Wish(words[0], Long.parseLong(words[1]), Instant.parse(words[2]));
        }

        String text() {
            return buyer + " " + quantity + " " + placedAt;
        }
    }

    static final class PurchaseRejected extends Rejection {

        enum Reason implements RejectionReason {
            ORDER_ENDED,
            ORDER_NOTED;

            @Override
            public HttpStatus status() {
                return HttpStatus.CONFLICT;
            }

            @Override
            public boolean keepsEffect() {
                return this == ORDER_NOTED;
            }
        }

        PurchaseRejected(Reason reason, String detail) {
            super(reason, detail);
        }
    }

    @JsonAutoDetect(
            fieldVisibility = Visibility.ANY,
            getterVisibility = Visibility.NONE,
            isGetterVisibility = Visibility.NONE)
    static class Purchase {

        static final PlanId PLAN = new PlanId("01890000-0000-7000-8000-000000000001");
        static final VaultId VAULT = new VaultId("01890000-0000-7000-8000-000000000002");

        @AggregateIdentifier
        private OrderId orderId;

        private String buyer;
        private boolean ended;

        @SuppressWarnings("NullAway.Init") // OrderPlaced comes first.
        Purchase() {}

        @CommandHandler
        @SuppressWarnings("NullAway.Init") // OrderPlaced comes first.
        Purchase(PurchaseCommand.Place command) {
            Wish wish = new Wish(command.buyer(), command.quantity(), command.placedAt());
            apply(new OrderPlaced(command.orderId(), wish.text()));
        }

        @CommandHandler
        void handle(PurchaseCommand.Pay command, Faults faults) {
            requireOpen();
            faults.passBy("paying " + orderId);
            apply(new OrderPaid(orderId, command.paymentId()));
        }

        @CommandHandler
        void handle(PurchaseCommand.Cancel command) {
            requireOpen();
            apply(new OrderEnded(orderId, PLAN, VAULT, command.reason()));
        }

        @CommandHandler
        void handle(PurchaseCommand.Fulfil command) {
            requireOpen();
            apply(new OrderFulfilled(orderId, buyer, command.cases()));
        }

        @EventSourcingHandler
        void on(OrderPlaced event) {
            orderId = event.orderId();
            buyer = Wish.in(event).buyer();
        }

        @EventSourcingHandler
        void on(OrderEnded event) {
            ended = true;
        }

        @EventSourcingHandler
        void on(OrderFulfilled event) {
            ended = true;
        }

        private void requireOpen() {
            if (ended) {
                throw new PurchaseRejected(PurchaseRejected.Reason.ORDER_ENDED, "order " + orderId + " has ended");
            }
        }
    }

    /** Counts captures and releases, from two topics, until there is one for each case. */
    @JsonAutoDetect(
            fieldVisibility = Visibility.ANY,
            getterVisibility = Visibility.NONE,
            isGetterVisibility = Visibility.NONE)
    public static class Fulfilment {

        private OrderId orderId;
        private long outstanding;
        private String deadlineId;

        @SuppressWarnings("NullAway.Init") // OrderPlaced starts it.
        public Fulfilment() {}

        @StartSaga
        @SagaEventHandler(associationProperty = "orderId")
        void on(OrderPlaced event, DeadlineManager deadlines) {
            orderId = event.orderId();
            Wish wish = Wish.in(event);
            outstanding = wish.quantity();
            deadlineId = deadlines.schedule(wish.placedAt().plus(PAYMENT_PERIOD), PAYMENT_OVERDUE, orderId);
        }

        @SagaEventHandler(associationProperty = "orderId")
        void on(OrderPaid event, DeadlineManager deadlines) {
            deadlines.cancelSchedule(PAYMENT_OVERDUE, deadlineId);
        }

        @SagaEventHandler(associationProperty = "orderId")
        void on(SaleRecorded event, CommandGateway commands, Faults faults) {
            countDown(event.amount().minorUnits(), commands, faults);
        }

        @SagaEventHandler(associationProperty = "orderId")
        void on(ReleaseCancellationRefused event, CommandGateway commands, Faults faults) {
            countDown(1, commands, faults);
        }

        private void countDown(long cases, CommandGateway commands, Faults faults) {
            outstanding -= cases;
            if (outstanding == 0) {
                faults.passBy("fulfilling " + orderId);
                commands.sendAndWait(new PurchaseCommand.Fulfil(orderId, cases));
            }
        }

        @DeadlineHandler(deadlineName = PAYMENT_OVERDUE)
        void onPaymentOverdue(DeadlineMessage<?> deadline, CommandGateway commands, Faults faults) {
            faults.passBy(orderId);
            commands.sendAndWait(new PurchaseCommand.Cancel(orderId, EndReason.PAYMENT_OVERDUE));
        }

        @SagaEventHandler(associationProperty = "orderId")
        void on(OrderEnded event) {
            SagaLifecycle.end();
        }

        @EndSaga
        @SagaEventHandler(associationProperty = "orderId")
        void on(OrderFulfilled event) {}
    }

    static class VaultPolicy {

        private final JdbcClient jdbc;
        private final Faults faults;

        VaultPolicy(JdbcClient jdbc, Faults faults) {
            this.jdbc = jdbc;
            this.faults = faults;
        }

        @EventHandler
        void on(VaultOpened event, @SignedEvent VerifiedEvent signed) {
            effect("vault", event.code());
            faults.passBy(event.code());
        }

        /** Needs the vault's plan, which comes under another key. */
        @EventHandler
        void on(TokensMinted event) {
            if (jdbc.sql("select plan_id from known_plan where plan_id = ?")
                    .param(event.planId().value())
                    .query(String.class)
                    .list()
                    .isEmpty()) {
                throw new PredecessorMissing("no plan " + event.planId());
            }
            effect("mint", event.planId() + " " + event.firstSerial());
        }

        private void effect(String kind, String detail) {
            jdbc.sql("insert into effect (kind, detail) values (?, ?)")
                    .params(kind, detail)
                    .update();
        }
    }

    static class PlanView {

        private final JdbcClient jdbc;

        PlanView(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @EventHandler
        void on(ReservationRefused event) {
            jdbc.sql("insert into known_plan values (?)")
                    .param(event.planId().value())
                    .update();
        }
    }

    static class PaymentPolicy {

        private final JdbcClient jdbc;
        private final CommandGateway commands;

        PaymentPolicy(JdbcClient jdbc, CommandGateway commands) {
            this.jdbc = jdbc;
            this.commands = commands;
        }

        @EventHandler
        void on(PaymentClosed event) {
            String outcome = "cancelled";
            try {
                commands.sendAndWait(new PurchaseCommand.Cancel(event.orderId(), EndReason.PAYMENT_FAILED));
            } catch (PurchaseRejected e) {
                outcome = e.reason().name();
            }
            jdbc.sql("insert into effect (kind, detail) values ('closed', ?)")
                    .param(event.orderId() + " " + outcome)
                    .update();
        }
    }

    @RestController
    @RequestMapping("/api/v1/orders")
    @PreAuthorize("hasRole('BUYER')")
    static class OrderController {

        private final CommandGateway commands;
        private final Intents intents;
        private final Faults faults;
        private final RequestTransaction transaction;

        OrderController(CommandGateway commands, Intents intents, Faults faults, RequestTransaction transaction) {
            this.commands = commands;
            this.intents = intents;
            this.faults = faults;
            this.transaction = transaction;
        }

        /**
         * @param note what {@link Faults} may be told to act on, once the order is placed
         * @param intent used if not empty
         */
        record Request(long quantity, Instant placedAt, String note, String intent) {}

        record Placed(String orderId) {}

        @PostMapping
        ResponseEntity<Placed> place(
                @RequestBody Request request, @AuthenticationPrincipal(expression = "subject") String buyer) {
            if (!request.intent().isEmpty()) {
                intents.use(request.intent(), buyer, Act.PICKUP);
            }
            OrderId orderId = new OrderId(Ids.next());
            commands.sendAndWait(new PurchaseCommand.Place(orderId, buyer, request.quantity(), request.placedAt()));
            faults.passBy(request.note());
            return ResponseEntity.created(URI.create("/api/v1/orders/" + orderId))
                    .body(new Placed(orderId.value()));
        }

        @PostMapping("/{orderId}/cancellation")
        ResponseEntity<Void> cancel(@PathVariable OrderId orderId) {
            commands.sendAndWait(new PurchaseCommand.Cancel(orderId, EndReason.BUYER));
            return ResponseEntity.noContent().build();
        }

        /** Places the new order first, so that there is something to undo if the old one cannot be cancelled. */
        @PostMapping("/{orderId}/replacement")
        ResponseEntity<Placed> replace(
                @PathVariable OrderId orderId,
                @RequestBody Request request,
                @AuthenticationPrincipal(expression = "subject") String buyer) {
            ResponseEntity<Placed> placed = place(request, buyer);
            commands.sendAndWait(new PurchaseCommand.Cancel(orderId, EndReason.BUYER));
            return placed;
        }

        @PostMapping("/{orderId}/payment")
        ResponseEntity<Void> pay(@PathVariable OrderId orderId) {
            commands.sendAndWait(new PurchaseCommand.Pay(orderId, new PaymentId(orderId.value())));
            return ResponseEntity.noContent().build();
        }

        /** Asks somebody outside first. */
        @PostMapping("/{orderId}/transfer")
        ResponseEntity<Void> transfer(@PathVariable OrderId orderId) {
            PaymentId paymentId = transaction.pausedFor(() -> {
                faults.passBy("outside " + orderId);
                return new PaymentId(orderId.value());
            });
            commands.sendAndWait(new PurchaseCommand.Pay(orderId, paymentId));
            return ResponseEntity.noContent().build();
        }

        @GetMapping
        Page<String> list(@RequestParam(required = false) @Nullable String cursor, @RequestParam int from) {
            return Page.of(List.of("after " + Page.after(cursor)), 1, item -> from);
        }
    }

    /** One path that the settings make public, and one whose author forgot to say who may use it. */
    @RestController
    static class OpenController {

        @GetMapping("/api/v1/greeting")
        Map<String, String> greeting() {
            return Map.of("greeting", "你好");
        }

        @PutMapping("/api/v1/forgotten")
        Map<String, String> forgotten() {
            return Map.of("secret", "told");
        }
    }
}
