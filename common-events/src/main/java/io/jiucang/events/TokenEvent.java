package io.jiucang.events;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.Require;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import java.util.List;
import java.util.Map;

/** What token-service tells: plans and vaults (S1), reservations (S2), box codes (S4), titles (S5), wallets. */
public sealed interface TokenEvent extends DomainEvent {

    /**
     * A winery offers cases of one product; what it offers stands in its statement alone.
     *
     * @param planId and {@code vaultId} are made from the statement
     * @param name the product's name by BCP 47 language tag
     * @param statement {@code jiucang-offer-v1} ({@code docs/statements.md}), by the winery's key
     */
    record SalesPlanCreated(PlanId planId, VaultId vaultId, Map<String, String> name, String statement)
            implements TokenEvent {
        public SalesPlanCreated {
            name = Require.some(name, "name");
            Require.text(statement, "statement");
        }
    }

    /** @param site the warehouse site the cases stand in; {@code code} is the vault's short name on its door */
    record VaultOpened(VaultId vaultId, PlanId planId, String site, String code) implements TokenEvent {
        public VaultOpened {
            Require.text(site, "site");
            Require.text(code, "code");
        }
    }

    /** Tokens {@code firstSerial} to {@code firstSerial + count - 1} exist from now on, unsold. */
    record TokensMinted(VaultId vaultId, PlanId planId, long firstSerial, long count) implements TokenEvent {
        public TokensMinted {
            Require.positive(count, "count");
            SerialRange.requireSerial(firstSerial);
            SerialRange.requireSerial(Math.addExact(firstSerial, count - 1));
        }
    }

    record TokensReserved(VaultId vaultId, PlanId planId, OrderId orderId, String buyer, List<SerialRange> serials)
            implements TokenEvent {
        public TokensReserved {
            Require.text(buyer, "buyer");
            serials = SerialRange.disjoint(serials);
        }
    }

    record ReservationRefused(VaultId vaultId, PlanId planId, OrderId orderId, String buyer, RefusalReason reason)
            implements TokenEvent {
        public ReservationRefused {
            Require.text(buyer, "buyer");
        }
    }

    /** These serials of the order's reservation are unsold again. */
    record ReservationReleased(VaultId vaultId, PlanId planId, OrderId orderId, List<SerialRange> serials)
            implements TokenEvent {
        public ReservationReleased {
            serials = SerialRange.disjoint(serials);
        }
    }

    /** The reservation is paid for: its serials are sold, and wait for their cases. */
    record TokensSold(VaultId vaultId, PlanId planId, OrderId orderId, String buyer, List<SerialRange> serials)
            implements TokenEvent {
        public TokensSold {
            Require.text(buyer, "buyer");
            serials = SerialRange.disjoint(serials);
        }
    }

    /** The token stands for exactly this case from now on. */
    record BoxCodeAttached(TokenId tokenId, PlanId planId, OrderId orderId, BoxCode boxCode) implements TokenEvent {}

    /** Title passes: both the sale and the release are in the ledger, and their inclusion was verified. */
    record TokenGranted(
            TokenId tokenId,
            PlanId planId,
            OrderId orderId,
            String owner,
            LedgerReference sale,
            LedgerReference release)
            implements TokenEvent {
        public TokenGranted {
            Require.text(owner, "owner");
        }
    }

    /**
     * The token is kept for this pickup: nobody, its owner included, can dispose of it otherwise.
     *
     * @param codeSha256 {@link HandoverCode#sha256}: the hashlock the owner signed, which the recipient's code opens; the
     *     token burns for no other code
     */
    record TokenLocked(TokenId tokenId, String owner, PickupId pickupId, String codeSha256) implements TokenEvent {
        public TokenLocked {
            Require.text(owner, "owner");
            Require.sha256(codeSha256, "codeSha256");
        }
    }

    record TokenLockRefused(TokenId tokenId, PickupId pickupId, LockRefusal reason) implements TokenEvent {}

    record TokenUnlocked(TokenId tokenId, String owner, PickupId pickupId) implements TokenEvent {
        public TokenUnlocked {
            Require.text(owner, "owner");
        }
    }

    /**
     * The end of a token's life: its case was delivered, and the delivery is in the ledger.
     *
     * @param delivery where the {@code DeliveryCompleted} event stands, its inclusion verified
     */
    record TokenBurned(TokenId tokenId, String owner, PickupId pickupId, LedgerReference delivery)
            implements TokenEvent {
        public TokenBurned {
            Require.text(owner, "owner");
        }
    }

    /**
     * A wallet's first words, which alone say who it is; what an owner is called or where they sign in stands in no event.
     *
     * @param wallet its id: the RFC 7638 thumbprint of its first key
     * @param statement {@code jiucang-wallet-birth-v1} ({@code docs/statements.md}), signed by that key
     */
    record WalletBorn(String wallet, String statement) implements TokenEvent {
        public WalletBorn {
            Require.text(wallet, "wallet");
            Require.text(statement, "statement");
        }
    }

    /** @param statement {@code jiucang-key-endorsement-v1}, by a standing key of the wallet: another device joins it */
    record KeyEndorsed(String wallet, String statement) implements TokenEvent {
        public KeyEndorsed {
            Require.text(wallet, "wallet");
            Require.text(statement, "statement");
        }
    }

    /** @param statement {@code jiucang-key-revocation-v1}, by a standing key of the wallet: a device leaves it for good */
    record KeyRevoked(String wallet, String statement) implements TokenEvent {
        public KeyRevoked {
            Require.text(wallet, "wallet");
            Require.text(statement, "statement");
        }
    }

    enum RefusalReason {
        SOLD_OUT,
        BUYER_LIMIT_EXCEEDED,
        SALE_NOT_OPEN
    }

    enum LockRefusal {
        NOT_THE_OWNER,
        /** Locked for another purpose, or burned. */
        NOT_AVAILABLE,
        /** The owner's signature in the request does not hold. */
        INTENT_INVALID
    }
}
