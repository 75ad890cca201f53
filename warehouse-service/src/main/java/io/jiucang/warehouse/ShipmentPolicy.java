package io.jiucang.warehouse;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryRequested;
import io.jiucang.events.DeliveryEvent.PickupCancellationRequested;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.warehouse.WarehouseCommand.CancelShipment;
import io.jiucang.warehouse.WarehouseCommand.ExpectReturn;
import io.jiucang.warehouse.WarehouseCommand.NoteLock;
import io.jiucang.warehouse.WarehouseCommand.NoteUnlock;
import io.jiucang.warehouse.WarehouseCommand.RequestShipment;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.stereotype.Component;

/**
 * Whenever a delivery is requested, its cases shall be shipped; whenever its cancellation is, those that have not left
 * are kept back; whenever cases come back, they are expected. These three come by one topic and in order, the locks of
 * their tokens by another.
 *
 * <p>{@code PickupEnded} says nothing new here: it follows from what this service told.
 */
@Component
class ShipmentPolicy {

    private final StockViews stock;
    private final CommandGateway commands;

    ShipmentPolicy(StockViews stock, CommandGateway commands) {
        this.stock = stock;
        this.commands = commands;
    }

    /** Tokens are locked, not boxes: a request that names a token with another box is left to fail, and never ships. */
    @EventHandler
    void on(DeliveryRequested event) {
        for (StoredCase stored : event.cases()) {
            if (!stock.standsFor(stored.boxCode(), stored.tokenId())) {
                throw new IllegalStateException(stored.boxCode() + " does not stand for " + stored.tokenId());
            }
        }
        commands.sendAndWait(new RequestShipment(event.pickupId(), event.carrier(), event.cases(), event.acceptBy()));
    }

    @EventHandler
    void on(TokenLocked event) {
        commands.sendAndWait(new NoteLock(event.pickupId(), event.tokenId()));
    }

    @EventHandler
    void on(TokenUnlocked event) {
        commands.sendAndWait(new NoteUnlock(event.pickupId(), event.tokenId()));
    }

    @EventHandler
    void on(PickupCancellationRequested event) {
        commands.sendAndWait(new CancelShipment(event.pickupId(), event.tokens()));
    }

    @EventHandler
    void on(ReturnRequested event) {
        commands.sendAndWait(new ExpectReturn(event.pickupId(), DeliveredCase.tokens(event.cases())));
    }
}
