package io.jiucang.token;

import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.MerkleTree;
import java.util.Optional;

/** What is in the ledger, as far as it was proven to us. */
interface Ledger {

    /** Where the leaf stands, if the ledger has said so with a proof that holds for this very leaf. */
    Optional<LedgerReference> find(Leaf leaf);

    /** @param hash lower-case hex of the RFC 9162 leaf hash of the event's signed material */
    record Leaf(String eventId, String hash) {

        static Leaf of(VerifiedEvent signed) {
            return of(signed.event().getId(), signed.dsseMaterial());
        }

        static Leaf of(String eventId, byte[] dsseMaterial) {
            return new Leaf(eventId, MerkleTree.leafHash(dsseMaterial).hex());
        }

        Hash leafHash() {
            return Hash.ofHex(hash);
        }
    }

    /** The ledger has told of this event; whether it proved it, {@link #find} judges. */
    record EventAnchored(String leafHash) {}
}
