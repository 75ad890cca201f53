package io.jiucang.anchoring;

import io.cloudevents.CloudEvent;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.LedgerException;
import io.jiucang.starter.store.SignedEventStore;

/** An event as the log sees it: what it is called, and the bytes that commit to it. */
record Leaf(String source, String eventId, String type, Entry entry) {

    /** @throws LedgerException {@code ENTRY_TOO_LONG} for an envelope with very many signatures */
    static Leaf of(VerifiedEvent verified) {
        return of(verified.event(), verified.dsseMaterial());
    }

    /** One of the ledger's own. */
    static Leaf of(SignedEventStore.Signed signed) {
        return of(signed.event(), signed.dsseMaterial());
    }

    private static Leaf of(CloudEvent event, byte[] dsseMaterial) {
        return new Leaf(event.getSource().toString(), event.getId(), event.getType(), Entry.of(dsseMaterial));
    }
}
