package io.jiucang.delivery;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.FailureReason;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.title.Ruling;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.HoldId;
import io.jiucang.title.statement.Statement;
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

    /**
     * @param envelope for a key of the carrier's that is valid now
     * @param word the {@code statement}, read
     * @param ruling what the law would say of it now
     */
    record AuthorisePickup(
            @TargetAggregateIdentifier PickupId pickupId,
            Envelope envelope,
            Statement<Act.Pickup> word,
            String statement,
            Ruling ruling)
            implements PickupCommand {}

    /** Every token is locked. */
    record RequestDelivery(@TargetAggregateIdentifier PickupId pickupId, Instant acceptBy) implements PickupCommand {}

    record AcceptDelivery(@TargetAggregateIdentifier PickupId pickupId, String courier) implements PickupCommand {}

    /** The warehouse gave these cases to the courier. */
    record CollectCases(@TargetAggregateIdentifier PickupId pickupId, String courier, List<DeliveredCase> cases)
            implements PickupCommand {}

    /** @param proof the {@code statement}, read; by a phone of the pickup's carrier */
    record CompleteDelivery(
            @TargetAggregateIdentifier PickupId pickupId,
            String courier,
            Act.Delivery proof,
            String statement,
            Instant now)
            implements PickupCommand {}

    /** @param attempts how many there may be */
    record FailDelivery(
            @TargetAggregateIdentifier PickupId pickupId,
            String courier,
            FailureReason reason,
            int attempts,
            Instant now)
            implements PickupCommand {}

    /**
     * The owner wants out.
     *
     * @param hold the one that the {@code statement} ends
     * @param ruling what the law would say of it now
     */
    record CancelPickup(
            @TargetAggregateIdentifier PickupId pickupId, HoldId hold, String statement, Ruling ruling, Instant now)
            implements PickupCommand {}

    /** The owner's word is void, a lock was refused, or somebody did not act in time. */
    record EndPickup(@TargetAggregateIdentifier PickupId pickupId, PickupEndReason reason, Instant now)
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
