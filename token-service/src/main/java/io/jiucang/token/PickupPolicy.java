package io.jiucang.token;

import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupEnded;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import io.jiucang.token.TokenCommand.LockForPickup;
import io.jiucang.token.TokenCommand.UnlockFromPickup;
import java.util.Comparator;
import java.util.stream.Stream;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.stereotype.Component;

/** Whenever an owner's anchored word asks for a pickup, its tokens are locked; whenever it ends undelivered, they are free. */
@Component
class PickupPolicy {

    private final CommandGateway commands;

    PickupPolicy(CommandGateway commands) {
        this.commands = commands;
    }

    @EventHandler
    void on(PickupAuthorised event) {
        Statement<Act.Pickup> word = Statements.read(event.statement(), Act.Pickup.class);
        String owner = word.spoken().sub();
        send(word.act().hashlocks().entrySet().stream()
                .map(lock -> new LockForPickup(
                        lock.getKey(), event.pickupId(), owner, lock.getValue().hex())));
    }

    @EventHandler
    void on(PickupEnded event) {
        send(event.tokens().stream().map(token -> new UnlockFromPickup(token, event.pickupId())));
    }

    /** In one order always, so that pickups which share some tokens wait for each other, and never in a circle. */
    private void send(Stream<? extends TokenCommand> each) {
        each.sorted(Comparator.comparing(command -> command.tokenId().toString()))
                .forEach(commands::sendAndWait);
    }
}
