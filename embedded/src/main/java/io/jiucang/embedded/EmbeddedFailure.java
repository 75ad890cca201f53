package io.jiucang.embedded;

import org.jspecify.annotations.Nullable;

/** Why an embedded server does not run; the message is one line that ends with what to do about it. */
public final class EmbeddedFailure extends RuntimeException {

    /** What kind of failure it is, stable for programs. */
    public enum Reason {
        PORT_IN_USE,
        NO_SPACE,
        DIRECTORY_DAMAGED,
        DIRECTORY_IN_USE,
        DIRECTORY_NOT_WRITABLE,
        OTHER_VERSION,
        UNSUPPORTED_PLATFORM,
        SERVER_FAILED
    }

    private final Reason reason;

    EmbeddedFailure(Reason reason, String what, String remedy) {
        this(reason, what, remedy, null);
    }

    EmbeddedFailure(Reason reason, String what, String remedy, @Nullable Throwable cause) {
        super(oneLine(what + " — " + remedy), cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
