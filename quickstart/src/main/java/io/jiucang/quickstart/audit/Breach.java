package io.jiucang.quickstart.audit;

import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.title.Rule;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is not as it must be.
 *
 * @param rule the name of a {@link Check}, or of a {@link Rule} of the law that an event broke
 * @param source the CloudEvents source of the event, or whose row it is; null if it is no event's
 * @param event id of the event; null as above
 * @param index its leaf in the ledger; null if it has none
 */
public record Breach(
        String rule,
        @Nullable String source,
        @Nullable String event,
        @Nullable Long index,
        String why) {

    /** What is checked beside the law. */
    public enum Check {
        /** The checkpoint's root is that of the leaves, and earlier checkpoints are those of its beginnings. */
        CHECKPOINT,
        /** No leaf stands in the log twice. */
        LEAF_TWICE,
        /** Every leaf is opened by the event it commits to. */
        LEAF_NOT_OPENED,
        /** That event is as its source signed it. */
        SIGNATURE,
        /** Every event that was sent is in the ledger. */
        NOT_ANCHORED,
        /** Every inclusion proof that was announced holds. */
        PROOF,
        ROW_ALTERED,
        ROW_MISSING,
        ROW_ADDED
    }

    static Breach of(Check check, String why) {
        return new Breach(check.name(), null, null, null, why);
    }

    static Breach at(Check check, long index, String why) {
        return new Breach(check.name(), null, null, index, why);
    }

    static Breach of(String rule, VerifiedEvent event, @Nullable Long index, String why) {
        return new Breach(
                rule, event.event().getSource().toString(), event.event().getId(), index, why);
    }
}
