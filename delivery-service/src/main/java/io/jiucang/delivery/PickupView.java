package io.jiucang.delivery;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.jiucang.events.DeliveryEvent.PickupCancellation;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
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
        @Nullable PickupCancellation cancellation,
        Instant orderedAt,
        @Nullable Instant acceptBy,
        @Nullable String carrierKeyId,
        @Nullable String envelopeSha256,
        boolean addressDestroyed,
        @Nullable String courier,
        long attempts,
        long version) {

    record Case(TokenId tokenId, BoxCode boxCode, String site, String bin, Pickup.CaseState state) {}
}
