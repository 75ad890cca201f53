package io.jiucang.ledger;

import io.jiucang.ledger.LedgerException.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A C2SP tlog-proof: that an entry stands in a log, checkable by whoever has the entry and the log's key.
 *
 * @param extra base64 of opaque data that nothing authenticates; empty when there is none
 * @param index unsigned position of the entry
 * @param path inclusion proof, leaf's sibling first
 * @param checkpoint signed note whose text is a checkpoint
 */
public record TlogProof(String extra, long index, List<Hash> path, SignedNote checkpoint) {

    private static final String HEADER = "c2sp.org/tlog-proof@v1";
    private static final String EXTRA = "extra ";
    private static final String INDEX = "index ";

    /** @throws LedgerException {@code MALFORMED_PROOF} or {@code MALFORMED_CHECKPOINT} */
    public TlogProof {
        path = List.copyOf(path);
        Canonical.base64(extra, Reason.MALFORMED_PROOF);
        if (path.size() > Long.SIZE) {
            throw malformed("no tree is " + path.size() + " levels high");
        }
        Checkpoint.parse(checkpoint.text());
    }

    public TlogProof(long index, List<Hash> path, SignedNote checkpoint) {
        this("", index, path, checkpoint);
    }

    /** @throws LedgerException {@code MALFORMED_PROOF}, {@code MALFORMED_NOTE} or {@code MALFORMED_CHECKPOINT} */
    public static TlogProof parse(byte[] proof) {
        return parse(Canonical.utf8(proof, Reason.MALFORMED_PROOF));
    }

    /** @throws LedgerException {@code MALFORMED_PROOF}, {@code MALFORMED_NOTE} or {@code MALFORMED_CHECKPOINT} */
    public static TlogProof parse(String proof) {
        int blank = proof.indexOf("\n\n");
        if (blank < 0) {
            throw malformed("no checkpoint after an empty line");
        }
        String[] lines = proof.substring(0, blank).split("\n", -1);
        if (!lines[0].equals(HEADER)) {
            throw malformed("the first line is not " + HEADER);
        }
        int next = 1;
        String extra = "";
        if (next < lines.length && lines[next].startsWith(EXTRA)) {
            extra = lines[next++].substring(EXTRA.length());
            if (extra.isEmpty()) {
                throw malformed("an extra line without extra data");
            }
        }
        if (next >= lines.length || !lines[next].startsWith(INDEX)) {
            throw malformed("no index line");
        }
        long index = Canonical.decimal(lines[next++].substring(INDEX.length()), Reason.MALFORMED_PROOF);
        if (lines.length - next > Long.SIZE) {
            throw malformed("no tree is " + (lines.length - next) + " levels high");
        }
        List<Hash> path = new ArrayList<>();
        try {
            for (; next < lines.length; next++) {
                path.add(Hash.ofBase64(lines[next]));
            }
        } catch (LedgerException e) {
            throw new LedgerException(Reason.MALFORMED_PROOF, "the inclusion proof: " + e.getMessage(), e);
        }
        return new TlogProof(extra, index, path, SignedNote.parse(proof.substring(blank + 2)));
    }

    public String format() {
        StringBuilder proof = new StringBuilder(HEADER).append('\n');
        if (!extra.isEmpty()) {
            proof.append(EXTRA).append(extra).append('\n');
        }
        proof.append(INDEX).append(Long.toUnsignedString(index)).append('\n');
        path.forEach(hash -> proof.append(hash.base64()).append('\n'));
        return proof.append('\n').append(checkpoint.format()).toString();
    }

    /**
     * Checks the checkpoint's signature and origin, then that the leaf is in its tree.
     *
     * @param leaf leaf hash of the entry, {@link Entry#leafHash()}
     * @return the checkpoint that includes it
     * @throws LedgerException {@code BAD_SIGNATURE}, {@code UNTRUSTED_NOTE}, {@code WRONG_ORIGIN},
     *     {@code INDEX_BEYOND_SIZE}, {@code WRONG_PROOF_LENGTH} or {@code ROOT_MISMATCH}
     */
    public Checkpoint verify(Hash leaf, String origin, Collection<VerifierKey> keys) {
        Checkpoint opened = Checkpoint.open(checkpoint, origin, keys);
        MerkleTree.verifyInclusion(leaf, index, opened.size(), path, opened.root());
        return opened;
    }

    private static LedgerException malformed(String why) {
        return new LedgerException(Reason.MALFORMED_PROOF, why);
    }
}
