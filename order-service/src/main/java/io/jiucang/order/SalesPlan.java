package io.jiucang.order;

import io.jiucang.events.value.Money;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.VaultId;
import java.time.Instant;

/**
 * A seller's offer, as far as an order depends on it.
 *
 * @param saleUntil exclusive end of the sale
 */
record SalesPlan(
        PlanId planId, VaultId vaultId, Money unitPrice, long perBuyerLimit, Instant saleFrom, Instant saleUntil) {}
