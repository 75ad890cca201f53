package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_AT_OTHER_SITE;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_NOT_IN_PICKUP;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_NOT_SHIPPED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_SHIPPED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.SHIPMENT_CANCELLED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.SHIPMENT_UNKNOWN;
import static org.axonframework.modelling.command.AggregateCreationPolicy.CREATE_IF_MISSING;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.BoxCode;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.PickupId;
import io.jiucang.events.TokenId;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.warehouse.ShipmentEvent.ReturnExpected;
import io.jiucang.warehouse.ShipmentEvent.ShipmentCancelled;
import io.jiucang.warehouse.ShipmentEvent.ShipmentRequested;
import io.jiucang.warehouse.WarehouseCommand.CancelShipment;
import io.jiucang.warehouse.WarehouseCommand.ExpectReturn;
import io.jiucang.warehouse.WarehouseCommand.RequestShipment;
import io.jiucang.warehouse.WarehouseCommand.ReturnCases;
import io.jiucang.warehouse.WarehouseCommand.ShipCases;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/** The warehouse's part in one pickup: each of its cases leaves with a courier or does not, and perhaps comes back. */
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

    /** One shipment per pickup, however often its delivery is requested. */
    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(RequestShipment command) {
        if (id == null) {
            apply(new ShipmentRequested(command.pickupId(), command.carrier(), command.cases(), command.acceptBy()));
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
        switch (state(stored)) {
            case WAITING -> {}
            case SHIPPED, EXPECTED, RETURNED ->
                throw new WarehouseRejected(BOX_SHIPPED, box + " has left for this pickup before");
            case CANCELLED -> throw new WarehouseRejected(SHIPMENT_CANCELLED, box + " shall not leave any more");
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
        return switch (state(stored)) {
            case SHIPPED, EXPECTED -> new DeliveredCase(stored.tokenId(), box);
            case WAITING, RETURNED, CANCELLED ->
                throw new WarehouseRejected(BOX_NOT_SHIPPED, box + " is not out for this pickup");
        };
    }

    /** What has left by then is not held up: its courier brings it back. */
    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(CancelShipment command) {
        List<TokenId> waiting = command.tokens().stream()
                .filter(token -> states.get(token) == State.WAITING)
                .toList();
        if (!waiting.isEmpty()) {
            apply(new ShipmentCancelled(command.pickupId(), waiting));
        }
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(ExpectReturn command) {
        List<TokenId> out = command.tokens().stream()
                .filter(token -> states.get(token) == State.SHIPPED)
                .toList();
        if (!out.isEmpty()) {
            apply(new ReturnExpected(command.pickupId(), out));
        }
    }

    private void requireKnown(PickupId pickup) {
        if (id == null) {
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

    private State state(StoredCase stored) {
        return states.getOrDefault(stored.tokenId(), State.WAITING);
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
    void on(CasesShipped event) {
        event.cases().forEach(shipped -> states.put(shipped.tokenId(), State.SHIPPED));
    }

    @EventSourcingHandler
    void on(CasesReturned event) {
        event.cases().forEach(returned -> states.put(returned.tokenId(), State.RETURNED));
    }

    @EventSourcingHandler
    void on(ShipmentCancelled event) {
        event.tokens().forEach(token -> states.put(token, State.CANCELLED));
    }

    @EventSourcingHandler
    void on(ReturnExpected event) {
        event.tokens().forEach(token -> states.put(token, State.EXPECTED));
    }
}
