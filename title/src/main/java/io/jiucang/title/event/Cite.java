package io.jiucang.title.event;

import io.jiucang.ledger.Hash;

/** Where evidence stands: a leaf's index and its hash (RFC 9162 section 2.1.1). */
public record Cite(long index, Hash leaf) {

    @Override
    public String toString() {
        return "#" + index;
    }
}
