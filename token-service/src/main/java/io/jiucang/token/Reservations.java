package io.jiucang.token;

import io.jiucang.events.value.OrderId;
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
     * @param underWay of which an event of title is told, and not ruled yet
     * @param sold whether a sale of them was told
     */
    record Reservation(OrderId orderId, VaultId vaultId, String buyer, Serials held, Serials underWay, boolean sold) {}
}
