package io.jiucang.events;

import io.jiucang.events.value.Require;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/** What ledger-service tells. */
public sealed interface LedgerEvent extends DomainEvent {

    /**
     * These events are in the ledger. Self-contained: a reader with the ledger's public key needs nothing else.
     *
     * @param checkpoint the signed note (C2SP tlog-checkpoint) whose root the proofs lead to
     */
    record EventsAnchored(String origin, long treeSize, String checkpoint, List<Anchor> anchors)
            implements LedgerEvent {
        public EventsAnchored {
            Require.text(origin, "origin");
            Require.text(checkpoint, "checkpoint");
            Require.positive(treeSize, "treeSize");
            anchors = Require.some(anchors, "anchors");
            for (Anchor anchor : anchors) {
                Objects.checkIndex(anchor.index(), treeSize);
            }
        }
    }

    /**
     * A version of the directory of parties, on the word of its roots; the first is the ledger's first leaf.
     *
     * @param envelope DSSE in its JSON form, signed by the roots
     */
    record DirectoryVersion(String envelope) implements LedgerEvent {
        public DirectoryVersion {
            Require.text(envelope, "envelope");
        }
    }

    /**
     * The ledger's clock, which is the law's only one. Each names the tick before; the first one names index 0.
     *
     * @param number 1 for the first
     * @param time in whole seconds
     * @param directoryLeaf leaf hash of the directory version in force
     */
    record Tick(long number, Instant time, long beforeIndex, String beforeLeaf, String directoryLeaf)
            implements LedgerEvent {
        public Tick {
            Require.positive(number, "number");
            if (!time.equals(time.truncatedTo(ChronoUnit.SECONDS))) {
                throw new IllegalArgumentException("a tick's time is in whole seconds: " + time);
            }
            if (beforeIndex < 0) {
                throw new IllegalArgumentException("not a leaf index: " + beforeIndex);
            }
            Require.sha256(beforeLeaf, "beforeLeaf");
            Require.sha256(directoryLeaf, "directoryLeaf");
        }
    }

    /**
     * A device joins its party.
     *
     * @param terminal what it is known by: its key's RFC 7638 thumbprint
     * @param statement {@code jiucang-dock-enrolment-v1} or {@code jiucang-courier-enrolment-v1} ({@code docs/statements.md}),
     *     by the party's key: it alone says whose terminal this is, and where
     */
    record TerminalEnrolled(String terminal, String statement) implements LedgerEvent {
        public TerminalEnrolled {
            Require.text(terminal, "terminal");
            Require.text(statement, "statement");
        }
    }

    /** @param statement {@code jiucang-terminal-withdrawal-v1}, by the party's key: the device counts no longer, for good */
    record TerminalWithdrawn(String terminal, String statement) implements LedgerEvent {
        public TerminalWithdrawn {
            Require.text(terminal, "terminal");
            Require.text(statement, "statement");
        }
    }

    /**
     * @param leafHash RFC 9162 hash of the event's leaf, which identifies it: 64 lower-case hex digits
     * @param type CloudEvents type of the event, so that a reader can pass over what does not concern it
     * @param index leaf index, from zero
     * @param proof RFC 9162 section 2.1.3 inclusion proof for {@code treeSize}: 32-byte hashes, Base64
     */
    record Anchor(String source, String eventId, String leafHash, String type, long index, List<String> proof) {
        public Anchor {
            Require.text(source, "source");
            Require.text(eventId, "eventId");
            Require.sha256(leafHash, "leafHash");
            Require.text(type, "type");
            if (index < 0) {
                throw new IllegalArgumentException("not a leaf index: " + index);
            }
            proof = List.copyOf(proof);
        }
    }
}
