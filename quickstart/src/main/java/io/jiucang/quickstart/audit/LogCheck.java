package io.jiucang.quickstart.audit;

import static io.jiucang.quickstart.audit.Breach.Check.CHECKPOINT;
import static io.jiucang.quickstart.audit.Breach.Check.LEAF_TWICE;
import static io.jiucang.quickstart.audit.Breach.Check.PROOF;

import io.jiucang.events.EventRefused;
import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.LedgerException;
import io.jiucang.ledger.MerkleTree;
import io.jiucang.ledger.SignedNote;
import io.jiucang.ledger.TiledTree;
import io.jiucang.ledger.VerifierKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Whether the log is what was signed, and was never anything else: recomputed from its leaves, not from its tiles. */
final class LogCheck {

    private final Gathered.Log log;
    private final VerifierKey key;
    private final List<Hash> leaves;
    private final TiledTree tree;
    private final List<Breach> breaches = new ArrayList<>();
    private long proofs;

    LogCheck(Gathered.Log log, VerifierKey key) {
        this.log = log;
        this.key = key;
        this.leaves = log.entries().stream().map(Entry::leafHash).toList();
        this.tree = TiledTree.empty().append(leaves).tree();
    }

    /** How many announced inclusion proofs were verified. */
    long proofs() {
        return proofs;
    }

    List<Breach> breaches() {
        return breaches;
    }

    void checkLeaves() {
        Map<Hash, Long> indexes = log.indexes();
        for (int index = 0; index < leaves.size(); index++) {
            long first = Objects.requireNonNull(indexes.get(leaves.get(index)));
            if (first != index) {
                breaches.add(Breach.at(LEAF_TWICE, index, "the same leaf stands at #" + first));
            }
        }
        requireRoot(log.newest());
        log.checkpoints().forEach(this::requireRoot);
    }

    private void requireRoot(Checkpoint signed) {
        if (signed.size() > tree.size()) {
            breaches.add(Breach.of(
                    CHECKPOINT,
                    "a tree of " + signed.size() + " was signed, and there are " + tree.size() + " leaves"));
        } else if (!tree.rootAt(signed.size()).equals(signed.root())) {
            breaches.add(Breach.of(
                    CHECKPOINT, "the root that was signed for " + signed.size() + " leaves is not the root of these"));
        }
    }

    /** @param late whether it may be of a larger tree, which the log was only read too early for */
    void checkAnnouncement(VerifiedEvent event, boolean late) {
        EventsAnchored announced;
        try {
            announced = (EventsAnchored) event.domainEvent();
        } catch (EventRefused e) {
            breaches.add(Breach.of(PROOF.name(), event, null, String.valueOf(e.getMessage())));
            return;
        }
        if (announced.treeSize() > tree.size()) {
            if (!late) {
                breaches.add(Breach.of(
                        CHECKPOINT.name(),
                        event,
                        null,
                        "it announces a tree of " + announced.treeSize() + ", and the newest checkpoint has "
                                + tree.size() + " leaves"));
            }
            return;
        }
        try {
            Checkpoint signed = Checkpoint.open(
                    SignedNote.parse(announced.checkpoint()), log.newest().origin(), List.of(key));
            if (!tree.rootAt(signed.size()).equals(signed.root())) {
                throw new LedgerException(
                        LedgerException.Reason.ROOT_MISMATCH, "its checkpoint's root is not the leaves'");
            }
            announced.anchors().forEach(anchor -> checkProof(event, signed, anchor));
        } catch (LedgerException e) {
            breaches.add(Breach.of(PROOF.name(), event, null, String.valueOf(e.getMessage())));
        }
    }

    private void checkProof(VerifiedEvent event, Checkpoint signed, Anchor anchor) {
        try {
            Hash leaf = Hash.ofHex(anchor.leafHash());
            List<Hash> proof = anchor.proof().stream().map(Hash::ofBase64).toList();
            MerkleTree.verifyInclusion(leaf, anchor.index(), signed.size(), proof, signed.root());
            proofs++;
        } catch (LedgerException e) {
            breaches.add(Breach.of(PROOF.name(), event, anchor.index(), String.valueOf(e.getMessage())));
        }
    }
}
