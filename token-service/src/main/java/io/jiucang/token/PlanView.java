package io.jiucang.token;

import io.jiucang.events.value.Money;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.VaultId;
import java.time.Instant;
import java.util.Map;

/**
 * A sales plan as the catalogue shows it.
 *
 * @param name by BCP 47 language tag
 * @param unsold how many cases are to be had
 * @param saleUntil exclusive
 */
record PlanView(
        PlanId planId,
        VaultId vaultId,
        String seller,
        String sku,
        String gtin,
        Map<String, String> name,
        long cases,
        long unsold,
        Money unitPrice,
        long perBuyerLimit,
        Instant saleFrom,
        Instant saleUntil,
        Vault vault) {

    record Vault(String site, String code) {}
}
