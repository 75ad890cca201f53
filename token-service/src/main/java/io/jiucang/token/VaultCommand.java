package io.jiucang.token;

import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.VaultId;
import io.jiucang.title.statement.Act;
import java.time.Instant;
import java.util.Map;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/** What a vault can be asked. */
sealed interface VaultCommand {

    /**
     * @param offer what {@code statement} says, judged by the law
     * @param name the product's, by BCP 47 language tag
     * @param code the vault's short name on its door
     */
    record CreateSalesPlan(
            @TargetAggregateIdentifier VaultId vaultId,
            PlanId planId,
            Act.Offer offer,
            String statement,
            Map<String, String> name,
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

    /** @param sale as the law would let it stand, of what is reserved for its order */
    record SellTokens(@TargetAggregateIdentifier VaultId vaultId, TokensSold sale) implements VaultCommand {}

    /** @param serials the order's, reserved, or sold by an event that proved void; they shall be unsold again */
    record RefuseSale(@TargetAggregateIdentifier VaultId vaultId, OrderId orderId, Serials serials, String why)
            implements VaultCommand {}

    /** @param undoing as the law would let it stand */
    record UndoSale(@TargetAggregateIdentifier VaultId vaultId, SaleUndone undoing) implements VaultCommand {}

    /** @param sale where the valid one stands that this service did not tell */
    record AdoptSale(@TargetAggregateIdentifier VaultId vaultId, OrderId orderId, Serials serials, Cite sale)
            implements VaultCommand {}

    /** @param serials the order's, reserved, or sold and undone, which shall be unsold again */
    record ReleaseTokens(@TargetAggregateIdentifier VaultId vaultId, OrderId orderId, Serials serials)
            implements VaultCommand {}
}
