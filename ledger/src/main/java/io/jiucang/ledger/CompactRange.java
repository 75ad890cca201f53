package io.jiucang.ledger;

import java.util.ArrayList;
import java.util.List;

/**
 * A growing RFC 9162 tree without its leaves: the roots of its complete subtrees, one for each bit of its size, are enough to
 * append to it and to know its root. Mutable, and not for several threads.
 */
public final class CompactRange {

    /** The largest first. */
    private final List<Hash> subtrees = new ArrayList<>();

    private long size;

    public long size() {
        return size;
    }

    /** @param leaf RFC 9162 section 2.1.1 */
    public void append(Hash leaf) {
        Hash node = leaf;
        for (long left = size; (left & 1) == 1; left >>>= 1) {
            node = MerkleTree.nodeHash(subtrees.removeLast(), node);
        }
        subtrees.add(node);
        size++;
    }

    /** RFC 9162 section 2.1.1. */
    public Hash root() {
        return subtrees.reversed().stream()
                .reduce((right, left) -> MerkleTree.nodeHash(left, right))
                .orElseGet(MerkleTree::emptyRoot);
    }
}
