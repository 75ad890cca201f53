package io.jiucang.warehouse;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One shipment as scanners see it.
 *
 * @param position in the order of request
 * @param acceptBy until when a courier may accept it
 */
record ShipmentView(
        @JsonIgnore long position,
        String pickupId,
        String carrier,
        Instant requestedAt,
        Instant acceptBy,
        List<Case> cases) {

    /**
     * @param bin where it stands, or stood before it left
     * @param courier who took it
     */
    record Case(
            String tokenId, String boxCode, String site, String bin, Shipment.State state, Optional<String> courier) {}
}
