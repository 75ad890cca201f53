package io.jiucang.ledger;

/** The one refusal of this library; {@link #reason()} is stable, the message is for people. */
public final class LedgerException extends RuntimeException {

    /** Why something was refused. Names are part of the contract: they go into logs, problems and CLI output. */
    public enum Reason {
        /** A hash is not 32 bytes, or not their canonical encoding. */
        MALFORMED_HASH,
        /** An entry is longer than the 65,535 bytes an entry bundle can carry. */
        ENTRY_TOO_LONG,
        /** Not an entry bundle of 1 to 256 entries. */
        MALFORMED_ENTRY_BUNDLE,
        /** Not a canonical tile path. */
        MALFORMED_TILE_PATH,
        /** A tile's bytes do not hold the hashes its path promises. */
        MALFORMED_TILE,
        /** The store has no tile that a tree of this size must have. */
        MISSING_TILE,
        /** The index is not below the tree size. */
        INDEX_BEYOND_SIZE,
        /** A tree size is larger than the tree it belongs to, or past 2^64 - 1. */
        SIZE_BEYOND_TREE,
        /** The empty tree is consistent with everything, so a consistency proof from it proves nothing. */
        EMPTY_TREE,
        /** A proof has fewer or more hashes than its sizes and index call for. */
        WRONG_PROOF_LENGTH,
        /** A proof leads to another root. */
        ROOT_MISMATCH,
        /** Not a signed note. */
        MALFORMED_NOTE,
        /** Not a verifier or signing key, or its key ID is not that of its name and public key. */
        MALFORMED_KEY,
        /** A key of a signature type other than Ed25519 (0x01). */
        UNSUPPORTED_KEY,
        /** A signature that claims to be by a known key is not. */
        BAD_SIGNATURE,
        /** No signature by any known key. */
        UNTRUSTED_NOTE,
        /** Not a checkpoint. */
        MALFORMED_CHECKPOINT,
        /** A checkpoint of another log. */
        WRONG_ORIGIN,
        /** Two validly signed checkpoints of one size with different roots: the log has forked. */
        SPLIT_VIEW,
        /** Not a tlog-proof. */
        MALFORMED_PROOF,
        /** Not a proof bundle. */
        MALFORMED_BUNDLE,
        /** An event is not the one its entry commits to, or not signed by a trusted key. */
        EVENT_REFUSED
    }

    private final Reason reason;

    public LedgerException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public LedgerException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
