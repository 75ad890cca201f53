package io.jiucang.starter.inbox;

/**
 * Thrown by a policy or saga when an event of another topic, which must have happened before, is not here yet.
 *
 * <p>Topics are read side by side, so a cause may arrive after its effect. The inbox parks the event and tries again.
 */
public final class PredecessorMissing extends RuntimeException {

    public PredecessorMissing(String detail) {
        super(detail);
    }
}
