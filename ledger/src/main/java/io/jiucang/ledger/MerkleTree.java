package io.jiucang.ledger;

import static java.lang.Long.compareUnsigned;
import static java.lang.Long.toUnsignedString;

import io.jiucang.ledger.LedgerException.Reason;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** Hashing and proof verification of the RFC 9162 Merkle tree with SHA-256. */
public final class MerkleTree {

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private MerkleTree() {}

    /** RFC 9162 §2.1.1: SHA-256(0x00 || entry). */
    public static Hash leafHash(byte[] entry) {
        MessageDigest sha256 = sha256();
        sha256.update(LEAF);
        sha256.update(entry);
        return Hash.finish(sha256);
    }

    /** RFC 9162 §2.1.1: SHA-256(0x01 || left || right). */
    public static Hash nodeHash(Hash left, Hash right) {
        return nodeHash(sha256(), left, right);
    }

    /** RFC 9162 §2.1.1: the root of the tree without entries, SHA-256 of nothing. */
    public static Hash emptyRoot() {
        return Hash.finish(sha256());
    }

    /**
     * Checks, as in RFC 9162 §2.1.3.2, that the leaf is at {@code index} of the tree of {@code size} with {@code root}.
     *
     * @throws LedgerException {@code INDEX_BEYOND_SIZE}, {@code WRONG_PROOF_LENGTH} or {@code ROOT_MISMATCH}
     */
    public static void verifyInclusion(Hash leaf, long index, long size, List<Hash> proof, Hash root) {
        requireIndex(index, size);
        MessageDigest sha256 = sha256();
        long node = index;
        long last = size - 1;
        Hash hash = leaf;
        for (Hash sibling : proof) {
            if (last == 0) {
                throw trailingHashes();
            }
            if (isRight(node) || node == last) {
                hash = nodeHash(sha256, sibling, hash);
                // A node without a right sibling is its own parent: climb to where it is a right child.
                int up = isRight(node) ? 0 : Long.numberOfTrailingZeros(node);
                node >>>= up;
                last >>>= up;
            } else {
                hash = nodeHash(sha256, hash, sibling);
            }
            node >>>= 1;
            last >>>= 1;
        }
        if (last != 0) {
            throw missingHashes();
        }
        requireRoot(root, hash, size);
    }

    /**
     * Checks, as in RFC 9162 §2.1.4.2, that the tree of {@code size2} extends the tree of {@code size1}. Equal sizes need
     * equal roots and an empty proof.
     *
     * @throws LedgerException {@code EMPTY_TREE}, {@code SIZE_BEYOND_TREE}, {@code WRONG_PROOF_LENGTH} or
     *     {@code ROOT_MISMATCH}
     */
    public static void verifyConsistency(long size1, Hash root1, long size2, Hash root2, List<Hash> proof) {
        requireSizes(size1, size2);
        if (size1 == size2) {
            if (!proof.isEmpty()) {
                throw trailingHashes();
            }
            requireRoot(root2, root1, size2);
            return;
        }
        MessageDigest sha256 = sha256();
        // The largest complete subtree that ends where the old tree ends: the old root itself, or the first hash.
        int up = Long.numberOfTrailingZeros(size1);
        long node = (size1 - 1) >>> up;
        long last = (size2 - 1) >>> up;
        boolean startsAtRoot = node == 0;
        if (!startsAtRoot && proof.isEmpty()) {
            throw missingHashes();
        }
        Hash old = startsAtRoot ? root1 : proof.getFirst();
        Hash grown = old;
        for (Hash sibling : startsAtRoot ? proof : proof.subList(1, proof.size())) {
            if (last == 0) {
                throw trailingHashes();
            }
            if (isRight(node) || node == last) {
                old = nodeHash(sha256, sibling, old);
                grown = nodeHash(sha256, sibling, grown);
                int climb = isRight(node) ? 0 : Long.numberOfTrailingZeros(node);
                node >>>= climb;
                last >>>= climb;
            } else {
                grown = nodeHash(sha256, grown, sibling);
            }
            node >>>= 1;
            last >>>= 1;
        }
        if (last != 0) {
            throw missingHashes();
        }
        requireRoot(root1, old, size1);
        requireRoot(root2, grown, size2);
    }

    static void requireIndex(long index, long size) {
        if (compareUnsigned(index, size) >= 0) {
            throw new LedgerException(
                    Reason.INDEX_BEYOND_SIZE,
                    "index " + toUnsignedString(index) + " is not in a tree of " + toUnsignedString(size));
        }
    }

    static void requireSizes(long size1, long size2) {
        if (compareUnsigned(size1, size2) > 0) {
            throw new LedgerException(
                    Reason.SIZE_BEYOND_TREE,
                    "a tree of " + toUnsignedString(size1) + " cannot come before one of " + toUnsignedString(size2));
        }
        if (size1 == 0) {
            throw new LedgerException(Reason.EMPTY_TREE, "nothing can be proven from the empty tree");
        }
    }

    static Hash nodeHash(MessageDigest sha256, Hash left, Hash right) {
        sha256.update(NODE);
        left.updateInto(sha256);
        right.updateInto(sha256);
        return Hash.finish(sha256);
    }

    /** Hashes the pairs of a row of {@code 2 * count} or more hashes into the row above. */
    static byte[] rowAbove(MessageDigest sha256, byte[] row, int count) {
        byte[] above = new byte[count * Hash.LENGTH];
        for (int i = 0; i < count; i++) {
            sha256.update(NODE);
            sha256.update(row, 2 * i * Hash.LENGTH, 2 * Hash.LENGTH);
            Hash.finish(sha256).copyInto(above, i);
        }
        return above;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static boolean isRight(long node) {
        return (node & 1) == 1;
    }

    private static void requireRoot(Hash expected, Hash actual, long size) {
        if (!expected.equals(actual)) {
            throw new LedgerException(
                    Reason.ROOT_MISMATCH,
                    "the proof leads to root " + actual.base64() + ", the tree of " + toUnsignedString(size) + " has "
                            + expected.base64());
        }
    }

    private static LedgerException missingHashes() {
        return new LedgerException(Reason.WRONG_PROOF_LENGTH, "the proof ends below the root");
    }

    private static LedgerException trailingHashes() {
        return new LedgerException(Reason.WRONG_PROOF_LENGTH, "the proof goes on past the root");
    }
}
