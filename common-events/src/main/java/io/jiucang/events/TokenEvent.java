package io.jiucang.events;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What token-service tells: plans and vaults (S1), reservations (S2), box codes (S4), titles (S5), wallets. */
public sealed interface TokenEvent extends DomainEvent {

    /**
     * A seller offers {@code cases} cases of one product.
     *
     * @param seller the seller's subject at the identity provider
     * @param gtin the case's GTIN-14
     * @param name the product's name by BCP 47 language tag
     * @param saleUntil exclusive end of the sale
     */
    record SalesPlanCreated(
            PlanId planId,
            VaultId vaultId,
            String seller,
            String sku,
            String gtin,
            Map<String, String> name,
            long cases,
            Money unitPrice,
            long perBuyerLimit,
            Instant saleFrom,
            Instant saleUntil)
            implements TokenEvent {}

    /** @param site the warehouse site the cases stand in; {@code code} is the vault's short name on its door */
    record VaultOpened(VaultId vaultId, PlanId planId, String site, String code) implements TokenEvent {}

    /** Tokens {@code firstSerial} to {@code firstSerial + count - 1} exist from now on, unsold. */
    record TokensMinted(VaultId vaultId, PlanId planId, long firstSerial, long count) implements TokenEvent {}

    record TokensReserved(VaultId vaultId, PlanId planId, OrderId orderId, String buyer, List<SerialRange> serials)
            implements TokenEvent {}

    record ReservationRefused(VaultId vaultId, PlanId planId, OrderId orderId, String buyer, RefusalReason reason)
            implements TokenEvent {}

    /** These serials of the order's reservation are unsold again. */
    record ReservationReleased(VaultId vaultId, PlanId planId, OrderId orderId, List<SerialRange> serials)
            implements TokenEvent {}

    /** The reservation is paid for: its serials are sold, and wait for their cases. */
    record TokensSold(VaultId vaultId, PlanId planId, OrderId orderId, String buyer, List<SerialRange> serials)
            implements TokenEvent {}

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
            implements TokenEvent {}

    /**
     * A device key joins its owner's wallet, after the device proved that it holds the private key.
     *
     * @param kid RFC 7638 SHA-256 thumbprint of the key, base64url
     * @param jwk the public P-256 key as JWK JSON (RFC 7517)
     */
    record WalletKeyRegistered(String owner, String kid, String jwk, String label, Instant registeredAt)
            implements TokenEvent {}

    record WalletKeyRevoked(String owner, String kid, Instant revokedAt) implements TokenEvent {}

    enum RefusalReason {
        SOLD_OUT,
        BUYER_LIMIT_EXCEEDED,
        SALE_NOT_OPEN
    }
}
