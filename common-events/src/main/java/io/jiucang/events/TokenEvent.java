package io.jiucang.events;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Cite;
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

/** What token-service tells: plans and vaults (S1), reservations (S2), sales and titles (S5), wallets. */
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

    /**
     * The order is paid for: these serials, and no others, are its buyer's to be granted.
     *
     * @param order where {@code OrderPlaced} stands, and {@code payments} the {@code PaymentCaptured} that pay it
     * @param prev leaf hashes of the undoing of their last sale, for those serials that were sold before
     */
    record TokensSold(
            VaultId vaultId,
            OrderId orderId,
            List<SerialRange> serials,
            Cite order,
            List<Cite> payments,
            Map<TokenId, String> prev)
            implements TokenEvent {

        /** Of one sale: every reader looks at each of them. */
        public static final long MOST_TOKENS = 10_000;

        public TokensSold {
            serials = SerialRange.disjoint(serials);
            if (SerialRange.sizeOf(serials) > MOST_TOKENS) {
                throw new IllegalArgumentException("more than " + MOST_TOKENS + " tokens in one sale");
            }
            payments = Require.some(payments, "payments");
            prev = Map.copyOf(prev);
            prev.values().forEach(leaf -> Require.sha256(leaf, "prev"));
        }
    }

    /**
     * Title passes: the case was released for what was sold.
     *
     * @param sale where {@code TokensSold} stands, and {@code release} the token's last {@code CasesReleased} under it
     * @param prev leaf hash of the token's last title event
     */
    record TokenGranted(
            TokenId tokenId, OrderId orderId, String owner, BoxCode boxCode, Cite sale, Cite release, String prev)
            implements TokenEvent {
        public TokenGranted {
            Require.text(owner, "owner");
            Require.sha256(prev, "prev");
        }
    }

    /**
     * Serials of a sale that is undone before its grant.
     *
     * @param prev leaf hashes of their last title events
     * @param sale where {@code TokensSold} stands
     * @param reasons where the buyer's and the warehouse's words stand that undo it
     */
    record SaleUndone(OrderId orderId, Map<TokenId, String> prev, Cite sale, List<Cite> reasons) implements TokenEvent {
        public SaleUndone {
            prev = Require.some(prev, "prev");
            prev.values().forEach(leaf -> Require.sha256(leaf, "prev"));
            reasons = Require.some(reasons, "reasons");
        }
    }

    /** The order is paid for, and the law lets it have no sale: its reservation is released, its money goes back. */
    record SaleRefused(VaultId vaultId, OrderId orderId, String why) implements TokenEvent {
        public SaleRefused {
            Require.text(why, "why");
        }
    }

    /** The ledger has a valid sale of this order that is not the one told here: this service goes by it from now on. */
    record LawAdopted(VaultId vaultId, OrderId orderId, List<SerialRange> serials, Cite sale) implements TokenEvent {
        public LawAdopted {
            serials = SerialRange.disjoint(serials);
        }
    }

    /**
     * The token is kept for this pickup: nobody, its owner included, can dispose of it otherwise.
     *
     * @param hashlock as the owner's statement has it, in lower-case hex; the token burns for the recipient's code that opens it
     */
    record TokenLocked(TokenId tokenId, String owner, PickupId pickupId, String hashlock) implements TokenEvent {
        public TokenLocked {
            Require.text(owner, "owner");
            Require.sha256(hashlock, "hashlock");
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
        NOT_AVAILABLE
    }
}
