package io.jiucang.events;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.Require;
import io.jiucang.events.value.TokenId;
import java.time.Instant;
import java.util.List;

/** What delivery-service tells: pickup 提货 (S6), from the owner's signed word to the proof of delivery (S7). */
public sealed interface DeliveryEvent extends DomainEvent {

    PickupId pickupId();

    /**
     * S61: an owner wants cases; this is where they stand and what it will cost.
     *
     * @param carrier the carrier's name in the list of carriers
     * @param deliveryFee for the way to the door
     * @param custodyFee what keeping these cases has cost until now
     */
    record PickupOrdered(
            PickupId pickupId,
            String owner,
            String carrier,
            List<StoredCase> cases,
            Money deliveryFee,
            Money custodyFee,
            Instant orderedAt)
            implements DeliveryEvent {
        public PickupOrdered {
            Require.text(owner, "owner");
            Require.text(carrier, "carrier");
            cases = Require.some(cases, "cases");
        }
    }

    /**
     * S62 to S64: the owner, who gave the pickup password as well, calls for the cases; for which, and how, stands in their
     * statement alone. The address is sealed for the carrier, in an envelope that is in no event.
     *
     * @param carrierKeyId which of the carrier's keys the envelope is for
     * @param statement {@code jiucang-pickup-v1} ({@code docs/statements.md}), by a key of the owner's wallet, of this pickup
     */
    record PickupAuthorised(PickupId pickupId, String carrierKeyId, String statement) implements DeliveryEvent {
        public PickupAuthorised {
            Require.text(carrierKeyId, "carrierKeyId");
            Require.text(statement, "statement");
        }
    }

    /** Every token is locked: the carrier may accept until {@code acceptBy}, and the warehouse prepares the cases. */
    record DeliveryRequested(PickupId pickupId, String owner, String carrier, List<StoredCase> cases, Instant acceptBy)
            implements DeliveryEvent {
        public DeliveryRequested {
            Require.text(owner, "owner");
            Require.text(carrier, "carrier");
            cases = Require.some(cases, "cases");
        }
    }

    /** This courier will carry them; a colleague of the same carrier may take over by accepting in turn. */
    record DeliveryAccepted(PickupId pickupId, String carrier, String courier) implements DeliveryEvent {
        public DeliveryAccepted {
            Require.text(carrier, "carrier");
            Require.text(courier, "courier");
        }
    }

    /** These cases left the warehouse with this courier: from now on the owner cannot cancel. */
    record CasesCollected(PickupId pickupId, String courier, List<DeliveredCase> cases) implements DeliveryEvent {
        public CasesCollected {
            Require.text(courier, "courier");
            cases = Require.some(cases, "cases");
        }
    }

    /**
     * An attempt to hand over failed; there may be another, until the cases go back. It bears no free text: a courier's
     * note would sooner or later hold the address.
     */
    record DeliveryFailed(PickupId pickupId, long attempt, FailureReason reason) implements DeliveryEvent {
        public DeliveryFailed {
            Require.positive(attempt, "attempt");
        }
    }

    /**
     * S7: these cases were handed over.
     *
     * @param statement {@code jiucang-delivery-v1}, by the courier's phone: for each of their tokens the recipient's code
     */
    record DeliveryCompleted(PickupId pickupId, String owner, List<DeliveredCase> cases, String statement)
            implements DeliveryEvent {
        public DeliveryCompleted {
            Require.text(owner, "owner");
            cases = Require.some(cases, "cases");
            Require.text(statement, "statement");
        }
    }

    /** These cases go back to their warehouse; their tokens stay locked until they stand there. */
    record ReturnRequested(PickupId pickupId, List<DeliveredCase> cases, FailureReason reason)
            implements DeliveryEvent {
        public ReturnRequested {
            cases = Require.some(cases, "cases");
        }
    }

    /**
     * The owner wants the pickup to end, as far as its cases are still in the warehouse.
     *
     * @param statement {@code jiucang-pickup-cancellation-v1}, by a key of the owner's wallet, of this pickup's hold
     */
    record PickupCancelled(PickupId pickupId, String statement) implements DeliveryEvent {
        public PickupCancelled {
            Require.text(statement, "statement");
        }
    }

    /** The warehouse decides which of {@code tokens} can still be kept back: a case may be leaving at this moment. */
    record PickupCancellationRequested(PickupId pickupId, List<TokenId> tokens, PickupEndReason reason)
            implements DeliveryEvent {
        public PickupCancellationRequested {
            tokens = Require.some(tokens, "tokens");
        }
    }

    /** The pickup has ended for {@code tokens}, without their delivery; they are to be unlocked. */
    record PickupEnded(PickupId pickupId, String owner, List<TokenId> tokens, PickupEndReason reason)
            implements DeliveryEvent {
        public PickupEnded {
            Require.text(owner, "owner");
            tokens = Require.some(tokens, "tokens");
        }
    }

    /**
     * These cases came neither to the recipient nor back in time. Their tokens stay locked, because nothing is there to
     * dispose of; should the cases turn up in a warehouse, {@link PickupEnded} follows all the same.
     */
    record CasesLost(PickupId pickupId, String owner, String courier, List<DeliveredCase> cases)
            implements DeliveryEvent {
        public CasesLost {
            Require.text(owner, "owner");
            Require.text(courier, "courier");
            cases = Require.some(cases, "cases");
        }
    }

    /** The envelope and its key are gone: nobody can read the address any more. */
    record AddressDestroyed(PickupId pickupId, String envelopeSha256, Instant destroyedAt) implements DeliveryEvent {
        public AddressDestroyed {
            Require.sha256(envelopeSha256, "envelopeSha256");
        }
    }

    /** A case in custody: which, and where it stands. */
    record StoredCase(TokenId tokenId, BoxCode boxCode, String site, String bin) {
        public StoredCase {
            Require.text(site, "site");
            Require.text(bin, "bin");
        }
    }

    record DeliveredCase(TokenId tokenId, BoxCode boxCode) {

        /** Whose cases these are, in their order. */
        public static List<TokenId> tokens(List<DeliveredCase> cases) {
            return cases.stream().map(DeliveredCase::tokenId).toList();
        }
    }

    enum FailureReason {
        NOBODY_HOME,
        REFUSED_BY_RECIPIENT,
        RECIPIENT_UNDER_AGE,
        HANDOVER_CODE_WRONG,
        ADDRESS_UNREADABLE,
        CASE_DAMAGED,
        OTHER
    }

    enum PickupEndReason {
        OWNER,
        /** The owner's statement has no effect: it broke the law where the ledger has it. */
        VOID,
        /** Not shipped by the date that the owner named. */
        DATE_PASSED,
        /** A token was pledged, offered as a gift, in another pickup, or not the owner's. */
        LOCK_REFUSED,
        /** Token-service did not answer in time. */
        LOCK_OVERDUE,
        NOT_AUTHORISED_IN_TIME,
        NOT_ACCEPTED_IN_TIME,
        NOT_COLLECTED_IN_TIME,
        RETURNED
    }
}
