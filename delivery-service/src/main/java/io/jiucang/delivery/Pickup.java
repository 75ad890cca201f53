package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryRejected.Reason.AGE_NOT_CHECKED;
import static io.jiucang.delivery.DeliveryRejected.Reason.BOX_NOT_IN_PICKUP;
import static io.jiucang.delivery.DeliveryRejected.Reason.BOX_NOT_OUT;
import static io.jiucang.delivery.DeliveryRejected.Reason.CANCELLATION_NOT_REQUESTED;
import static io.jiucang.delivery.DeliveryRejected.Reason.CANCELLATION_PENDING;
import static io.jiucang.delivery.DeliveryRejected.Reason.CASES_DELIVERED;
import static io.jiucang.delivery.DeliveryRejected.Reason.CASES_NOT_COLLECTED;
import static io.jiucang.delivery.DeliveryRejected.Reason.CASE_DAMAGED;
import static io.jiucang.delivery.DeliveryRejected.Reason.CASE_NOT_IN_STORAGE;
import static io.jiucang.delivery.DeliveryRejected.Reason.DEADLINE_LAPSED;
import static io.jiucang.delivery.DeliveryRejected.Reason.DELIVERY_ACCEPTED;
import static io.jiucang.delivery.DeliveryRejected.Reason.DELIVERY_NOT_OPEN;
import static io.jiucang.delivery.DeliveryRejected.Reason.HANDOVER_CODE_WRONG;
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
import io.jiucang.delivery.PickupCommand.KeepBackCases;
import io.jiucang.delivery.PickupCommand.OrderPickup;
import io.jiucang.delivery.PickupCommand.RequestDelivery;
import io.jiucang.delivery.PickupCommand.ReturnCases;
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
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.wallet.DeliveryProof;
import io.jiucang.starter.wallet.Intent;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * One pickup: {@code ORDERED → AUTHORISED → REQUESTED → ACCEPTED → COLLECTED}, then perhaps {@code RETURNING}, and in
 * the end {@code ENDED}, when each of its cases is delivered, cancelled or lost.
 *
 * <p>Once the warehouse was asked for the cases, any of them may be leaving at this moment: whether one can still be kept
 * back is the warehouse's to judge. What it does not keep back it has shipped, and told so before.
 *
 * <p>The address exists as long as there is somebody to be found at it: from the authorisation until nothing is to be
 * delivered any more, whatever the reason.
 */
class Pickup {

    static final int MOST_CASES = 50;
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    enum Status {
        ORDERED,
        AUTHORISED,
        REQUESTED,
        ACCEPTED,
        COLLECTED,
        RETURNING,
        ENDED;

        /** Whether the warehouse was asked for the cases, and some are not settled yet. */
        boolean isRequested() {
            return switch (this) {
                case REQUESTED, ACCEPTED, COLLECTED, RETURNING -> true;
                case ORDERED, AUTHORISED, ENDED -> false;
            };
        }

        boolean needsAddress() {
            return switch (this) {
                case AUTHORISED, REQUESTED, ACCEPTED, COLLECTED -> true;
                case ORDERED, RETURNING, ENDED -> false;
            };
        }
    }

    enum CaseState {
        WAITING,
        /** The warehouse was asked to keep it back. */
        CANCELLING,
        COLLECTED,
        DELIVERED,
        CANCELLED,
        LOST;

        boolean isOpen() {
            return switch (this) {
                case WAITING, CANCELLING, COLLECTED -> true;
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
    private final Map<TokenId, String> hashlocks = new HashMap<>();
    private @Nullable String envelopeSha256;
    private @Nullable PickupCancellation cancelling;
    private @Nullable String courier;
    private long attempts;

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
        require(!found.damaged(), CASE_DAMAGED, "the warehouse found the case of " + token + " damaged, and keeps it");
        BoxCode box = found.boxCode();
        String site = found.site();
        String bin = found.bin();
        if (box == null || site == null || bin == null) {
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
                cases.keySet().stream()
                        .map(token -> new HashlockedToken(token, hashlock(token, command.intent())))
                        .toList(),
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
        require(namesExactly(cases.keySet(), intent.tokens()), INTENT_MISMATCH, "tokens are not those of the pickup");
        Collection<String> locks = intent.hashlocks().values();
        require(
                namesExactly(cases.keySet(), intent.hashlocks().keySet())
                        && locks.stream().allMatch(lock -> SHA256.matcher(lock).matches())
                        && Set.copyOf(locks).size() == locks.size(),
                INTENT_MISMATCH,
                "hashlocks has not for each token a SHA-256 of its own");
        require(
                command.envelope().sha256().equals(intent.terms()),
                INTENT_MISMATCH,
                "terms is not the SHA-256 of the envelope");
    }

    private static boolean namesExactly(Set<TokenId> tokens, Collection<String> named) {
        return named.size() == tokens.size()
                && tokens.stream().map(TokenId::toString).allMatch(named::contains);
    }

    private static String hashlock(TokenId token, Intent intent) {
        return Objects.requireNonNull(intent.hashlocks().get(token.toString()));
    }

    @CommandHandler
    void handle(RequestDelivery command) {
        require(status == Status.AUTHORISED, PICKUP_NOT_AUTHORISED, is());
        apply(new DeliveryRequested(pickupId, owner, carrier, List.copyOf(cases.values()), command.acceptBy()));
    }

    @CommandHandler
    void handle(AcceptDelivery command) {
        require(status.isRequested() && status != Status.RETURNING, DELIVERY_NOT_OPEN, is());
        require(!command.courier().equals(courier), DELIVERY_ACCEPTED, "it is yours already");
        apply(new DeliveryAccepted(pickupId, carrier, command.courier()));
    }

    @CommandHandler
    void handle(CollectCases command) {
        command.cases().forEach(this::requireInPickup);
        require(status.isRequested(), DELIVERY_NOT_OPEN, is());
        require(among(command.cases(), CaseState.CANCELLED).isEmpty(), DELIVERY_NOT_OPEN, "they were cancelled");
        List<DeliveredCase> leaving = among(command.cases(), CaseState.WAITING, CaseState.CANCELLING);
        if (!leaving.isEmpty()) {
            apply(new CasesCollected(pickupId, command.courier(), leaving));
            if (status == Status.RETURNING) {
                apply(new ReturnRequested(pickupId, leaving, FailureReason.OTHER));
            }
        }
    }

    @CommandHandler
    void handle(CompleteDelivery command) {
        requireOutWith(command.courier());
        apply(new DeliveryCompleted(
                pickupId,
                owner,
                command.courier(),
                proven(command.proof()),
                command.proof().intent().jws(),
                command.now()));
        destroyNeedlessAddress(command.now());
    }

    /** With exactly their codes: that of another case, once in an event, would protect it no more. */
    private List<DeliveredCase> proven(DeliveryProof proof) {
        require(pickupId.value().equals(proof.intent().pickup()), PROOF_MISMATCH, "pickup is not " + pickupId);
        List<DeliveredCase> delivered =
                proof.boxCodes().stream().map(this::outCase).toList();
        Set<TokenId> tokens = delivered.stream().map(DeliveredCase::tokenId).collect(Collectors.toSet());
        require(
                !tokens.isEmpty()
                        && tokens.size() == delivered.size()
                        && namesExactly(tokens, proof.intent().tokens())
                        && proof.codes().keySet().equals(tokens),
                PROOF_MISMATCH,
                "boxCodes, tokens and codes are not of the same cases, each once");
        require(proof.ageChecked(), AGE_NOT_CHECKED, "hand over to adults only");
        proof.codes()
                .forEach((token, code) -> require(
                        code.sha256().equals(hashlocks.get(token)),
                        HANDOVER_CODE_WRONG,
                        "this is not the code of " + token));
        return delivered;
    }

    private DeliveredCase outCase(BoxCode box) {
        StoredCase found = cases.values().stream()
                .filter(each -> each.boxCode().equals(box))
                .findFirst()
                .orElseThrow(() -> new DeliveryRejected(BOX_NOT_IN_PICKUP, box + " is not in this pickup"));
        require(states.get(found.tokenId()) == CaseState.COLLECTED, BOX_NOT_OUT, box + " is not out for delivery");
        return new DeliveredCase(found.tokenId(), box);
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
        List<TokenId> waiting = DeliveredCase.tokens(in(CaseState.WAITING));
        switch (command.reason()) {
            case OWNER -> {
                require(status != Status.ENDED, PICKUP_ENDED, is());
                require(
                        in(CaseState.WAITING, CaseState.CANCELLING).size() == cases.size(),
                        PICKUP_COLLECTED,
                        "cases have left the warehouse");
                require(in(CaseState.CANCELLING).isEmpty(), CANCELLATION_PENDING, "the warehouse has yet to answer");
            }
            case NOT_AUTHORISED_IN_TIME -> require(status == Status.ORDERED, DEADLINE_LAPSED, is());
            case LOCK_REFUSED, LOCK_OVERDUE -> require(status == Status.AUTHORISED, DEADLINE_LAPSED, is());
            case NOT_ACCEPTED_IN_TIME ->
                require(status == Status.REQUESTED && !waiting.isEmpty(), DEADLINE_LAPSED, is());
            case NOT_COLLECTED_IN_TIME -> require(status.isRequested() && !waiting.isEmpty(), DEADLINE_LAPSED, is());
            case RETURNED -> throw new IllegalStateException("the warehouse tells what came back");
        }
        if (status.isRequested()) {
            apply(new PickupCancellationRequested(pickupId, waiting, command.reason()));
        } else {
            apply(new PickupCancelled(pickupId, owner, waiting, command.reason()));
            destroyNeedlessAddress(command.now());
        }
    }

    @CommandHandler
    void handle(KeepBackCases command) {
        PickupCancellation reason = cancelling;
        if (reason == null || !DeliveredCase.tokens(in(CaseState.CANCELLING)).containsAll(command.tokens())) {
            throw new DeliveryRejected(CANCELLATION_NOT_REQUESTED, "nobody asked to keep them back");
        }
        apply(new PickupCancelled(pickupId, owner, command.tokens(), reason));
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
        require(
                among(command.cases(), CaseState.WAITING, CaseState.CANCELLING).isEmpty(),
                CASES_NOT_COLLECTED,
                "they have not left yet");
        require(among(command.cases(), CaseState.DELIVERED).isEmpty(), CASES_DELIVERED, "they were delivered");
        List<TokenId> returned = DeliveredCase.tokens(among(command.cases(), CaseState.COLLECTED, CaseState.LOST));
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
        event.tokens().forEach(each -> hashlocks.put(each.tokenId(), each.codeSha256()));
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
    }

    @EventSourcingHandler
    void on(DeliveryCompleted event) {
        event.cases().forEach(each -> settle(each.tokenId(), CaseState.DELIVERED));
    }

    @EventSourcingHandler
    void on(ReturnRequested event) {
        if (status == Status.COLLECTED) {
            status = Status.RETURNING;
        }
    }

    @EventSourcingHandler
    void on(PickupCancellationRequested event) {
        cancelling = event.reason();
        event.tokens().forEach(token -> states.put(token, CaseState.CANCELLING));
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

    private List<DeliveredCase> in(CaseState... wanted) {
        return cases.values().stream()
                .filter(each -> List.of(wanted).contains(states.get(each.tokenId())))
                .map(each -> new DeliveredCase(each.tokenId(), each.boxCode()))
                .toList();
    }

    private List<DeliveredCase> among(List<DeliveredCase> named, CaseState... wanted) {
        return in(wanted).stream().filter(named::contains).toList();
    }

    private String is() {
        return "the pickup is " + status;
    }
}
