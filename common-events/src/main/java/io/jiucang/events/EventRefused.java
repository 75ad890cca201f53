package io.jiucang.events;

import org.jspecify.annotations.Nullable;

/** A record from Kafka that must not take effect, and why. */
public final class EventRefused extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** Names are stable: they stand in dead letters, metrics and runbooks. */
    public enum Reason {
        /** Not a CloudEvent 1.0 in Kafka binary mode with every attribute that ours carry. */
        MALFORMED,
        /** No {@code dssematerial}. */
        UNSIGNED,
        /** The {@code dssematerial} is not the envelope that the extension describes. */
        MATERIAL_INVALID,
        /** Signed, but not in the one form that its source writes: another leaf could stand for the same event. */
        NOT_CANONICAL,
        /** None of the keys that signed is known for this source. */
        UNKNOWN_KEY,
        /** Signed by keys of this source alone that were not valid at the event's time. */
        KEY_NOT_VALID,
        /** A signature that claims to be a known key's is not. */
        BAD_SIGNATURE,
        /** The event is not the one that was signed. */
        ALTERED,
        /** Properly signed by a service whose events are not of this type. */
        WRONG_SOURCE,
        /** Properly signed, but on a topic where its source does not publish, or under a key not its subject. */
        WRONG_TOPIC,
        /** Properly signed, but of a type that this version does not know. */
        UNKNOWN_TYPE,
        /** Properly signed, but its data is not its type's JSON. */
        UNREADABLE_DATA,
        /** Evidence under another key than its SHA-256. */
        NOT_ITS_HASH,
        /** Larger than any event, or any evidence, of ours, in its value, key or headers; not even read. */
        TOO_LARGE
    }

    public EventRefused(Reason reason, String message) {
        this(reason, message, null);
    }

    public EventRefused(Reason reason, String message, @Nullable Throwable cause) {
        super(reason + ": " + message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
