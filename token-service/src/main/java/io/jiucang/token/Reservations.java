package io.jiucang.token;

import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.VaultId;
import java.util.Optional;

/** Which serials are whose, order by order. */
interface Reservations {

    Optional<Reservation> find(OrderId orderId);

    /** @throws IllegalStateException if nothing was ever reserved for it: whoever says so is wrong */
    default Reservation get(OrderId orderId) {
        return find(orderId).orElseThrow(() -> new IllegalStateException("nothing was reserved for order " + orderId));
    }

    /**
     * @param held reserved or sold; none for an order that was refused, or has ended without title
     * @param released those of them whose cases have left their bins, and which are the buyer's in the end
     * @param sold whether they are paid for
     */
    record Reservation(
            OrderId orderId,
            VaultId vaultId,
            PlanId planId,
            String buyer,
            Serials held,
            Serials released,
            boolean sold) {}
}
