package io.jiucang.delivery;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.title.statement.HoldId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pickup as its owner sees it.
 *
 * @param position in the list of all pickups, by age
 * @param requested whether its carrier has been told of it
 * @param total both fees together
 * @param cancellation why cases of it were cancelled, or the warehouse was asked to keep them back, the last time
 * @param holdId of the owner's statement, once there is one: what a cancellation, and a proof of delivery, name it by
 * @param version grows with every change
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PickupView(
        @JsonIgnore long position,
        PickupId pickupId,
        @JsonIgnore String owner,
        String carrier,
        Pickup.Status status,
        @JsonIgnore boolean requested,
        List<Case> cases,
        Money deliveryFee,
        Money custodyFee,
        Money total,
        @Nullable PickupEndReason cancellation,
        Instant orderedAt,
        @Nullable Instant acceptBy,
        @Nullable HoldId holdId,
        @Nullable String carrierKeyId,
        @Nullable String envelopeSha256,
        boolean addressDestroyed,
        @Nullable String courier,
        long attempts,
        long version) {

    record Case(TokenId tokenId, BoxCode boxCode, String site, String bin, PickupCases.State state) {}
}
