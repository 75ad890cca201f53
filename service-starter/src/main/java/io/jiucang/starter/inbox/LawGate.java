package io.jiucang.starter.inbox;

import io.jiucang.events.Topics;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Hash;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.law.Ruled;
import io.jiucang.title.Ruling;
import io.jiucang.title.event.Opening;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the law says of an event before it is handled. A service that handles all types itself, as the ledger's, has no law to ask. */
final class LawGate {

    private final Optional<LawReader> law;
    private final URI ownSource;
    private final Duration patience;

    /** @param patience how long a batch is waited for, all its events together */
    LawGate(Optional<LawReader> law, URI ownSource, Duration patience) {
        this.law = law;
        this.ownSource = ownSource;
        this.patience = patience;
    }

    /** Holding no connection: returns once all are ruled, or patience is over. */
    void await(Stream<VerifiedEvent> events) {
        law.ifPresent(reader -> {
            List<Hash> leaves =
                    events.filter(LawGate::isOfTheLaw).map(LawGate::leaf).toList();
            reader.await(leaves, patience);
        });
    }

    boolean isWaiting(VerifiedEvent event) {
        return law.isPresent() && isOfTheLaw(event) && ruled(event).isEmpty();
    }

    /** Another's event that is to have no effect here. That its own is void, a service must be told. */
    boolean isVoid(VerifiedEvent event) {
        return !isOwn(event)
                && ruled(event)
                        .filter(ruled -> ruled.ruling() instanceof Ruling.Voided)
                        .isPresent();
    }

    /** Whether it claims to be of this service's own, and stands where this service tells nothing. */
    boolean isOutOfPlace(String type, String topic) {
        return Topics.mayClaim(ownSource, type) && !Topics.mayPublish(ownSource, topic);
    }

    boolean isOwn(VerifiedEvent event) {
        return event.event().getSource().equals(ownSource);
    }

    /** Empty for an event that is not the law's business, or not ruled yet. */
    Optional<Ruled> ruled(VerifiedEvent event) {
        return isOfTheLaw(event) ? law.flatMap(reader -> reader.ruled(leaf(event))) : Optional.empty();
    }

    static PredecessorMissing notRuled() {
        return new PredecessorMissing("the ledger does not have it yet, as far as is known here");
    }

    private static boolean isOfTheLaw(VerifiedEvent event) {
        return Opening.concerns(event.event().getType());
    }

    private static Hash leaf(VerifiedEvent event) {
        return Hash.of(event.leafHash());
    }
}
