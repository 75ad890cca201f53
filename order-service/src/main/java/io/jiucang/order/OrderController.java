package io.jiucang.order;

import static io.jiucang.order.OrderRejected.Reason.ORDER_NOT_FOUND;
import static io.jiucang.order.OrderRejected.Reason.PLAN_NOT_FOUND;
import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_NOT_FOR_THIS;

import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PlanId;
import io.jiucang.order.OrderCommand.CancelOrder;
import io.jiucang.order.OrderCommand.PlaceOrder;
import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.wallet.WalletKeys;
import io.jiucang.starter.wallet.WalletStatements;
import io.jiucang.starter.web.Page;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** A buyer's orders: to place, read, follow and cancel. Somebody else's are not found. */
@RestController
@RequestMapping("/api/v1/orders")
@PreAuthorize("hasRole('BUYER')")
class OrderController {

    private final CommandGateway commands;
    private final OrderViews orders;
    private final SalesPlans plans;
    private final CustodyAgreements agreements;
    private final OrderStreams streams;
    private final WalletStatements statements;
    private final WalletKeys keys;
    private final LawReader law;
    private final Clock clock;

    OrderController(
            CommandGateway commands,
            OrderViews orders,
            SalesPlans plans,
            CustodyAgreements agreements,
            OrderStreams streams,
            WalletStatements statements,
            WalletKeys keys,
            LawReader law,
            Clock clock) {
        this.commands = commands;
        this.orders = orders;
        this.plans = plans;
        this.agreements = agreements;
        this.streams = streams;
        this.statements = statements;
        this.keys = keys;
        this.law = law;
        this.clock = clock;
    }

    /** @param statement what the buyer signed ({@code docs/statements.md}): {@code jiucang-order-v1}, or to cancel one */
    record Signed(String statement) {}

    @PostMapping
    ResponseEntity<OrderView> place(@AuthenticationPrincipal Jwt buyer, @RequestBody Signed request) {
        Statement<Act.Order> intent = spoken(request.statement(), Act.Order.class, buyer);
        PlanId plan = intent.act().plan();
        Act.Offer offer = plans.find(plan)
                .orElseThrow(() -> new OrderRejected(
                        PLAN_NOT_FOUND, "no plan of offer " + intent.act().offer()));
        agreements.require(offer.agreement());
        OrderId orderId = intent.orderId();
        commands.sendAndWait(new PlaceOrder(
                orderId,
                offer,
                intent,
                request.statement(),
                law.decide(new LawEvent.OrderPlaced(request.statement())),
                Boolean.TRUE.equals(buyer.getClaim("age_over_18")),
                orders.casesOrdered(subject(buyer), plan),
                clock.instant()));
        return ResponseEntity.created(URI.create("/api/v1/orders/" + orderId))
                .body(orders.find(orderId).orElseThrow());
    }

    @PostMapping("/{orderId}/cancellation")
    ResponseEntity<OrderView> cancel(
            @AuthenticationPrincipal Jwt buyer, @PathVariable OrderId orderId, @RequestBody Signed request) {
        own(orderId, buyer);
        Statement<Act.OrderCancellation> word = spoken(request.statement(), Act.OrderCancellation.class, buyer);
        if (!word.act().order().equals(orderId)) {
            throw new RequestRejected(
                    STATEMENT_NOT_FOR_THIS, "it cancels order " + word.act().order());
        }
        commands.sendAndWait(new CancelOrder(orderId, request.statement()));
        return ResponseEntity.accepted().body(orders.find(orderId).orElseThrow());
    }

    private <A extends Act> Statement<A> spoken(String text, Class<A> act, Jwt buyer) {
        Statement<A> statement = statements.readCurrent(text, act);
        if (!statement.spoken().sub().equals(subject(buyer))) {
            throw new RequestRejected(STATEMENT_NOT_FOR_THIS, "sub is not the wallet of this access token");
        }
        keys.requireSpoken(statement);
        return statement;
    }

    @GetMapping("/{orderId}")
    OrderView order(@AuthenticationPrincipal Jwt buyer, @PathVariable OrderId orderId) {
        return own(orderId, buyer);
    }

    @GetMapping
    Page<OrderView> orders(
            @AuthenticationPrincipal Jwt buyer,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        int size = Page.requireSize(limit);
        List<OrderView> found = orders.ofBuyer(subject(buyer), Page.after(cursor), size);
        return Page.of(found, size, OrderView::position);
    }

    /**
     * The order at once, unless {@code Last-Event-ID} names its version, then after every change, until it is final. A
     * final order already seen is 204, which tells an event source not to come again.
     */
    @GetMapping(path = "/{orderId}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    ResponseEntity<SseEmitter> events(
            @AuthenticationPrincipal Jwt buyer,
            @PathVariable OrderId orderId,
            @RequestHeader(name = "Last-Event-ID", defaultValue = "0") long lastSeen) {
        OrderView order = own(orderId, buyer);
        if (order.isFinal() && lastSeen >= order.version()) {
            return ResponseEntity.noContent().build();
        }
        Instant accessUntil = Objects.requireNonNullElse(buyer.getExpiresAt(), Instant.MAX);
        return ResponseEntity.ok(streams.open(order, lastSeen, accessUntil));
    }

    /** The buyer closed the stream: nobody is left to be told. */
    @ExceptionHandler(AsyncRequestNotUsableException.class)
    void left() {}

    private static String subject(Jwt buyer) {
        return Objects.requireNonNull(buyer.getSubject(), "sub");
    }

    private OrderView own(OrderId orderId, Jwt buyer) {
        return orders.find(orderId)
                .filter(order -> order.buyer().equals(subject(buyer)))
                .orElseThrow(() -> new OrderRejected(ORDER_NOT_FOUND, "you have no order " + orderId));
    }
}
