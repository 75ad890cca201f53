package io.jiucang.events.value;

import java.util.Objects;

/**
 * Where an event stands in the ledger.
 *
 * @param eventId the CloudEvents id of the anchored event
 * @param index its leaf index, from zero
 * @param treeSize size of the tree whose checkpoint its inclusion was verified against
 */
public record LedgerReference(String eventId, long index, long treeSize) {

    public LedgerReference {
        Ids.requireValid(eventId);
        Objects.checkIndex(index, treeSize);
    }
}
