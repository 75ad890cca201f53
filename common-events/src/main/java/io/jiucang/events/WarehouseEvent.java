package io.jiucang.events;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.Require;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import java.util.List;

/** What warehouse-service tells: stock and release (S4). */
public sealed interface WarehouseEvent extends DomainEvent {

    /** A case was put into a bin. */
    record CaseShelved(BoxCode boxCode, String site, String bin) implements WarehouseEvent {
        public CaseShelved {
            Require.text(site, "site");
            Require.text(bin, "bin");
        }
    }

    /** A case was found broken, leaking or forged, and will leave for nobody. */
    record CaseDamaged(BoxCode boxCode, String site, String bin, String description) implements WarehouseEvent {
        public CaseDamaged {
            Require.text(site, "site");
            Require.text(bin, "bin");
        }
    }

    /**
     * Docks of {@code site} shall release one case of {@code gtin} for each of {@code tokens}.
     *
     * @param sale where {@code TokensSold} stands, which their statements name
     */
    record ReleaseRequested(
            ReleaseId releaseId,
            OrderId orderId,
            VaultId vaultId,
            String site,
            String gtin,
            List<TokenId> tokens,
            Cite sale)
            implements WarehouseEvent {
        public ReleaseRequested {
            Require.text(site, "site");
            BoxCode.requireGtin(gtin);
            tokens = Require.some(tokens, "tokens");
        }
    }

    /**
     * Cases left their bins, each for one token. Several of these may make up one release.
     *
     * @param sale where {@code TokensSold} stands
     * @param statement {@code jiucang-release-v1} ({@code docs/statements.md}), by a dock terminal of the site: which box for
     *     which token
     */
    record CasesReleased(
            ReleaseId releaseId,
            OrderId orderId,
            VaultId vaultId,
            List<ReleasedCase> cases,
            Cite sale,
            String statement)
            implements WarehouseEvent {
        public CasesReleased {
            cases = Require.some(cases, "cases");
            Require.text(statement, "statement");
        }
    }

    /** The buyer cancelled before any case left its bin: docks shall say now that none was released, and release none. */
    record ReleaseCancelled(ReleaseId releaseId, OrderId orderId) implements WarehouseEvent {}

    /** The order was to be cancelled, but cases had left their bins already. */
    record ReleaseCancellationRefused(ReleaseId releaseId, OrderId orderId) implements WarehouseEvent {}

    /**
     * What a dock says of cases it was to release ({@code docs/statements.md}): {@code not-released}, or {@code refusal}.
     *
     * @param statements the dock's; of a refusal, for which the law asks for both, the warehouse's own after it
     */
    record CaseStated(ReleaseId releaseId, List<String> statements) implements WarehouseEvent {
        public CaseStated {
            statements = Require.some(statements, "statements");
            statements.forEach(statement -> Require.text(statement, "statement"));
            if (statements.size() > 2) {
                throw new IllegalArgumentException("more than two statements");
            }
        }
    }

    /** Cases left the warehouse with a courier. Several of these may make up one pickup. */
    record CasesShipped(PickupId pickupId, String courier, List<DeliveryEvent.DeliveredCase> cases)
            implements WarehouseEvent {
        public CasesShipped {
            Require.text(courier, "courier");
            cases = Require.some(cases, "cases");
        }
    }

    /** These cases had not left yet, and will not leave for this pickup any more. */
    record ShipmentCancelled(PickupId pickupId, List<TokenId> tokens) implements WarehouseEvent {
        public ShipmentCancelled {
            tokens = Require.some(tokens, "tokens");
        }
    }

    /** These cases were to be kept back, but had left already; they go on to the recipient, or come back. */
    record ShipmentCancellationRefused(PickupId pickupId, List<TokenId> tokens) implements WarehouseEvent {
        public ShipmentCancellationRefused {
            tokens = Require.some(tokens, "tokens");
        }
    }

    /** Cases that could not be delivered stand in a bin again. */
    record CasesReturned(PickupId pickupId, String site, String bin, List<DeliveryEvent.DeliveredCase> cases)
            implements WarehouseEvent {
        public CasesReturned {
            Require.text(site, "site");
            Require.text(bin, "bin");
            cases = Require.some(cases, "cases");
        }
    }

    record ReleasedCase(TokenId tokenId, BoxCode boxCode, String bin) {
        public ReleasedCase {
            Require.text(bin, "bin");
        }
    }
}
