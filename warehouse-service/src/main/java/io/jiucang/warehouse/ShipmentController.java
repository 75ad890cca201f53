package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseRejected.Reason.SHIPMENT_UNKNOWN;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.value.PickupId;
import io.jiucang.starter.web.Page;
import io.jiucang.warehouse.WarehouseCommand.Scan;
import java.security.Principal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The worklist at the ramp: cases to hand to couriers, and cases they bring back. */
@RestController
@RequestMapping("/api/v1/shipments")
@PreAuthorize("hasRole('WAREHOUSE')")
class ShipmentController {

    private static final int PAGE = 50;

    private final ScannerPosts posts;
    private final ShipmentViews shipments;

    ShipmentController(ScannerPosts posts, ShipmentViews shipments) {
        this.posts = posts;
        this.shipments = shipments;
    }

    @GetMapping
    Page<ShipmentView> list(
            @RequestParam(required = false) @Nullable String site,
            @RequestParam(required = false) Shipment.@Nullable State state,
            @RequestParam(required = false) @Nullable String cursor) {
        return Page.of(
                shipments.list(Text.parameter(site, "site"), state, Page.after(cursor), PAGE),
                PAGE,
                ShipmentView::position);
    }

    @GetMapping("/{id}")
    ShipmentView get(@PathVariable PickupId id) {
        return shipments
                .find(id)
                .orElseThrow(() -> new WarehouseRejected(SHIPMENT_UNKNOWN, "there is no shipment for pickup " + id));
    }

    @PostMapping("/{id}/scans")
    Shipped scan(@PathVariable PickupId id, @RequestBody Scans scans, Principal worker) {
        Scan scan = new Scan(scans.scanner(), worker.getName(), scans.scannedAt());
        return new Shipped(
                id, posts.ship(id, scans.boxCodes(), scans.courier(), scan).cases());
    }

    @PostMapping("/{id}/returns")
    Returned takeBack(@PathVariable PickupId id, @RequestBody Returns returns) {
        return new Returned(
                id,
                posts.takeBack(id, returns.site(), returns.bin(), returns.boxCodes())
                        .cases());
    }

    /**
     * @param boxCodes as scanned
     * @param courier the courier's subject at the identity provider
     * @param scanner the device
     */
    record Scans(List<String> boxCodes, String courier, String scanner, Instant scannedAt) {
        Scans {
            boxCodes = List.copyOf(boxCodes);
            Text.require(courier, "courier", 64);
            Text.require(scanner, "scanner", 64);
        }
    }

    record Shipped(PickupId pickupId, List<DeliveredCase> shipped) {}

    /** @param bin where they are put */
    record Returns(String site, String bin, List<String> boxCodes) {
        Returns {
            Text.require(site, "site", 64);
            Text.require(bin, "bin", 64);
            boxCodes = List.copyOf(boxCodes);
        }
    }

    record Returned(PickupId pickupId, List<DeliveredCase> returned) {}
}
