package io.jiucang.anchoring;

import io.jiucang.events.EventTypes;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Hash;
import io.jiucang.starter.AfterCommit;
import io.jiucang.starter.inbox.InboxHandler;
import io.jiucang.starter.inbox.PredecessorMissing;
import io.jiucang.starter.store.Evidence;
import io.jiucang.title.event.Opening;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Whenever a service has told something, anchors it and tells where.
 *
 * <p>Events of unknown type as well: what an event means is nothing to the log. But one that names evidence waits for the
 * bytes, so that whoever opens the leaf finds them. Entries, checkpoint, and the event that
 * tells of them are one transaction with the inbox's memory of having seen them.
 */
@Component
final class AnchoringPolicy implements InboxHandler {

    private final Anchoring anchoring;
    private final Ticks ticks;
    private final Numbers numbers;
    private final Evidence evidence;
    private final Timer appends;
    private final DistributionSummary batches;

    AnchoringPolicy(
            Anchoring anchoring,
            Ticks ticks,
            Numbers numbers,
            Evidence evidence,
            TransparencyLog log,
            Clock clock,
            MeterRegistry meters) {
        this.anchoring = anchoring;
        this.ticks = ticks;
        this.numbers = numbers;
        this.evidence = evidence;
        this.appends = Timer.builder("jiucang.ledger.append")
                .description("Appending a batch and telling of it, without the commit")
                .register(meters);
        this.batches = DistributionSummary.builder("jiucang.ledger.batch")
                .baseUnit("entries")
                .description("Entries anchored by this replica, by batch")
                .register(meters);
        Gauge.builder("jiucang.ledger.size", () -> log.newest().size())
                .baseUnit("entries")
                .description("Entries in the log")
                .register(meters);
        Gauge.builder(
                        "jiucang.ledger.checkpoint.age",
                        () -> Duration.between(log.newest().signedAt(), clock.instant())
                                .toSeconds())
                .baseUnit("seconds")
                .description("Age of the newest checkpoint")
                .register(meters);
    }

    @Override
    public boolean handles(String type) {
        return true;
    }

    @Override
    public void requirePredecessors(VerifiedEvent event) {
        EventTypes.classOf(event.event().getType())
                .flatMap(known -> Opening.evidenceOf(event.domainEvent()))
                .map(Hash::hex)
                .filter(sha256 -> !evidence.claim(sha256))
                .ifPresent(sha256 -> {
                    throw new PredecessorMissing("no evidence " + sha256 + " has come yet");
                });
    }

    @Override
    public void handle(List<VerifiedEvent> verified) {
        long begun = System.nanoTime();
        verified.forEach(this::requirePredecessors);
        numbers.note(verified);
        ticks.catchUp();
        anchoring.anchor(verified.stream().map(Leaf::of).toList()).ifPresent(batch -> {
            Duration taken = Duration.ofNanos(System.nanoTime() - begun);
            AfterCommit.run(() -> {
                appends.record(taken);
                batches.record(batch.leaves().size());
            });
        });
    }
}
