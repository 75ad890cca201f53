package io.jiucang.order;

import static io.jiucang.order.OrderRejected.Reason.ORDER_NOT_FOUND;
import static io.jiucang.order.OrderRejected.Reason.PLAN_NOT_FOUND;

import io.jiucang.events.OrderEvent.CustodyAgreement;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PlanId;
import io.jiucang.order.OrderCommand.PlaceOrder;
import io.jiucang.order.OrderCommand.RequestCancellation;
import io.jiucang.starter.wallet.Act;
import io.jiucang.starter.wallet.Intents;
import io.jiucang.starter.web.Page;
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
    private final Intents intents;
    private final Clock clock;

    OrderController(
            CommandGateway commands,
            OrderViews orders,
            SalesPlans plans,
            CustodyAgreements agreements,
            OrderStreams streams,
            Intents intents,
            Clock clock) {
        this.commands = commands;
        this.orders = orders;
        this.plans = plans;
        this.agreements = agreements;
        this.streams = streams;
        this.intents = intents;
        this.clock = clock;
    }

    /** @param intent the buyer's signed intent, a compact JWS (ES256) with act {@code order} */
    record PurchaseRequest(PlanId planId, long quantity, CustodyAgreement agreement, String intent) {}

    @PostMapping
    ResponseEntity<OrderView> place(@AuthenticationPrincipal Jwt buyer, @RequestBody PurchaseRequest request) {
        OrderId orderId = new OrderId(Ids.next());
        commands.sendAndWait(new PlaceOrder(
                orderId,
                subject(buyer),
                Boolean.TRUE.equals(buyer.getClaim("age_over_18")),
                plans.find(request.planId())
                        .orElseThrow(() -> new OrderRejected(PLAN_NOT_FOUND, "no plan " + request.planId())),
                request.quantity(),
                orders.casesOrdered(subject(buyer), request.planId()),
                request.agreement(),
                agreements.current().agreement(),
                intents.use(request.intent(), subject(buyer), Act.ORDER),
                clock.instant()));
        return ResponseEntity.created(URI.create("/api/v1/orders/" + orderId))
                .body(orders.find(orderId).orElseThrow());
    }

    @PostMapping("/{orderId}/cancellation")
    ResponseEntity<OrderView> cancel(@AuthenticationPrincipal Jwt buyer, @PathVariable OrderId orderId) {
        own(orderId, buyer);
        commands.sendAndWait(new RequestCancellation(orderId, clock.instant()));
        return ResponseEntity.accepted().body(orders.find(orderId).orElseThrow());
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
