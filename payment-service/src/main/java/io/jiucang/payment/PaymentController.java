package io.jiucang.payment;

import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_NOT_FOUND;

import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.payment.PaymentCommand.OpenPayment;
import io.jiucang.payment.PaymentProvider.Prepared;
import io.jiucang.starter.web.Page;
import io.jiucang.starter.web.RequestTransaction;
import java.net.URI;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Payments: for their buyers to open and read, for operators and auditors to read. Somebody else's are not found. */
@RestController
@RequestMapping("/api/v1/payments")
class PaymentController {

    private final CommandGateway commands;
    private final PaymentViews payments;
    private final PaymentProvider provider;
    private final Clock clock;
    private final Openings openings;
    private final RequestTransaction transaction;

    PaymentController(
            CommandGateway commands,
            PaymentViews payments,
            PaymentProvider provider,
            Clock clock,
            Openings openings,
            RequestTransaction transaction) {
        this.commands = commands;
        this.payments = payments;
        this.provider = provider;
        this.clock = clock;
        this.openings = openings;
        this.transaction = transaction;
    }

    record OpeningRequest(OrderId orderId) {}

    /**
     * Once open, it is answered as it is. The provider is asked before any lock on the payment is taken, and while no
     * connection is held: cancellations and captures do not wait for it. The payment itself judges once more afterwards.
     */
    @PostMapping
    @PreAuthorize("hasRole('BUYER')")
    ResponseEntity<PaymentView> open(@AuthenticationPrincipal Jwt buyer, @RequestBody OpeningRequest request) {
        PaymentView payment = own(payments.ofOrder(request.orderId()), buyer);
        Payment.requirePayable(payment.status(), payment.payBy(), clock.instant());
        if (payment.status() == Payment.Status.OPENED) {
            return ResponseEntity.ok(payment);
        }
        Prepared prepared = transaction.pausedFor(() -> openings.open(payment));
        commands.sendAndWait(
                new OpenPayment(payment.paymentId(), provider.name(), prepared.codeUrl(), clock.instant()));
        return ResponseEntity.created(URI.create("/api/v1/payments/" + payment.paymentId()))
                .body(payments.get(payment.paymentId()));
    }

    @GetMapping("/{paymentId}")
    @PreAuthorize("hasAnyRole('BUYER', 'OPERATOR', 'AUDITOR')")
    PaymentView payment(JwtAuthenticationToken caller, @PathVariable PaymentId paymentId) {
        return seesAll(caller)
                ? payments.find(paymentId)
                        .orElseThrow(() -> new PaymentRejected(PAYMENT_NOT_FOUND, "no payment " + paymentId))
                : own(payments.find(paymentId), caller.getToken());
    }

    @GetMapping
    @PreAuthorize("hasAnyRole('OPERATOR', 'AUDITOR')")
    Page<PaymentView> payments(
            @RequestParam(required = false) Payment.@Nullable Status status,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        return Page.of(
                payments.list(status, Page.after(cursor), Page.requireSize(limit)), limit, PaymentView::position);
    }

    private static boolean seesAll(JwtAuthenticationToken caller) {
        return caller.getAuthorities().stream()
                .map(GrantedAuthority::getAuthority)
                .anyMatch(role -> "ROLE_OPERATOR".equals(role) || "ROLE_AUDITOR".equals(role));
    }

    private static PaymentView own(Optional<PaymentView> found, Jwt buyer) {
        return found.filter(payment -> payment.buyer().equals(Objects.requireNonNull(buyer.getSubject(), "sub")))
                .orElseThrow(() ->
                        new PaymentRejected(PAYMENT_NOT_FOUND, "no confirmed order of yours is to be paid like this"));
    }
}
