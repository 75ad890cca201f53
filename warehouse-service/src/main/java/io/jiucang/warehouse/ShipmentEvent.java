package io.jiucang.warehouse;

import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.PickupId;
import io.jiucang.events.TokenId;
import java.time.Instant;
import java.util.List;

/**
 * What a shipment keeps to itself; delivery-service has told everyone already. What leaves and returns,
 * {@code CasesShipped} and {@code CasesReturned} tell. Class names are what the stored events are known by.
 */
sealed interface ShipmentEvent {

    record ShipmentRequested(PickupId pickupId, String carrier, List<StoredCase> cases, Instant acceptBy)
            implements ShipmentEvent {}

    /** These cases will not leave for this pickup. */
    record ShipmentCancelled(PickupId pickupId, List<TokenId> tokens) implements ShipmentEvent {}

    /** These cases are on their way back. */
    record ReturnExpected(PickupId pickupId, List<TokenId> tokens) implements ShipmentEvent {}
}
