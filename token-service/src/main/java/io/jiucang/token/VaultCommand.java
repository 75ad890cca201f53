package io.jiucang.token;

import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.VaultId;
import java.time.Instant;
import java.util.Map;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/** What a vault can be asked. */
sealed interface VaultCommand {

    /** @param site warehouse site and {@code code} the vault's short name there */
    record CreateSalesPlan(
            @TargetAggregateIdentifier VaultId vaultId,
            PlanId planId,
            String seller,
            String sku,
            String gtin,
            Map<String, String> name,
            long cases,
            Money unitPrice,
            long perBuyerLimit,
            Instant saleFrom,
            Instant saleUntil,
            String site,
            String code)
            implements VaultCommand {}

    /** @param held how many cases of this vault the buyer has reserved or bought already */
    record ReserveTokens(
            @TargetAggregateIdentifier VaultId vaultId,
            OrderId orderId,
            String buyer,
            long quantity,
            long held,
            Instant placedAt)
            implements VaultCommand {}

    /** @param serials reserved for the order, now paid for */
    record SellTokens(@TargetAggregateIdentifier VaultId vaultId, OrderId orderId, String buyer, Serials serials)
            implements VaultCommand {}

    /** @param serials the order's, reserved or sold, which shall be unsold again */
    record ReleaseTokens(@TargetAggregateIdentifier VaultId vaultId, OrderId orderId, Serials serials)
            implements VaultCommand {}
}
