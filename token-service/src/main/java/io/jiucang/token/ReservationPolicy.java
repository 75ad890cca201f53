package io.jiucang.token;

import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.value.VaultId;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import io.jiucang.token.VaultCommand.ReleaseTokens;
import io.jiucang.token.VaultCommand.ReserveTokens;
import java.time.Instant;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.Timestamp;
import org.springframework.stereotype.Component;

/** Whenever an order is placed, its cases are reserved; whenever it ends unsold, they are free again. */
@Component
class ReservationPolicy {

    private final CommandGateway commands;
    private final ReservationTable reservations;

    ReservationPolicy(CommandGateway commands, ReservationTable reservations) {
        this.commands = commands;
        this.reservations = reservations;
    }

    @EventHandler
    void on(OrderPlaced event, @Timestamp Instant at) {
        if (reservations.find(event.orderId()).isEmpty()) {
            Statement<Act.Order> intent = Statements.read(event.statement(), Act.Order.class);
            VaultId vault = intent.act().vault();
            String buyer = intent.spoken().sub();
            commands.sendAndWait(new ReserveTokens(
                    vault, event.orderId(), buyer, intent.act().quantity(), reservations.heldBy(buyer, vault), at));
        }
    }

    /** What was sold comes back by the law alone, whatever order-service says. */
    @EventHandler
    void on(OrderEnded event) {
        reservations
                .find(event.orderId())
                .filter(reservation ->
                        !reservation.sold() && !reservation.held().isEmpty())
                .ifPresent(reservation -> commands.sendAndWait(
                        new ReleaseTokens(reservation.vaultId(), event.orderId(), reservation.held())));
    }
}
