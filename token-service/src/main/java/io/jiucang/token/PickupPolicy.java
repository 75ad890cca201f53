package io.jiucang.token;

import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenId;
import io.jiucang.token.TokenCommand.LockForPickup;
import io.jiucang.token.TokenCommand.RefuseLock;
import io.jiucang.token.TokenCommand.UnlockFromPickup;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
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
        each(
                event.tokens(),
                token -> signed
                        ? new LockForPickup(token, event.pickupId(), event.owner())
                        : new RefuseLock(token, event.pickupId(), LockRefusal.INTENT_INVALID));
    }

    @EventHandler
    void on(PickupCancelled event) {
        each(event.tokens(), token -> new UnlockFromPickup(token, event.pickupId()));
    }

    /** In one order always, so that pickups which share some tokens wait for each other, and never in a circle. */
    private void each(List<TokenId> tokens, Function<TokenId, TokenCommand> command) {
        tokens.stream()
                .sorted(Comparator.comparing(TokenId::toString))
                .map(command)
                .forEach(commands::sendAndWait);
    }
}
