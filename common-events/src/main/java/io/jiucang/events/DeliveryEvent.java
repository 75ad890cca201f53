package io.jiucang.events;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
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
     * S62 to S64: the owner has encrypted the address for the carrier, signed for it, and given the pickup password.
     *
     * @param tokens each under the hashlock of its own handover code
     * @param carrierKeyId which of the carrier's keys the envelope is for
     * @param envelopeSha256 lower-case hex SHA-256 of the compact JWE's ASCII bytes; the envelope itself is in no event
     * @param intent the owner's signed intent (compact JWS, ES256): act {@code pickup}, these tokens and
     *     {@code hashlocks}, {@code to} the carrier, {@code pickup} this id, {@code terms} the envelope's hash
     */
    record PickupAuthorised(
            PickupId pickupId,
            String owner,
            List<HashlockedToken> tokens,
            String carrier,
            String carrierKeyId,
            String envelopeSha256,
            String intent,
            Instant authorisedAt)
            implements DeliveryEvent {
        public PickupAuthorised {
            Require.text(owner, "owner");
            tokens = Require.some(tokens, "tokens");
            Require.text(carrier, "carrier");
            Require.text(carrierKeyId, "carrierKeyId");
            Require.sha256(envelopeSha256, "envelopeSha256");
            Require.text(intent, "intent");
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
     * @param proof what the courier's device signed (compact JWS, ES256): act {@code deliver}, {@code pickup}, these
     *     tokens and box codes, the recipient's {@code codes} that open their hashlocks, and that the recipient is of age
     */
    record DeliveryCompleted(
            PickupId pickupId,
            String owner,
            String courier,
            List<DeliveredCase> cases,
            String proof,
            Instant deliveredAt)
            implements DeliveryEvent {
        public DeliveryCompleted {
            Require.text(owner, "owner");
            Require.text(courier, "courier");
            cases = Require.some(cases, "cases");
            Require.text(proof, "proof");
        }
    }

    /** These cases go back to their warehouse; their tokens stay locked until they stand there. */
    record ReturnRequested(PickupId pickupId, List<DeliveredCase> cases, FailureReason reason)
            implements DeliveryEvent {
        public ReturnRequested {
            cases = Require.some(cases, "cases");
        }
    }

    /** The warehouse decides which of {@code tokens} can still be kept back: a case may be leaving at this moment. */
    record PickupCancellationRequested(PickupId pickupId, List<TokenId> tokens, PickupCancellation reason)
            implements DeliveryEvent {
        public PickupCancellationRequested {
            tokens = Require.some(tokens, "tokens");
        }
    }

    /** The pickup has ended for {@code tokens}, without their delivery; they are to be unlocked. */
    record PickupCancelled(PickupId pickupId, String owner, List<TokenId> tokens, PickupCancellation reason)
            implements DeliveryEvent {
        public PickupCancelled {
            Require.text(owner, "owner");
            tokens = Require.some(tokens, "tokens");
        }
    }

    /**
     * These cases came neither to the recipient nor back in time. Their tokens stay locked, because nothing is there to
     * dispose of; should the cases turn up in a warehouse, {@link PickupCancelled} follows all the same.
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

    /**
     * A token that can only be burned with the handover code 收货码 its recipient gives to the courier. The owner's device
     * makes the code and keeps it: the platform knows but its hash, and cannot claim a delivery nobody received.
     *
     * @param codeSha256 {@link HandoverCode#sha256}
     */
    record HashlockedToken(TokenId tokenId, String codeSha256) {
        public HashlockedToken {
            Require.sha256(codeSha256, "codeSha256");
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

    enum PickupCancellation {
        OWNER,
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
