package io.jiucang.token;

import static io.jiucang.token.TokenRejected.Reason.CASE_HAS_LEFT;

import io.jiucang.events.OrderEvent.CasesWithdrawn;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.VaultId;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import io.jiucang.token.Reservations.Reservation;
import io.jiucang.token.VaultCommand.ReleaseTokens;
import io.jiucang.token.VaultCommand.ReserveTokens;
import java.time.Instant;
import java.util.function.Function;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.Timestamp;
import org.springframework.stereotype.Component;

/** Whenever an order is placed, its cases are reserved; whenever it loses cases, they are unsold again. */
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

    @EventHandler
    void on(OrderEnded event) {
        release(event.orderId(), Reservation::held);
    }

    @EventHandler
    void on(CasesWithdrawn event) {
        release(event.orderId(), reservation -> Serials.of(reservation.vaultId(), event.tokens()));
    }

    /** What is released already stays so; an order that reserved nothing has nothing to release. */
    private void release(OrderId orderId, Function<Reservation, Serials> which) {
        reservations.find(orderId).ifPresent(reservation -> {
            Serials serials = which.apply(reservation).and(reservation.held());
            if (!serials.and(reservation.released()).isEmpty()) {
                // The order contradicts the warehouse. Its case must not be sold twice; an operator has to look.
                throw new TokenRejected(CASE_HAS_LEFT, "cases of order " + orderId + " have left their bins");
            }
            if (!serials.isEmpty()) {
                commands.sendAndWait(new ReleaseTokens(reservation.vaultId(), orderId, serials));
            }
        });
    }
}
