package io.jiucang.warehouse;

import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import java.time.Instant;
import java.util.List;

/**
 * What a shipment keeps to itself, for others have told everyone already. What becomes of its cases is told by
 * {@code WarehouseEvent}. Class names are what the stored events are known by.
 */
sealed interface ShipmentEvent {

    record ShipmentRequested(PickupId pickupId, String carrier, List<StoredCase> cases, Instant acceptBy)
            implements ShipmentEvent {}

    /** Token-service keeps this token for the pickup. */
    record LockNoted(PickupId pickupId, TokenId tokenId) implements ShipmentEvent {}

    record UnlockNoted(PickupId pickupId, TokenId tokenId) implements ShipmentEvent {}

    /** These cases are on their way back. */
    record ReturnExpected(PickupId pickupId, List<TokenId> tokens) implements ShipmentEvent {}
}
