package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryRejected.Reason.AGE_NOT_CHECKED;
import static io.jiucang.delivery.DeliveryRejected.Reason.BOX_NOT_IN_PICKUP;
import static io.jiucang.delivery.DeliveryRejected.Reason.BOX_NOT_OUT;
import static io.jiucang.delivery.DeliveryRejected.Reason.CASES_DELIVERED;
import static io.jiucang.delivery.DeliveryRejected.Reason.CASES_NOT_COLLECTED;
import static io.jiucang.delivery.DeliveryRejected.Reason.CASE_NOT_IN_STORAGE;
import static io.jiucang.delivery.DeliveryRejected.Reason.DEADLINE_LAPSED;
import static io.jiucang.delivery.DeliveryRejected.Reason.DELIVERY_ACCEPTED;
import static io.jiucang.delivery.DeliveryRejected.Reason.DELIVERY_NOT_OPEN;
import static io.jiucang.delivery.DeliveryRejected.Reason.HANDOVER_CODE_USED;
import static io.jiucang.delivery.DeliveryRejected.Reason.INTENT_MISMATCH;
import static io.jiucang.delivery.DeliveryRejected.Reason.NOT_THE_COURIER;
import static io.jiucang.delivery.DeliveryRejected.Reason.PICKUP_COLLECTED;
import static io.jiucang.delivery.DeliveryRejected.Reason.PICKUP_ENDED;
import static io.jiucang.delivery.DeliveryRejected.Reason.PICKUP_NOT_AUTHORISED;
import static io.jiucang.delivery.DeliveryRejected.Reason.PICKUP_NOT_ORDERED;
import static io.jiucang.delivery.DeliveryRejected.Reason.PROOF_MISMATCH;
import static io.jiucang.delivery.DeliveryRejected.Reason.TOKENS_INVALID;
import static io.jiucang.delivery.DeliveryRejected.Reason.TOKEN_NOT_FOUND;
import static io.jiucang.delivery.DeliveryRejected.Reason.TOKEN_NOT_HELD;
import static io.jiucang.delivery.DeliveryRejected.require;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.delivery.PickupCommand.AcceptDelivery;
import io.jiucang.delivery.PickupCommand.AuthorisePickup;
import io.jiucang.delivery.PickupCommand.CancelPickup;
import io.jiucang.delivery.PickupCommand.CollectCases;
import io.jiucang.delivery.PickupCommand.CompleteDelivery;
import io.jiucang.delivery.PickupCommand.FailDelivery;
import io.jiucang.delivery.PickupCommand.GiveUpDelivery;
import io.jiucang.delivery.PickupCommand.GiveUpReturn;
import io.jiucang.delivery.PickupCommand.OrderPickup;
import io.jiucang.delivery.PickupCommand.RequestDelivery;
import io.jiucang.delivery.PickupCommand.ReturnCases;
import io.jiucang.events.BoxCode;
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
import io.jiucang.events.DeliveryEvent.PickupCancellation;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.DeliveryEvent.PickupOrdered;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.PickupId;
import io.jiucang.events.TokenId;
import io.jiucang.starter.Intent;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * One pickup: {@code ORDERED → AUTHORISED → REQUESTED → ACCEPTED → COLLECTED}, then perhaps {@code RETURNING}, and in
 * the end {@code ENDED}, when each of its cases is delivered, cancelled or lost.
 *
 * <p>The address exists as long as there is somebody to be found at it: from the authorisation until nothing is to be
 * delivered any more, whatever the reason.
 */
class Pickup {

    static final int MOST_CASES = 50;

    enum Status {
        ORDERED,
        AUTHORISED,
        REQUESTED,
        ACCEPTED,
        COLLECTED,
        RETURNING,
        ENDED;

        boolean needsAddress() {
            return switch (this) {
                case AUTHORISED, REQUESTED, ACCEPTED, COLLECTED -> true;
                case ORDERED, RETURNING, ENDED -> false;
            };
        }
    }

    enum CaseState {
        WAITING,
        COLLECTED,
        DELIVERED,
        CANCELLED,
        LOST;

        boolean isOpen() {
            return switch (this) {
                case WAITING, COLLECTED -> true;
                case DELIVERED, CANCELLED, LOST -> false;
            };
        }
    }

    @AggregateIdentifier
    private PickupId pickupId;

    private String owner;
    private String carrier;
    private Status status;
    private final Map<TokenId, StoredCase> cases = new LinkedHashMap<>();
    private final Map<TokenId, CaseState> states = new LinkedHashMap<>();
    private @Nullable String envelopeSha256;
    private @Nullable String courier;
    private long attempts;
    private long codeNumber = 1;

    @SuppressWarnings("NullAway.Init") // Axon makes it empty, then replays at least PickupOrdered.
    Pickup() {}

    @CommandHandler
    @SuppressWarnings("NullAway.Init") // apply() calls on(PickupOrdered) before it returns.
    Pickup(OrderPickup command) {
        List<TokenId> tokens = command.tokens();
        require(
                !tokens.isEmpty()
                        && tokens.size() <= MOST_CASES
                        && Set.copyOf(tokens).size() == tokens.size(),
                TOKENS_INVALID,
                "1 to " + MOST_CASES + " tokens, each once");
        apply(new PickupOrdered(
                command.pickupId(),
                command.owner(),
                command.carrier(),
                tokens.stream().map(token -> stored(token, command.custody())).toList(),
                command.tariff().delivery(tokens.size()),
                command.tariff()
                        .custody(
                                command.custody().stream()
                                        .map(CustodyCase::grantedAt)
                                        .toList(),
                                command.now()),
                command.now()));
    }

    private static StoredCase stored(TokenId token, List<CustodyCase> custody) {
        CustodyCase found = custody.stream()
                .filter(each -> each.tokenId().equals(token))
                .findFirst()
                .orElseThrow(() -> new DeliveryRejected(TOKEN_NOT_FOUND, "you have no token " + token));
        require(found.free(), TOKEN_NOT_HELD, token + " is locked, or was burned");
        BoxCode box = found.boxCode();
        String site = found.site();
        String bin = found.bin();
        if (found.away() || box == null || site == null || bin == null) {
            throw new DeliveryRejected(CASE_NOT_IN_STORAGE, "the case of " + token + " stands in no warehouse now");
        }
        return new StoredCase(token, box, site, bin);
    }

    @CommandHandler
    void handle(AuthorisePickup command) {
        require(status == Status.ORDERED, PICKUP_NOT_ORDERED, is());
        requireIntentFor(command);
        apply(new PickupAuthorised(
                pickupId,
                owner,
                List.copyOf(cases.keySet()),
                carrier,
                command.envelope().kid(),
                command.envelope().sha256(),
                command.intent().jws(),
                command.now()));
    }

    /** What the owner's device signed must be this very pickup, with this very envelope. */
    private void requireIntentFor(AuthorisePickup command) {
        Intent intent = command.intent();
        require(intent.owner().equals(owner), INTENT_MISMATCH, "signed by another owner");
        require(pickupId.value().equals(intent.pickup()), INTENT_MISMATCH, "pickup is not " + pickupId);
        require(carrier.equals(intent.to()), INTENT_MISMATCH, "to is not the carrier, " + carrier);
        require(namesExactly(cases.keySet(), intent), INTENT_MISMATCH, "tokens are not those of the pickup");
        require(
                command.envelope().sha256().equals(intent.terms()),
                INTENT_MISMATCH,
                "terms is not the SHA-256 of the envelope");
    }

    private static boolean namesExactly(Collection<TokenId> tokens, Intent intent) {
        List<String> signed = intent.tokens();
        return signed.size() == tokens.size()
                && new HashSet<>(signed)
                        .equals(tokens.stream().map(TokenId::toString).collect(Collectors.toSet()));
    }

    @CommandHandler
    void handle(RequestDelivery command) {
        require(status == Status.AUTHORISED, PICKUP_NOT_AUTHORISED, is());
        apply(new DeliveryRequested(pickupId, owner, carrier, List.copyOf(cases.values()), command.acceptBy()));
    }

    @CommandHandler
    void handle(AcceptDelivery command) {
        require(
                switch (status) {
                    case REQUESTED, ACCEPTED, COLLECTED -> true;
                    case ORDERED, AUTHORISED, RETURNING, ENDED -> false;
                },
                DELIVERY_NOT_OPEN,
                is());
        require(!command.courier().equals(courier), DELIVERY_ACCEPTED, "it is yours already");
        apply(new DeliveryAccepted(pickupId, carrier, command.courier()));
    }

    /**
     * A case that the warehouse gave away while the pickup was being cancelled has to come back; its token is unlocked
     * meanwhile, which harms nobody: the case is in no warehouse, and so cannot be picked up.
     */
    @CommandHandler
    void handle(CollectCases command) {
        command.cases().forEach(this::requireInPickup);
        List<DeliveredCase> waiting = in(CaseState.WAITING, command.cases());
        if (!waiting.isEmpty()) {
            require(
                    switch (status) {
                        case REQUESTED, ACCEPTED, COLLECTED, RETURNING -> true;
                        case ORDERED, AUTHORISED, ENDED -> false;
                    },
                    DELIVERY_NOT_OPEN,
                    is());
            apply(new CasesCollected(pickupId, command.courier(), waiting));
            if (status == Status.RETURNING) {
                apply(new ReturnRequested(pickupId, waiting, FailureReason.OTHER));
            }
        }
        List<DeliveredCase> cancelled = in(CaseState.CANCELLED, command.cases());
        if (!cancelled.isEmpty()) {
            apply(new ReturnRequested(pickupId, cancelled, FailureReason.OTHER));
        }
    }

    @CommandHandler
    void handle(CompleteDelivery command) {
        requireOutWith(command.courier());
        require(command.codeNumber() == codeNumber, HANDOVER_CODE_USED, "there is a new handover code");
        List<DeliveredCase> delivered =
                command.boxes().stream().distinct().map(this::outCase).toList();
        require(!delivered.isEmpty(), BOX_NOT_OUT, "no box was scanned");
        requireProofOf(delivered, command.proof());
        apply(new DeliveryCompleted(
                pickupId,
                owner,
                command.courier(),
                delivered,
                command.proof().intent().jws(),
                command.now()));
        destroyNeedlessAddress(command.now());
    }

    private DeliveredCase outCase(BoxCode box) {
        StoredCase found = cases.values().stream()
                .filter(each -> each.boxCode().equals(box))
                .findFirst()
                .orElseThrow(() -> new DeliveryRejected(BOX_NOT_IN_PICKUP, box + " is not in this pickup"));
        require(states.get(found.tokenId()) == CaseState.COLLECTED, BOX_NOT_OUT, box + " is not out for delivery");
        return new DeliveredCase(found.tokenId(), box);
    }

    private void requireProofOf(List<DeliveredCase> delivered, DeliveryProof proof) {
        require(pickupId.value().equals(proof.intent().pickup()), PROOF_MISMATCH, "pickup is not " + pickupId);
        require(
                namesExactly(delivered.stream().map(DeliveredCase::tokenId).toList(), proof.intent()),
                PROOF_MISMATCH,
                "tokens are not those of the boxes scanned");
        require(
                proof.boxCodes().size() == delivered.size()
                        && Set.copyOf(proof.boxCodes())
                                .equals(delivered.stream()
                                        .map(DeliveredCase::boxCode)
                                        .collect(Collectors.toSet())),
                PROOF_MISMATCH,
                "boxCodes are not the boxes scanned");
        require(proof.ageChecked(), AGE_NOT_CHECKED, "hand over to adults only");
    }

    @CommandHandler
    void handle(FailDelivery command) {
        requireOutWith(command.courier());
        long attempt = attempts + 1;
        apply(new DeliveryFailed(pickupId, attempt, command.reason()));
        if (isFinal(command.reason()) || attempt >= command.attempts()) {
            apply(new ReturnRequested(pickupId, in(CaseState.COLLECTED), command.reason()));
            destroyNeedlessAddress(command.now());
        }
    }

    /** Whether another attempt would fare no better. */
    private static boolean isFinal(FailureReason reason) {
        return switch (reason) {
            case REFUSED_BY_RECIPIENT, ADDRESS_UNREADABLE, CASE_DAMAGED -> true;
            case NOBODY_HOME, RECIPIENT_UNDER_AGE, HANDOVER_CODE_WRONG, OTHER -> false;
        };
    }

    @CommandHandler
    void handle(CancelPickup command) {
        List<TokenId> waiting =
                in(CaseState.WAITING).stream().map(DeliveredCase::tokenId).toList();
        switch (command.reason()) {
            case OWNER -> {
                require(status != Status.ENDED, PICKUP_ENDED, is());
                require(waiting.size() == cases.size(), PICKUP_COLLECTED, "cases have left the warehouse");
            }
            case NOT_AUTHORISED_IN_TIME -> require(status == Status.ORDERED, DEADLINE_LAPSED, is());
            case LOCK_REFUSED, LOCK_OVERDUE -> require(status == Status.AUTHORISED, DEADLINE_LAPSED, is());
            case NOT_ACCEPTED_IN_TIME -> require(status == Status.REQUESTED, DEADLINE_LAPSED, is());
            case NOT_COLLECTED_IN_TIME -> require(!waiting.isEmpty(), DEADLINE_LAPSED, is());
            case RETURNED -> throw new IllegalStateException("the warehouse tells what came back");
        }
        apply(new PickupCancelled(pickupId, owner, waiting, command.reason()));
        destroyNeedlessAddress(command.now());
    }

    @CommandHandler
    void handle(GiveUpDelivery command) {
        require(status == Status.COLLECTED && !in(CaseState.COLLECTED).isEmpty(), DEADLINE_LAPSED, is());
        apply(new ReturnRequested(pickupId, in(CaseState.COLLECTED), FailureReason.OTHER));
        destroyNeedlessAddress(command.now());
    }

    /** Also of cases that the courier brings back unasked, or that were given up as lost. */
    @CommandHandler
    void handle(ReturnCases command) {
        command.cases().forEach(this::requireInPickup);
        require(in(CaseState.WAITING, command.cases()).isEmpty(), CASES_NOT_COLLECTED, "they have not left yet");
        require(in(CaseState.DELIVERED, command.cases()).isEmpty(), CASES_DELIVERED, "they were delivered");
        List<TokenId> returned = command.cases().stream()
                .map(DeliveredCase::tokenId)
                .filter(token -> states.get(token) == CaseState.COLLECTED || states.get(token) == CaseState.LOST)
                .toList();
        if (!returned.isEmpty()) {
            apply(new PickupCancelled(pickupId, owner, returned, PickupCancellation.RETURNED));
            destroyNeedlessAddress(command.now());
        }
    }

    @CommandHandler
    void handle(GiveUpReturn command) {
        require(status == Status.RETURNING && !in(CaseState.COLLECTED).isEmpty(), DEADLINE_LAPSED, is());
        apply(new CasesLost(pickupId, owner, Objects.requireNonNull(courier), in(CaseState.COLLECTED)));
    }

    @EventSourcingHandler
    void on(PickupOrdered event) {
        pickupId = event.pickupId();
        owner = event.owner();
        carrier = event.carrier();
        status = Status.ORDERED;
        event.cases().forEach(each -> {
            cases.put(each.tokenId(), each);
            states.put(each.tokenId(), CaseState.WAITING);
        });
    }

    @EventSourcingHandler
    void on(PickupAuthorised event) {
        status = Status.AUTHORISED;
        envelopeSha256 = event.envelopeSha256();
    }

    @EventSourcingHandler
    void on(DeliveryRequested event) {
        status = Status.REQUESTED;
    }

    @EventSourcingHandler
    void on(DeliveryAccepted event) {
        courier = event.courier();
        if (status == Status.REQUESTED) {
            status = Status.ACCEPTED;
        }
    }

    /** Whoever has the boxes is the courier, whoever else accepted before. */
    @EventSourcingHandler
    void on(CasesCollected event) {
        courier = event.courier();
        if (status != Status.RETURNING) {
            status = Status.COLLECTED;
        }
        event.cases().forEach(each -> states.put(each.tokenId(), CaseState.COLLECTED));
    }

    @EventSourcingHandler
    void on(DeliveryFailed event) {
        attempts = event.attempt();
        codeNumber++;
    }

    @EventSourcingHandler
    void on(DeliveryCompleted event) {
        codeNumber++;
        event.cases().forEach(each -> settle(each.tokenId(), CaseState.DELIVERED));
    }

    @EventSourcingHandler
    void on(ReturnRequested event) {
        if (status == Status.COLLECTED) {
            status = Status.RETURNING;
        }
    }

    @EventSourcingHandler
    void on(PickupCancelled event) {
        event.tokens().forEach(token -> settle(token, CaseState.CANCELLED));
    }

    @EventSourcingHandler
    void on(CasesLost event) {
        event.cases().forEach(each -> settle(each.tokenId(), CaseState.LOST));
    }

    @EventSourcingHandler
    void on(AddressDestroyed event) {
        envelopeSha256 = null;
    }

    private void settle(TokenId token, CaseState state) {
        states.put(token, state);
        if (states.values().stream().noneMatch(CaseState::isOpen)) {
            status = Status.ENDED;
        }
    }

    private void destroyNeedlessAddress(Instant now) {
        if (envelopeSha256 != null && !status.needsAddress()) {
            apply(new AddressDestroyed(pickupId, envelopeSha256, now));
        }
    }

    private void requireInPickup(DeliveredCase each) {
        StoredCase known = cases.get(each.tokenId());
        require(
                known != null && known.boxCode().equals(each.boxCode()),
                BOX_NOT_IN_PICKUP,
                each.boxCode() + " is not in this pickup");
    }

    private void requireOutWith(String who) {
        require(status != Status.ENDED, PICKUP_ENDED, is());
        require(status == Status.COLLECTED && !in(CaseState.COLLECTED).isEmpty(), CASES_NOT_COLLECTED, is());
        require(who.equals(courier), NOT_THE_COURIER, "another courier has it");
    }

    private List<DeliveredCase> in(CaseState state) {
        return cases.values().stream()
                .filter(each -> states.get(each.tokenId()) == state)
                .map(each -> new DeliveredCase(each.tokenId(), each.boxCode()))
                .toList();
    }

    private List<DeliveredCase> in(CaseState state, List<DeliveredCase> among) {
        return in(state).stream().filter(among::contains).toList();
    }

    private String is() {
        return "the pickup is " + status;
    }
}
