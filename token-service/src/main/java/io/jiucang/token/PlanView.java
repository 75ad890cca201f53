package io.jiucang.token;

import io.jiucang.events.value.Money;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.VaultId;
import java.time.Instant;
import java.util.Map;

/**
 * A sales plan as the catalogue shows it: what the winery offers, and how much of it is left.
 *
 * @param winery its id in the directory
 * @param name by BCP 47 language tag
 * @param unsold how many of {@code count} cases are to be had
 * @param price of one case
 * @param limit the most cases for one buyer
 * @param until exclusive
 * @param agreement lower-case hex SHA-256 of the custody agreement that a buyer accepts
 * @param deliverBy days after the sale
 * @param longestPayBy seconds a buyer has to pay, at most
 * @param offer lower-case hex id of the winery's statement, which a buyer's order names
 * @param statement the winery's own words, for a device to verify
 */
record PlanView(
        PlanId planId,
        VaultId vaultId,
        String winery,
        String product,
        String gtin,
        Map<String, String> name,
        long count,
        long unsold,
        Money price,
        long limit,
        Instant from,
        Instant until,
        Vault vault,
        String agreement,
        int deliverBy,
        long longestPayBy,
        String offer,
        String statement) {

    record Vault(String site, String code) {}
}
