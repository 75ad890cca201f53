package io.jiucang.token;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.TokenId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A token as its owner sees it. What came with the title, the box code too, is there from {@link State#HELD} on.
 *
 * @param name the product's, by BCP 47 language tag
 * @param sale and {@code release}: where the ledger has what the title rests on
 * @param pickupId what it is locked or was burned for
 * @param delivery where the ledger has what the burning rests on
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TokenView(
        TokenId tokenId,
        PlanId planId,
        Map<String, String> name,
        State state,
        String site,
        @Nullable BoxCode boxCode,
        @Nullable Instant grantedAt,
        @Nullable Cite sale,
        @Nullable Cite release,
        @Nullable PickupId pickupId,
        @Nullable Instant burnedAt,
        @Nullable LedgerReference delivery) {

    enum State {
        MINTED,
        RESERVED,
        SOLD,
        /** Refused by the warehouse, its money given back. */
        LOST,
        HELD,
        PICKUP_PENDING,
        BURNED
    }

    /** The token and its whole life, oldest first. */
    record Life(TokenView token, List<Step> history) {}

    /**
     * @param type CloudEvents type
     * @param ledgerIndex where the ledger has it, once its inclusion is proven to us
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Step(
            String type,
            String eventId,
            Instant at,
            @Nullable Long ledgerIndex) {}
}
