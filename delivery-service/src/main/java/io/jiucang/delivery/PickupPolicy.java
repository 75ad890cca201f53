package io.jiucang.delivery;

import io.jiucang.delivery.PickupCommand.CollectCases;
import io.jiucang.delivery.PickupCommand.EndPickup;
import io.jiucang.delivery.PickupCommand.KeepBackCases;
import io.jiucang.delivery.PickupCommand.ReturnCases;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ShipmentCancelled;
import io.jiucang.starter.inbox.PredecessorMissing;
import io.jiucang.starter.law.OwnAnchored;
import io.jiucang.title.Ruling;
import java.time.Clock;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Whenever the law says that an owner's word has no effect, its pickup ends. Whenever the warehouse gave cases away, kept them back or took them in again, their pickup learns of it, even one that
 * has ended. {@code ShipmentCancellationRefused} tells it nothing new: {@code CasesShipped} has come before.
 *
 * <p>What contradicts the pickup, such as the return of a delivered case, is left to fail: it becomes a dead letter, for a
 * person to look into.
 */
@Component
class PickupPolicy {

    private static final Logger log = LoggerFactory.getLogger(PickupPolicy.class);

    private final CommandGateway commands;
    private final Clock clock;

    PickupPolicy(CommandGateway commands, Clock clock) {
        this.commands = commands;
        this.clock = clock;
    }

    /** Nobody locks anything for it; if it has ended meanwhile, all the better. */
    @EventHandler
    void on(OwnAnchored own) {
        if (own.event() instanceof PickupAuthorised authorised && own.ruling() instanceof Ruling.Voided voided) {
            log.warn("pickup {} is void: {}", authorised.pickupId(), voided);
            try {
                commands.sendAndWait(new EndPickup(authorised.pickupId(), PickupEndReason.VOID, clock.instant()));
            } catch (DeliveryRejected e) {
                log.debug("nothing to undo: {}", e.getMessage());
            }
        }
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
