package io.jiucang.token;

import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.TokenId;
import org.axonframework.modelling.command.TargetAggregateIdentifier;
import org.jspecify.annotations.Nullable;

/** What one token can be asked. */
sealed interface TokenCommand {

    TokenId tokenId();

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

    /**
     * @param owner who, by a signature that was verified, wants it locked
     * @param codeSha256 the hashlock that this signature names
     */
    record LockForPickup(@TargetAggregateIdentifier TokenId tokenId, PickupId pickupId, String owner, String codeSha256)
            implements TokenCommand {}

    record RefuseLock(@TargetAggregateIdentifier TokenId tokenId, PickupId pickupId, LockRefusal reason)
            implements TokenCommand {}

    record UnlockFromPickup(@TargetAggregateIdentifier TokenId tokenId, PickupId pickupId) implements TokenCommand {}

    /**
     * @param boxCode of the case that was delivered
     * @param code what the recipient gave for it, if anything
     * @param delivery where the ledger has it, inclusion verified
     */
    record BurnToken(
            @TargetAggregateIdentifier TokenId tokenId,
            PickupId pickupId,
            String owner,
            BoxCode boxCode,
            @Nullable HandoverCode code,
            LedgerReference delivery)
            implements TokenCommand {}
}
