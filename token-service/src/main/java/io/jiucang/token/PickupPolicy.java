package io.jiucang.token;

import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.token.TokenCommand.LockForPickup;
import io.jiucang.token.TokenCommand.RefuseLock;
import io.jiucang.token.TokenCommand.UnlockFromPickup;
import java.util.Comparator;
import java.util.stream.Stream;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.stereotype.Component;

/** Whenever an owner's signature asks for a pickup, its tokens are locked; whenever it ends undelivered, they are free. */
@Component
class PickupPolicy {

    private final CommandGateway commands;
    private final Signatures signatures;

    PickupPolicy(CommandGateway commands, Signatures signatures) {
        this.commands = commands;
        this.signatures = signatures;
    }

    @EventHandler
    void on(PickupAuthorised event) {
        boolean signed = signatures.hold(event);
        send(event.tokens().stream()
                .map(token -> signed
                        ? new LockForPickup(token.tokenId(), event.pickupId(), event.owner(), token.codeSha256())
                        : new RefuseLock(token.tokenId(), event.pickupId(), LockRefusal.INTENT_INVALID)));
    }

    @EventHandler
    void on(PickupCancelled event) {
        send(event.tokens().stream().map(token -> new UnlockFromPickup(token, event.pickupId())));
    }

    /** In one order always, so that pickups which share some tokens wait for each other, and never in a circle. */
    private void send(Stream<? extends TokenCommand> each) {
        each.sorted(Comparator.comparing(command -> command.tokenId().toString()))
                .forEach(commands::sendAndWait);
    }
}
