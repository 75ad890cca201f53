package io.jiucang.delivery;

import io.jiucang.delivery.PickupCommand.CollectCases;
import io.jiucang.delivery.PickupCommand.KeepBackCases;
import io.jiucang.delivery.PickupCommand.ReturnCases;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ShipmentCancelled;
import io.jiucang.starter.inbox.PredecessorMissing;
import java.time.Clock;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.stereotype.Component;

/**
 * Whenever the warehouse gave cases away, kept them back or took them in again, their pickup learns of it, even one that
 * has ended. {@code ShipmentCancellationRefused} tells it nothing new: {@code CasesShipped} has come before.
 *
 * <p>What contradicts the pickup, such as the return of a delivered case, is left to fail: it becomes a dead letter, for a
 * person to look into.
 */
@Component
class PickupPolicy {

    private final CommandGateway commands;
    private final Clock clock;

    PickupPolicy(CommandGateway commands, Clock clock) {
        this.commands = commands;
        this.clock = clock;
    }

    @EventHandler
    void on(CasesShipped event) {
        commands.sendAndWait(new CollectCases(event.pickupId(), event.courier(), event.cases()));
    }

    @EventHandler
    void on(ShipmentCancelled event) {
        commands.sendAndWait(new KeepBackCases(event.pickupId(), event.tokens(), clock.instant()));
    }

    @EventHandler
    void on(CasesReturned event) {
        try {
            commands.sendAndWait(new ReturnCases(event.pickupId(), event.cases(), clock.instant()));
        } catch (DeliveryRejected e) {
            if (e.reason() == DeliveryRejected.Reason.CASES_NOT_COLLECTED) {
                throw new PredecessorMissing("cases of pickup " + event.pickupId() + " came back before they left");
            }
            throw e;
        }
    }
}
