package io.jiucang.warehouse;

import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.WarehouseEvent.CaseStated;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/** What the warehouse can be told to do. */
sealed interface WarehouseCommand {

    record ShelveCase(@TargetAggregateIdentifier BoxCode boxCode, String site, String bin)
            implements WarehouseCommand {}

    record ReportDamage(@TargetAggregateIdentifier BoxCode boxCode, String description) implements WarehouseCommand {}

    record PickCase(@TargetAggregateIdentifier BoxCode boxCode, ReleaseId releaseId, Scan scan)
            implements WarehouseCommand {}

    record RequestRelease(
            @TargetAggregateIdentifier ReleaseId releaseId,
            OrderId orderId,
            VaultId vaultId,
            String site,
            String gtin,
            List<TokenId> tokens,
            Cite sale)
            implements WarehouseCommand {}

    /**
     * @param statement a dock's, that the law would let stand
     * @param cases by token, as it says
     */
    record ReleaseCases(
            @TargetAggregateIdentifier ReleaseId releaseId, String statement, Map<TokenId, CasePicked> cases)
            implements WarehouseCommand {}

    record CancelRelease(@TargetAggregateIdentifier ReleaseId releaseId) implements WarehouseCommand {}

    /** @param word what a dock says, and beside a refusal the warehouse, that the law would let stand */
    record StateCases(@TargetAggregateIdentifier ReleaseId releaseId, CaseStated word) implements WarehouseCommand {}

    /** A case in custody leaves with a courier. */
    record DispatchCase(@TargetAggregateIdentifier BoxCode boxCode, PickupId pickupId, Scan scan)
            implements WarehouseCommand {}

    record ReshelveCase(@TargetAggregateIdentifier BoxCode boxCode, String site, String bin, PickupId pickupId)
            implements WarehouseCommand {}

    record RequestShipment(
            @TargetAggregateIdentifier PickupId pickupId, String carrier, List<StoredCase> cases, Instant acceptBy)
            implements WarehouseCommand {}

    record NoteLock(@TargetAggregateIdentifier PickupId pickupId, TokenId tokenId) implements WarehouseCommand {}

    record NoteUnlock(@TargetAggregateIdentifier PickupId pickupId, TokenId tokenId) implements WarehouseCommand {}

    record ShipCases(@TargetAggregateIdentifier PickupId pickupId, String courier, List<CaseDispatched> cases)
            implements WarehouseCommand {}

    record ReturnCases(@TargetAggregateIdentifier PickupId pickupId, String site, String bin, List<BoxCode> boxCodes)
            implements WarehouseCommand {}

    /** Keeps back what has not left yet. */
    record CancelShipment(@TargetAggregateIdentifier PickupId pickupId, List<TokenId> tokens)
            implements WarehouseCommand {}

    record ExpectReturn(@TargetAggregateIdentifier PickupId pickupId, List<TokenId> tokens)
            implements WarehouseCommand {}

    /**
     * Who took a case out of its bin, with what, and when by that device's clock.
     *
     * @param worker subject of the access token
     */
    record Scan(String scanner, String worker, Instant scannedAt) {}
}
