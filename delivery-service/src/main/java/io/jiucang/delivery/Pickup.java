package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryRejected.Reason.CANCELLATION_NOT_REQUESTED;
import static io.jiucang.delivery.DeliveryRejected.Reason.CANCELLATION_PENDING;
import static io.jiucang.delivery.DeliveryRejected.Reason.CASES_DELIVERED;
import static io.jiucang.delivery.DeliveryRejected.Reason.CASES_NOT_COLLECTED;
import static io.jiucang.delivery.DeliveryRejected.Reason.CASE_DAMAGED;
import static io.jiucang.delivery.DeliveryRejected.Reason.CASE_NOT_IN_STORAGE;
import static io.jiucang.delivery.DeliveryRejected.Reason.CASE_NOT_OUT;
import static io.jiucang.delivery.DeliveryRejected.Reason.DEADLINE_LAPSED;
import static io.jiucang.delivery.DeliveryRejected.Reason.DELIVERY_ACCEPTED;
import static io.jiucang.delivery.DeliveryRejected.Reason.DELIVERY_NOT_OPEN;
import static io.jiucang.delivery.DeliveryRejected.Reason.NOT_THE_COURIER;
import static io.jiucang.delivery.DeliveryRejected.Reason.PICKUP_COLLECTED;
import static io.jiucang.delivery.DeliveryRejected.Reason.PICKUP_ENDED;
import static io.jiucang.delivery.DeliveryRejected.Reason.PICKUP_MISMATCH;
import static io.jiucang.delivery.DeliveryRejected.Reason.PICKUP_NOT_AUTHORISED;
import static io.jiucang.delivery.DeliveryRejected.Reason.PICKUP_NOT_ORDERED;
import static io.jiucang.delivery.DeliveryRejected.Reason.PICKUP_VOID;
import static io.jiucang.delivery.DeliveryRejected.Reason.TOKENS_INVALID;
import static io.jiucang.delivery.DeliveryRejected.Reason.TOKEN_NOT_FOUND;
import static io.jiucang.delivery.DeliveryRejected.Reason.TOKEN_NOT_HELD;
import static io.jiucang.delivery.DeliveryRejected.require;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.delivery.PickupCases.State;
import io.jiucang.delivery.PickupCommand.AcceptDelivery;
import io.jiucang.delivery.PickupCommand.AuthorisePickup;
import io.jiucang.delivery.PickupCommand.CancelPickup;
import io.jiucang.delivery.PickupCommand.CollectCases;
import io.jiucang.delivery.PickupCommand.CompleteDelivery;
import io.jiucang.delivery.PickupCommand.EndPickup;
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
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancellationRequested;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.DeliveryEvent.PickupEnded;
import io.jiucang.events.DeliveryEvent.PickupOrdered;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.title.Ruling;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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

    @AggregateIdentifier
    private PickupId pickupId;

    private String owner;
    private String carrier;
    private Status status;
    private final PickupCases cases = new PickupCases();
    private @Nullable Authorisation authorisation;
    private boolean addressKept;
    private @Nullable PickupEndReason cancelling;
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
        requireThisPickup(command.word(), command.envelope());
        requireLawful(command.ruling());
        apply(new PickupAuthorised(pickupId, command.envelope().kid(), command.statement()));
    }

    /** What the owner's device signed must be this very pickup, with this very envelope. */
    private void requireThisPickup(Statement<Act.Pickup> word, Envelope envelope) {
        Act.Pickup signed = word.act();
        require(word.spoken().sub().equals(owner), PICKUP_MISMATCH, "signed by another owner");
        require(signed.pickup().equals(pickupId), PICKUP_MISMATCH, "pickup is not " + pickupId);
        require(signed.carrier().equals(carrier), PICKUP_MISMATCH, "carrier is not " + carrier);
        require(
                signed.hashlocks().keySet().equals(cases.tokens()),
                PICKUP_MISMATCH,
                "hashlocks are not for the tokens of the pickup");
        require(
                signed.envelope().hex().equals(envelope.sha256()),
                PICKUP_MISMATCH,
                "envelope is not the SHA-256 of the envelope");
    }

    /** The ledger's clock may not have come as far as ours, or not have the wallet or the hold yet. */
    private static void requireLawful(Ruling ruling) {
        if (ruling instanceof Ruling.Voided voided) {
            throw new DeliveryRejected(PICKUP_VOID, voided + "; try again in a minute");
        }
    }

    @CommandHandler
    void handle(RequestDelivery command) {
        require(status == Status.AUTHORISED, PICKUP_NOT_AUTHORISED, is());
        apply(new DeliveryRequested(pickupId, owner, carrier, cases.stored(), command.acceptBy()));
    }

    @CommandHandler
    void handle(AcceptDelivery command) {
        require(status.isRequested() && status != Status.RETURNING, DELIVERY_NOT_OPEN, is());
        require(!command.courier().equals(courier), DELIVERY_ACCEPTED, "it is yours already");
        apply(new DeliveryAccepted(pickupId, carrier, command.courier()));
    }

    @CommandHandler
    void handle(CollectCases command) {
        cases.requireAll(command.cases());
        require(status.isRequested(), DELIVERY_NOT_OPEN, is());
        require(cases.among(command.cases(), State.CANCELLED).isEmpty(), DELIVERY_NOT_OPEN, "they were cancelled");
        List<DeliveredCase> leaving = cases.among(command.cases(), State.WAITING, State.CANCELLING);
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
        apply(new DeliveryCompleted(pickupId, owner, proven(command.proof()), command.statement()));
        destroyNeedlessAddress(command.now());
    }

    /** With exactly their codes: that of another case, once in an event, would protect it no more. */
    private List<DeliveredCase> proven(Act.Delivery proof) {
        Objects.requireNonNull(authorisation).requireOpenedBy(proof);
        List<DeliveredCase> delivered = cases.in(State.COLLECTED).stream()
                .filter(each -> proof.codes().containsKey(each.tokenId()))
                .toList();
        require(delivered.size() == proof.codes().size(), CASE_NOT_OUT, "not all of them are out for delivery");
        return delivered;
    }

    @CommandHandler
    void handle(FailDelivery command) {
        requireOutWith(command.courier());
        long attempt = attempts + 1;
        apply(new DeliveryFailed(pickupId, attempt, command.reason()));
        if (isFinal(command.reason()) || attempt >= command.attempts()) {
            apply(new ReturnRequested(pickupId, cases.in(State.COLLECTED), command.reason()));
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
        require(status != Status.ENDED, PICKUP_ENDED, is());
        Authorisation signed = authorisation;
        if (signed == null) {
            throw new DeliveryRejected(PICKUP_NOT_AUTHORISED, "nothing holds its tokens, and it lapses by itself");
        }
        require(command.hold().equals(signed.hold()), PICKUP_MISMATCH, "hold is not " + signed.hold());
        require(
                cases.in(State.WAITING, State.CANCELLING).size()
                        == cases.tokens().size(),
                PICKUP_COLLECTED,
                "cases have left the warehouse");
        require(cases.in(State.CANCELLING).isEmpty(), CANCELLATION_PENDING, "the warehouse has yet to answer");
        requireLawful(command.ruling());
        apply(new PickupCancelled(pickupId, command.statement()));
        end(PickupEndReason.OWNER, command.now());
    }

    @CommandHandler
    void handle(EndPickup command) {
        boolean waiting = !cases.in(State.WAITING).isEmpty();
        boolean due = switch (command.reason()) {
            case NOT_AUTHORISED_IN_TIME -> status == Status.ORDERED;
            case VOID, LOCK_REFUSED, LOCK_OVERDUE -> status == Status.AUTHORISED;
            case NOT_ACCEPTED_IN_TIME -> status == Status.REQUESTED && waiting;
            case NOT_COLLECTED_IN_TIME -> status.isRequested() && waiting;
            case DATE_PASSED -> status != Status.ORDERED && waiting;
            case OWNER, RETURNED ->
                throw new IllegalStateException("the owner, or the warehouse, tells: " + command.reason());
        };
        require(due, DEADLINE_LAPSED, is());
        end(command.reason(), command.now());
    }

    /** What was asked of the warehouse is the warehouse's to keep back. */
    private void end(PickupEndReason reason, Instant now) {
        List<TokenId> waiting = DeliveredCase.tokens(cases.in(State.WAITING));
        if (status.isRequested()) {
            apply(new PickupCancellationRequested(pickupId, waiting, reason));
        } else {
            apply(new PickupEnded(pickupId, owner, waiting, reason));
            destroyNeedlessAddress(now);
        }
    }

    @CommandHandler
    void handle(KeepBackCases command) {
        PickupEndReason reason = cancelling;
        if (reason == null || !DeliveredCase.tokens(cases.in(State.CANCELLING)).containsAll(command.tokens())) {
            throw new DeliveryRejected(CANCELLATION_NOT_REQUESTED, "nobody asked to keep them back");
        }
        apply(new PickupEnded(pickupId, owner, command.tokens(), reason));
        destroyNeedlessAddress(command.now());
    }

    @CommandHandler
    void handle(GiveUpDelivery command) {
        require(status == Status.COLLECTED && !cases.in(State.COLLECTED).isEmpty(), DEADLINE_LAPSED, is());
        apply(new ReturnRequested(pickupId, cases.in(State.COLLECTED), FailureReason.OTHER));
        destroyNeedlessAddress(command.now());
    }

    /** Also of cases that the courier brings back unasked, or that were given up as lost. */
    @CommandHandler
    void handle(ReturnCases command) {
        cases.requireAll(command.cases());
        require(
                cases.among(command.cases(), State.WAITING, State.CANCELLING).isEmpty(),
                CASES_NOT_COLLECTED,
                "they have not left yet");
        require(cases.among(command.cases(), State.DELIVERED).isEmpty(), CASES_DELIVERED, "they were delivered");
        List<TokenId> returned = DeliveredCase.tokens(cases.among(command.cases(), State.COLLECTED, State.LOST));
        if (!returned.isEmpty()) {
            apply(new PickupEnded(pickupId, owner, returned, PickupEndReason.RETURNED));
            destroyNeedlessAddress(command.now());
        }
    }

    @CommandHandler
    void handle(GiveUpReturn command) {
        require(status == Status.RETURNING && !cases.in(State.COLLECTED).isEmpty(), DEADLINE_LAPSED, is());
        apply(new CasesLost(pickupId, owner, Objects.requireNonNull(courier), cases.in(State.COLLECTED)));
    }

    @EventSourcingHandler
    void on(PickupOrdered event) {
        pickupId = event.pickupId();
        owner = event.owner();
        carrier = event.carrier();
        status = Status.ORDERED;
        event.cases().forEach(cases::add);
    }

    @EventSourcingHandler
    void on(PickupAuthorised event) {
        status = Status.AUTHORISED;
        authorisation = Authorisation.of(event.statement());
        addressKept = true;
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
        cases.set(DeliveredCase.tokens(event.cases()), State.COLLECTED);
    }

    @EventSourcingHandler
    void on(DeliveryFailed event) {
        attempts = event.attempt();
    }

    @EventSourcingHandler
    void on(DeliveryCompleted event) {
        settle(DeliveredCase.tokens(event.cases()), State.DELIVERED);
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
        cases.set(event.tokens(), State.CANCELLING);
    }

    @EventSourcingHandler
    void on(PickupEnded event) {
        settle(event.tokens(), State.CANCELLED);
    }

    @EventSourcingHandler
    void on(CasesLost event) {
        settle(DeliveredCase.tokens(event.cases()), State.LOST);
    }

    @EventSourcingHandler
    void on(AddressDestroyed event) {
        addressKept = false;
    }

    private void settle(List<TokenId> tokens, State state) {
        cases.set(tokens, state);
        if (!cases.anyOpen()) {
            status = Status.ENDED;
        }
    }

    private void destroyNeedlessAddress(Instant now) {
        if (addressKept && !status.needsAddress()) {
            apply(new AddressDestroyed(
                    pickupId, Objects.requireNonNull(authorisation).envelopeSha256(), now));
        }
    }

    private void requireOutWith(String who) {
        require(status != Status.ENDED, PICKUP_ENDED, is());
        require(status == Status.COLLECTED && !cases.in(State.COLLECTED).isEmpty(), CASES_NOT_COLLECTED, is());
        require(who.equals(courier), NOT_THE_COURIER, "another courier has it");
    }

    private String is() {
        return "the pickup is " + status;
    }
}
