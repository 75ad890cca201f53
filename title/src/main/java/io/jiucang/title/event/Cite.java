package io.jiucang.title.event;

import io.jiucang.ledger.Hash;

/** Where evidence stands: a leaf's index and its hash (RFC 9162 section 2.1.1). */
public record Cite(long index, Hash leaf) {

    public static Cite of(io.jiucang.events.value.Cite told) {
        return new Cite(told.index(), Hash.ofHex(told.leafHash()));
    }

    /** As events carry it. */
    public io.jiucang.events.value.Cite told() {
        return new io.jiucang.events.value.Cite(index, leaf.hex());
    }

    @Override
    public String toString() {
        return "#" + index;
    }
}
