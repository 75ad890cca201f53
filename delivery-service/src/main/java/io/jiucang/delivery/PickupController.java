package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryRejected.Reason.PICKUP_NOT_FOUND;

import io.jiucang.delivery.PickupCommand.AuthorisePickup;
import io.jiucang.delivery.PickupCommand.CancelPickup;
import io.jiucang.delivery.PickupCommand.OrderPickup;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.wallet.WalletKeys;
import io.jiucang.starter.web.Page;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.HoldId;
import io.jiucang.title.statement.Statement;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.jspecify.annotations.Nullable;
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

/** An owner's pickups: to order, authorise, follow and cancel. Somebody else's are not found. */
@RestController
@RequestMapping("/api/v1/pickups")
@PreAuthorize("hasRole('BUYER')")
class PickupController {

    private final CommandGateway commands;
    private final PickupViews pickups;
    private final Custody custody;
    private final Carriers carriers;
    private final Envelopes envelopes;
    private final PickupPasswords passwords;
    private final WalletKeys keys;
    private final LawReader law;
    private final Refusals refusals;
    private final Tariff tariff;
    private final Clock clock;

    PickupController(
            CommandGateway commands,
            PickupViews pickups,
            Custody custody,
            Carriers carriers,
            Envelopes envelopes,
            PickupPasswords passwords,
            WalletKeys keys,
            LawReader law,
            Refusals refusals,
            DeliverySettings settings,
            Clock clock) {
        this.commands = commands;
        this.pickups = pickups;
        this.custody = custody;
        this.carriers = carriers;
        this.envelopes = envelopes;
        this.passwords = passwords;
        this.keys = keys;
        this.law = law;
        this.refusals = refusals;
        this.tariff = settings.tariff();
        this.clock = clock;
    }

    record PickupRequest(List<TokenId> tokenIds, String carrier) {
        PickupRequest {
            tokenIds = List.copyOf(tokenIds);
        }
    }

    /**
     * @param envelope the address, sealed for the carrier: a compact JWE
     * @param statement {@code jiucang-pickup-v1} ({@code docs/statements.md})
     */
    record SignedPickup(Secret password, Secret envelope, String statement) {}

    /** @param statement {@code jiucang-pickup-cancellation-v1} */
    record SignedCancellation(String statement) {}

    @PostMapping
    ResponseEntity<PickupView> order(@AuthenticationPrincipal Jwt buyer, @RequestBody PickupRequest request) {
        PickupId pickupId = new PickupId(Ids.next());
        refusals.count(
                "order",
                () -> commands.sendAndWait(new OrderPickup(
                        pickupId,
                        subject(buyer),
                        carriers.find(request.carrier()).name(),
                        request.tokenIds(),
                        custody.find(subject(buyer), request.tokenIds()),
                        tariff,
                        clock.instant())));
        return ResponseEntity.created(URI.create("/api/v1/pickups/" + pickupId))
                .body(pickups.find(pickupId).orElseThrow());
    }

    @PostMapping("/{pickupId}/authorisation")
    PickupView authorise(
            @AuthenticationPrincipal Jwt buyer, @PathVariable PickupId pickupId, @RequestBody SignedPickup signed) {
        PickupView pickup = own(pickupId, buyer);
        return refusals.count("authorise", () -> {
            passwords.verify(pickup.owner(), signed.password());
            Instant now = clock.instant();
            Envelope envelope = Envelope.parse(signed.envelope().value());
            carriers.find(pickup.carrier()).requireOpens(envelope, now);
            Statement<Act.Pickup> word = keys.spoken(signed.statement(), Act.Pickup.class, pickup.owner());
            commands.sendAndWait(new AuthorisePickup(
                    pickupId,
                    envelope,
                    word,
                    signed.statement(),
                    law.decide(new LawEvent.PickupAuthorised(signed.statement()))));
            envelopes.store(pickupId, envelope);
            return pickups.find(pickupId).orElseThrow();
        });
    }

    /** At once, or as soon as the warehouse says that it keeps the cases: until then they are {@code CANCELLING}. */
    @PostMapping("/{pickupId}/cancellation")
    PickupView cancel(
            @AuthenticationPrincipal Jwt buyer,
            @PathVariable PickupId pickupId,
            @RequestBody SignedCancellation signed) {
        PickupView pickup = own(pickupId, buyer);
        return refusals.count("cancel", () -> {
            HoldId hold = keys.spoken(signed.statement(), Act.PickupCancellation.class, pickup.owner())
                    .act()
                    .hold();
            commands.sendAndWait(new CancelPickup(
                    pickupId,
                    hold,
                    signed.statement(),
                    law.decide(new LawEvent.PickupCancelled(pickupId, signed.statement())),
                    clock.instant()));
            return pickups.find(pickupId).orElseThrow();
        });
    }

    @GetMapping("/{pickupId}")
    PickupView pickup(@AuthenticationPrincipal Jwt buyer, @PathVariable PickupId pickupId) {
        return own(pickupId, buyer);
    }

    @GetMapping
    Page<PickupView> pickups(
            @AuthenticationPrincipal Jwt buyer,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        int size = Page.requireSize(limit);
        return Page.of(pickups.ofOwner(subject(buyer), Page.after(cursor), size), size, PickupView::position);
    }

    private static String subject(Jwt buyer) {
        return Objects.requireNonNull(buyer.getSubject(), "sub");
    }

    private PickupView own(PickupId pickupId, Jwt buyer) {
        return pickups.find(pickupId)
                .filter(pickup -> pickup.owner().equals(subject(buyer)))
                .orElseThrow(() -> new DeliveryRejected(PICKUP_NOT_FOUND, "you have no pickup " + pickupId));
    }
}
