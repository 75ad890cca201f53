package io.jiucang.token;

import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/** What one token can be asked. */
sealed interface TokenCommand {

    TokenId tokenId();

    /** @param grant as the law would let it stand */
    record GrantTitle(@TargetAggregateIdentifier TokenId tokenId, TokenGranted grant) implements TokenCommand {}

    /**
     * @param owner who, by a signature that was verified, wants it locked
     * @param hashlock the hashlock that this signature names
     */
    record LockForPickup(@TargetAggregateIdentifier TokenId tokenId, PickupId pickupId, String owner, String hashlock)
            implements TokenCommand {}

    record UnlockFromPickup(@TargetAggregateIdentifier TokenId tokenId, PickupId pickupId) implements TokenCommand {}

    /**
     * @param boxCode of the case that was delivered
     * @param code what the recipient gave for it
     * @param delivery where the ledger has it, inclusion verified
     */
    record BurnToken(
            @TargetAggregateIdentifier TokenId tokenId,
            PickupId pickupId,
            String owner,
            BoxCode boxCode,
            HandoverCode code,
            LedgerReference delivery)
            implements TokenCommand {}
}
