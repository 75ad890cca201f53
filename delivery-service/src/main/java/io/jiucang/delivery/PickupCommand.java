package io.jiucang.delivery;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.FailureReason;
import io.jiucang.events.DeliveryEvent.PickupCancellation;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.wallet.DeliveryProof;
import io.jiucang.starter.wallet.Intent;
import java.time.Instant;
import java.util.List;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/** What a pickup can be told. */
sealed interface PickupCommand {

    PickupId pickupId();

    /** @param custody what is known of the owner's cases among {@code tokens} */
    record OrderPickup(
            @TargetAggregateIdentifier PickupId pickupId,
            String owner,
            String carrier,
            List<TokenId> tokens,
            List<CustodyCase> custody,
            Tariff tariff,
            Instant now)
            implements PickupCommand {}

    /** @param envelope for a key of the carrier's that is valid now */
    record AuthorisePickup(@TargetAggregateIdentifier PickupId pickupId, Envelope envelope, Intent intent, Instant now)
            implements PickupCommand {}

    /** Every token is locked. */
    record RequestDelivery(@TargetAggregateIdentifier PickupId pickupId, Instant acceptBy) implements PickupCommand {}

    record AcceptDelivery(@TargetAggregateIdentifier PickupId pickupId, String courier) implements PickupCommand {}

    /** The warehouse gave these cases to the courier. */
    record CollectCases(@TargetAggregateIdentifier PickupId pickupId, String courier, List<DeliveredCase> cases)
            implements PickupCommand {}

    record CompleteDelivery(
            @TargetAggregateIdentifier PickupId pickupId, String courier, DeliveryProof proof, Instant now)
            implements PickupCommand {}

    /** @param attempts how many there may be */
    record FailDelivery(
            @TargetAggregateIdentifier PickupId pickupId,
            String courier,
            FailureReason reason,
            int attempts,
            Instant now)
            implements PickupCommand {}

    /** The owner wants out, a lock was refused, or somebody did not act in time. */
    record CancelPickup(@TargetAggregateIdentifier PickupId pickupId, PickupCancellation reason, Instant now)
            implements PickupCommand {}

    /** The warehouse had not given these away, and will not any more. */
    record KeepBackCases(@TargetAggregateIdentifier PickupId pickupId, List<TokenId> tokens, Instant now)
            implements PickupCommand {}

    /** The courier came to no result in time. */
    record GiveUpDelivery(@TargetAggregateIdentifier PickupId pickupId, Instant now) implements PickupCommand {}

    /** These cases stand in a warehouse again. */
    record ReturnCases(@TargetAggregateIdentifier PickupId pickupId, List<DeliveredCase> cases, Instant now)
            implements PickupCommand {}

    /** The cases did not come back in time. */
    record GiveUpReturn(@TargetAggregateIdentifier PickupId pickupId) implements PickupCommand {}
}
