package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryRejected.Reason.DELIVERY_NOT_FOUND;
import static io.jiucang.delivery.DeliveryRejected.Reason.NOT_A_CARRIERS_COURIER;
import static io.jiucang.delivery.DeliveryRejected.Reason.NOT_THE_COURIER;
import static io.jiucang.delivery.DeliveryRejected.require;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.jiucang.delivery.PickupCommand.AcceptDelivery;
import io.jiucang.delivery.PickupCommand.CompleteDelivery;
import io.jiucang.delivery.PickupCommand.FailDelivery;
import io.jiucang.events.DeliveryEvent.FailureReason;
import io.jiucang.events.value.PickupId;
import io.jiucang.starter.wallet.TerminalStatements;
import io.jiucang.starter.web.Page;
import io.jiucang.title.Facts;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Act.Speaker;
import io.jiucang.title.statement.HoldId;
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
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * A courier's work, with the phone that their carrier has enrolled with the ledger: it is what they are known by. Another
 * carrier's deliveries are not found.
 */
@RestController
@RequestMapping("/api/v1/deliveries")
@PreAuthorize("hasRole('COURIER')")
class DeliveryController {

    private static final int PAGE = 50;
    private static final MediaType JOSE = MediaType.parseMediaType("application/jose");

    private final CommandGateway commands;
    private final PickupViews pickups;
    private final Envelopes envelopes;
    private final TerminalStatements terminals;
    private final Refusals refusals;
    private final DeliverySettings.Limits limits;
    private final Clock clock;

    DeliveryController(
            CommandGateway commands,
            PickupViews pickups,
            Envelopes envelopes,
            TerminalStatements terminals,
            Refusals refusals,
            DeliverySettings settings,
            Clock clock) {
        this.commands = commands;
        this.pickups = pickups;
        this.envelopes = envelopes;
        this.terminals = terminals;
        this.refusals = refusals;
        this.limits = settings.limits();
        this.clock = clock;
    }

    /** A pickup as its carrier sees it: not whose it is, and nothing of what they pay. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Delivery(
            PickupId pickupId,
            Pickup.Status status,
            List<PickupView.Case> cases,
            @Nullable Instant acceptBy,
            @Nullable HoldId holdId,
            @Nullable String carrierKeyId,
            @Nullable String envelopeSha256,
            @Nullable String courier,
            long attempts,
            long version) {

        static Delivery of(PickupView pickup) {
            return new Delivery(
                    pickup.pickupId(),
                    pickup.status(),
                    pickup.cases(),
                    pickup.acceptBy(),
                    pickup.holdId(),
                    pickup.carrierKeyId(),
                    pickup.envelopeSha256(),
                    pickup.courier(),
                    pickup.attempts(),
                    pickup.version());
        }
    }

    /**
     * @param statement {@code jiucang-delivery-v1} ({@code docs/statements.md}); secret for the sake of its handover codes,
     *     which stay good if it is refused
     */
    record Handover(Secret statement) {}

    record Failure(FailureReason reason) {}

    @GetMapping
    Page<Delivery> deliveries(
            @AuthenticationPrincipal Jwt courier,
            @RequestParam(required = false) Pickup.@Nullable Status state,
            @RequestParam(required = false) @Nullable String cursor) {
        List<PickupView> found = pickups.ofCarrier(employerOf(courier), state, Page.after(cursor), PAGE);
        Page<PickupView> page = Page.of(found, PAGE, PickupView::position);
        return new Page<>(page.items().stream().map(Delivery::of).toList(), page.next());
    }

    @GetMapping("/{pickupId}")
    Delivery delivery(@AuthenticationPrincipal Jwt courier, @PathVariable PickupId pickupId) {
        return Delivery.of(ofEmployer(pickupId, courier));
    }

    @PostMapping("/{pickupId}/acceptance")
    Delivery accept(@AuthenticationPrincipal Jwt courier, @PathVariable PickupId pickupId) {
        return refusals.count("accept", () -> {
            ofEmployer(pickupId, courier);
            commands.sendAndWait(new AcceptDelivery(pickupId, subject(courier)));
            return current(pickupId);
        });
    }

    /**
     * The sealed address, for the courier who has the delivery, until nothing is to be delivered any more. As bytes, which
     * no log spells out: it would outlive the envelope.
     */
    @GetMapping("/{pickupId}/envelope")
    ResponseEntity<byte[]> envelope(@AuthenticationPrincipal Jwt courier, @PathVariable PickupId pickupId) {
        return refusals.count("envelope", () -> {
            require(
                    subject(courier).equals(ofEmployer(pickupId, courier).courier()),
                    NOT_THE_COURIER,
                    "accept the delivery first");
            return ResponseEntity.ok().contentType(JOSE).body(envelopes.open(pickupId));
        });
    }

    @PostMapping("/{pickupId}/handover")
    Delivery handOver(
            @AuthenticationPrincipal Jwt courier, @PathVariable PickupId pickupId, @RequestBody Handover handover) {
        return refusals.count("hand-over", () -> {
            ofEmployer(pickupId, courier);
            String statement = handover.statement().value();
            TerminalStatements.Word<Act.Delivery> word =
                    terminals.spoken(statement, Act.Delivery.class, Speaker.COURIER);
            require(word.terminal().id().equals(subject(courier)), NOT_THE_COURIER, "signed by another phone");
            commands.sendAndWait(
                    new CompleteDelivery(pickupId, subject(courier), word.act(), statement, clock.instant()));
            return current(pickupId);
        });
    }

    @PostMapping("/{pickupId}/failure")
    Delivery fail(@AuthenticationPrincipal Jwt courier, @PathVariable PickupId pickupId, @RequestBody Failure failure) {
        return refusals.count("fail", () -> {
            ofEmployer(pickupId, courier);
            commands.sendAndWait(
                    new FailDelivery(pickupId, subject(courier), failure.reason(), limits.attempts(), clock.instant()));
            return current(pickupId);
        });
    }

    private Delivery current(PickupId pickupId) {
        return Delivery.of(pickups.find(pickupId).orElseThrow());
    }

    private PickupView ofEmployer(PickupId pickupId, Jwt courier) {
        String carrier = employerOf(courier);
        return pickups.find(pickupId)
                .filter(pickup -> pickup.requested() && pickup.carrier().equals(carrier))
                .orElseThrow(
                        () -> new DeliveryRejected(DELIVERY_NOT_FOUND, "nobody asked " + carrier + " for " + pickupId));
    }

    private String employerOf(Jwt courier) {
        return terminals
                .find(subject(courier), Speaker.COURIER)
                .map(Facts.Terminal::party)
                .orElseThrow(() -> new DeliveryRejected(
                        NOT_A_CARRIERS_COURIER, "no carrier has enrolled the phone " + subject(courier)));
    }

    private static String subject(Jwt courier) {
        return Objects.requireNonNull(courier.getSubject(), "sub");
    }
}
