package io.jiucang.token;

import io.jiucang.events.BoxCode;
import io.jiucang.events.LedgerReference;
import io.jiucang.events.OrderId;
import io.jiucang.events.PickupId;
import io.jiucang.events.PlanId;
import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenId;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/** What one token can be asked. */
sealed interface TokenCommand {

    record AttachBoxCode(@TargetAggregateIdentifier TokenId tokenId, PlanId planId, OrderId orderId, BoxCode boxCode)
            implements TokenCommand {}

    /** @param sale and {@code release}: where the ledger has them, inclusion verified */
    record GrantTitle(
            @TargetAggregateIdentifier TokenId tokenId,
            OrderId orderId,
            String owner,
            LedgerReference sale,
            LedgerReference release)
            implements TokenCommand {}

    /** @param owner who, by a signature that was verified, wants it locked */
    record LockForPickup(@TargetAggregateIdentifier TokenId tokenId, PickupId pickupId, String owner)
            implements TokenCommand {}

    record RefuseLock(@TargetAggregateIdentifier TokenId tokenId, PickupId pickupId, LockRefusal reason)
            implements TokenCommand {}

    record UnlockFromPickup(@TargetAggregateIdentifier TokenId tokenId, PickupId pickupId) implements TokenCommand {}

    /**
     * @param boxCode of the case that was delivered
     * @param delivery where the ledger has it, inclusion verified
     */
    record BurnToken(
            @TargetAggregateIdentifier TokenId tokenId,
            PickupId pickupId,
            String owner,
            BoxCode boxCode,
            LedgerReference delivery)
            implements TokenCommand {}
}
