package io.jiucang.token;

import io.jiucang.events.BoxCode;
import io.jiucang.events.LedgerReference;
import io.jiucang.events.OrderId;
import io.jiucang.events.PlanId;
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
}
