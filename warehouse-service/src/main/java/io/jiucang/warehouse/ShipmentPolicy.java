package io.jiucang.warehouse;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryRequested;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.warehouse.WarehouseCommand.CancelShipment;
import io.jiucang.warehouse.WarehouseCommand.ExpectReturn;
import io.jiucang.warehouse.WarehouseCommand.RequestShipment;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.stereotype.Component;

/**
 * Whenever a delivery is requested, its cases shall be shipped; whenever the pickup is cancelled, those that wait shall
 * not; whenever cases come back, they are expected. All three come by one topic and in order.
 */
@Component
class ShipmentPolicy {

    private final CommandGateway commands;

    ShipmentPolicy(CommandGateway commands) {
        this.commands = commands;
    }

    @EventHandler
    void on(DeliveryRequested event) {
        commands.sendAndWait(new RequestShipment(event.pickupId(), event.carrier(), event.cases(), event.acceptBy()));
    }

    @EventHandler
    void on(PickupCancelled event) {
        commands.sendAndWait(new CancelShipment(event.pickupId(), event.tokens()));
    }

    @EventHandler
    void on(ReturnRequested event) {
        commands.sendAndWait(new ExpectReturn(
                event.pickupId(),
                event.cases().stream().map(DeliveredCase::tokenId).toList()));
    }
}
