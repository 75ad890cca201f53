package io.jiucang.title.directory;

/** A directory version that this reader does not take, and why. */
public final class DirectoryRefused extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** The first two come from anybody; the others only from the roots, and a reader cannot pass over them. */
    public enum Reason {
        /** Not a DSSE envelope in its one form over a directory document. */
        NOT_AN_ENVELOPE,
        /** Not signed by a quorum of the pinned roots, and by nobody else. */
        NOT_SIGNED,
        /** Of a version of the law that this reader does not know. */
        UNKNOWN_LAW,
        /** A later version: this reader knows only the first. */
        NOT_THE_FIRST,
        /** Signed, but not a directory document in canonical form, or for another ledger. */
        MALFORMED
    }

    DirectoryRefused(Reason reason, String message) {
        super(reason + ": " + message);
        this.reason = reason;
    }

    DirectoryRefused(Reason reason, String message, Throwable cause) {
        super(reason + ": " + message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** Whether the roots themselves signed what was refused. */
    public boolean isFromTheRoots() {
        return switch (reason) {
            case NOT_AN_ENVELOPE, NOT_SIGNED -> false;
            case UNKNOWN_LAW, NOT_THE_FIRST, MALFORMED -> true;
        };
    }
}
