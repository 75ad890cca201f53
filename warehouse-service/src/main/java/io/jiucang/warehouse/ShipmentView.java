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
 * @param overdue whether some of its cases wait for longer than the deadline
 */
record ShipmentView(
        @JsonIgnore long position,
        String pickupId,
        String carrier,
        Instant requestedAt,
        Instant acceptBy,
        boolean overdue,
        List<Case> cases) {

    /**
     * @param bin where it stands, or stood before it left
     * @param courier who took it
     */
    record Case(
            String tokenId, String boxCode, String site, String bin, Shipment.State state, Optional<String> courier) {}
}
