package io.jiucang.ledger;

import io.jiucang.ledger.LedgerException.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A C2SP tlog-checkpoint: what a log commits to at one size.
 *
 * @param origin names the log, non-empty
 * @param size unsigned number of entries
 * @param extensions opaque non-empty lines, usually none
 */
public record Checkpoint(String origin, long size, Hash root, List<String> extensions) {

    /** @throws LedgerException {@code MALFORMED_CHECKPOINT} when a line is empty or holds control characters */
    public Checkpoint {
        extensions = List.copyOf(extensions);
        requireLine(origin);
        extensions.forEach(Checkpoint::requireLine);
    }

    public Checkpoint(String origin, long size, Hash root) {
        this(origin, size, root, List.of());
    }

    /**
     * Reads a note's text; who signed it is not looked at.
     *
     * @throws LedgerException {@code MALFORMED_CHECKPOINT}
     */
    public static Checkpoint parse(String text) {
        String[] lines = text.split("\n", -1);
        boolean endsInNewline = lines[lines.length - 1].isEmpty();
        if (lines.length < 4 || !endsInNewline) {
            throw malformed("fewer than three lines");
        }
        Hash root;
        try {
            root = Hash.ofBase64(lines[2]);
        } catch (LedgerException e) {
            throw new LedgerException(Reason.MALFORMED_CHECKPOINT, "the root hash: " + e.getMessage(), e);
        }
        return new Checkpoint(
                lines[0],
                Canonical.decimal(lines[1], Reason.MALFORMED_CHECKPOINT),
                root,
                List.of(lines).subList(3, lines.length - 1));
    }

    /**
     * Reads a checkpoint that one of these keys signed for this log.
     *
     * @throws LedgerException {@code BAD_SIGNATURE}, {@code UNTRUSTED_NOTE}, {@code MALFORMED_CHECKPOINT} or
     *     {@code WRONG_ORIGIN}
     */
    public static Checkpoint open(SignedNote note, String origin, Collection<VerifierKey> keys) {
        note.verify(keys);
        Checkpoint checkpoint = parse(note.text());
        if (!checkpoint.origin.equals(origin)) {
            throw new LedgerException(
                    Reason.WRONG_ORIGIN,
                    "the checkpoint is of " + Canonical.shown(checkpoint.origin) + ", not of "
                            + Canonical.shown(origin));
        }
        return checkpoint;
    }

    /** The note text. */
    public String format() {
        List<String> lines = new ArrayList<>(List.of(origin, Long.toUnsignedString(size), root.base64()));
        lines.addAll(extensions);
        return String.join("\n", lines) + "\n";
    }

    public SignedNote sign(SigningKey... keys) {
        return SignedNote.sign(format(), List.of(keys));
    }

    private static void requireLine(String line) {
        Canonical.utf8(line, Reason.MALFORMED_CHECKPOINT);
        if (line.isEmpty() || line.chars().anyMatch(c -> c < ' ')) {
            throw malformed("a line is empty or has control characters");
        }
    }

    private static LedgerException malformed(String why) {
        return new LedgerException(Reason.MALFORMED_CHECKPOINT, why);
    }
}
