package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_AT_OTHER_SITE;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_NOT_IN_PICKUP;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_NOT_SHIPPED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_SHIPPED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.SHIPMENT_CANCELLED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.SHIPMENT_UNKNOWN;
import static io.jiucang.warehouse.WarehouseRejected.Reason.TOKEN_NOT_LOCKED;
import static org.axonframework.modelling.command.AggregateCreationPolicy.CREATE_IF_MISSING;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ShipmentCancellationRefused;
import io.jiucang.events.WarehouseEvent.ShipmentCancelled;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.warehouse.ShipmentEvent.LockNoted;
import io.jiucang.warehouse.ShipmentEvent.ReturnExpected;
import io.jiucang.warehouse.ShipmentEvent.ShipmentRequested;
import io.jiucang.warehouse.ShipmentEvent.UnlockNoted;
import io.jiucang.warehouse.WarehouseCommand.CancelShipment;
import io.jiucang.warehouse.WarehouseCommand.ExpectReturn;
import io.jiucang.warehouse.WarehouseCommand.NoteLock;
import io.jiucang.warehouse.WarehouseCommand.NoteUnlock;
import io.jiucang.warehouse.WarehouseCommand.RequestShipment;
import io.jiucang.warehouse.WarehouseCommand.ReturnCases;
import io.jiucang.warehouse.WarehouseCommand.ShipCases;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The warehouse's part in one pickup: each of its cases leaves with a courier or does not, and perhaps comes back.
 *
 * <p>It alone judges whether a case that is to be kept back can be. And it trusts nobody alone: a case leaves only if
 * delivery-service asks for it while token-service keeps its token locked for this very pickup, in whichever order
 * these two are heard.
 */
class Shipment {

    /** Of one case; the shipment as a whole is where its cases are. */
    enum State {
        WAITING,
        SHIPPED,
        /** On its way back. */
        EXPECTED,
        RETURNED,
        CANCELLED
    }

    /** Axon alone reads it. */
    @AggregateIdentifier
    @Nullable
    PickupId id;

    private final Map<BoxCode, StoredCase> cases = new HashMap<>();
    private final Map<TokenId, State> states = new HashMap<>();
    private final Set<TokenId> locked = new HashSet<>();

    /** One shipment per pickup, however often its delivery is requested; none, if it was cancelled before. */
    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(RequestShipment command) {
        if (states.isEmpty()) {
            apply(new ShipmentRequested(command.pickupId(), command.carrier(), command.cases(), command.acceptBy()));
        }
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(NoteLock command) {
        if (!locked.contains(command.tokenId())) {
            apply(new LockNoted(command.pickupId(), command.tokenId()));
        }
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(NoteUnlock command) {
        if (locked.contains(command.tokenId())) {
            apply(new UnlockNoted(command.pickupId(), command.tokenId()));
        }
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    CasesShipped handle(ShipCases command) {
        requireKnown(command.pickupId());
        CasesShipped shipped = new CasesShipped(
                command.pickupId(),
                command.courier(),
                command.cases().stream().map(this::shippable).toList());
        apply(shipped);
        return shipped;
    }

    private DeliveredCase shippable(CaseDispatched dispatched) {
        BoxCode box = dispatched.boxCode();
        StoredCase stored = require(box);
        switch (state(stored.tokenId())) {
            case WAITING -> {}
            case SHIPPED, EXPECTED, RETURNED ->
                throw new WarehouseRejected(BOX_SHIPPED, box + " has left for this pickup before");
            case CANCELLED -> throw new WarehouseRejected(SHIPMENT_CANCELLED, box + " shall not leave any more");
        }
        if (!locked.contains(stored.tokenId())) {
            throw new WarehouseRejected(
                    TOKEN_NOT_LOCKED, stored.tokenId() + " is not locked for this pickup, as far as is known here");
        }
        if (!dispatched.site().equals(stored.site())) {
            throw new WarehouseRejected(
                    BOX_AT_OTHER_SITE, box + " stands at " + dispatched.site() + ", not at " + stored.site());
        }
        return new DeliveredCase(stored.tokenId(), box);
    }

    /** Also of cases whose return nobody has announced: better in a bin than on the ramp. */
    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    CasesReturned handle(ReturnCases command) {
        requireKnown(command.pickupId());
        CasesReturned returned = new CasesReturned(
                command.pickupId(),
                command.site(),
                command.bin(),
                command.boxCodes().stream().map(this::returnable).toList());
        apply(returned);
        return returned;
    }

    private DeliveredCase returnable(BoxCode box) {
        StoredCase stored = require(box);
        return switch (state(stored.tokenId())) {
            case SHIPPED, EXPECTED -> new DeliveredCase(stored.tokenId(), box);
            case WAITING, RETURNED, CANCELLED ->
                throw new WarehouseRejected(BOX_NOT_SHIPPED, box + " is not out for this pickup");
        };
    }

    /** Each token has its answer, even one that was cancelled before, or never requested: its owner waits for it. */
    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(CancelShipment command) {
        List<TokenId> kept =
                command.tokens().stream().filter(token -> !hasLeft(token)).toList();
        if (!kept.isEmpty()) {
            apply(new ShipmentCancelled(command.pickupId(), kept));
        }
        List<TokenId> gone = command.tokens().stream().filter(this::hasLeft).toList();
        if (!gone.isEmpty()) {
            apply(new ShipmentCancellationRefused(command.pickupId(), gone));
        }
    }

    private boolean hasLeft(TokenId token) {
        return switch (state(token)) {
            case SHIPPED, EXPECTED, RETURNED -> true;
            case WAITING, CANCELLED -> false;
        };
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(ExpectReturn command) {
        List<TokenId> out = command.tokens().stream()
                .filter(token -> state(token) == State.SHIPPED)
                .toList();
        if (!out.isEmpty()) {
            apply(new ReturnExpected(command.pickupId(), out));
        }
    }

    private void requireKnown(PickupId pickup) {
        if (cases.isEmpty()) {
            throw new WarehouseRejected(SHIPMENT_UNKNOWN, "there is no shipment for pickup " + pickup);
        }
    }

    private StoredCase require(BoxCode box) {
        StoredCase stored = cases.get(box);
        if (stored == null) {
            throw new WarehouseRejected(BOX_NOT_IN_PICKUP, box + " is not in this pickup");
        }
        return stored;
    }

    private State state(TokenId token) {
        return states.getOrDefault(token, State.WAITING);
    }

    @EventSourcingHandler
    void on(ShipmentRequested event) {
        id = event.pickupId();
        event.cases().forEach(stored -> {
            cases.put(stored.boxCode(), stored);
            states.put(stored.tokenId(), State.WAITING);
        });
    }

    @EventSourcingHandler
    void on(LockNoted event) {
        id = event.pickupId();
        locked.add(event.tokenId());
    }

    @EventSourcingHandler
    void on(UnlockNoted event) {
        locked.remove(event.tokenId());
    }

    @EventSourcingHandler
    void on(CasesShipped event) {
        event.cases().forEach(shipped -> states.put(shipped.tokenId(), State.SHIPPED));
    }

    @EventSourcingHandler
    void on(CasesReturned event) {
        event.cases().forEach(returned -> states.put(returned.tokenId(), State.RETURNED));
    }

    @EventSourcingHandler
    void on(ShipmentCancelled event) {
        id = event.pickupId();
        event.tokens().forEach(token -> states.put(token, State.CANCELLED));
    }

    @EventSourcingHandler
    void on(ReturnExpected event) {
        event.tokens().forEach(token -> states.put(token, State.EXPECTED));
    }
}
