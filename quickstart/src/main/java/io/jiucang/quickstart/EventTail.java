package io.jiucang.quickstart;

import io.cloudevents.CloudEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.VerifiedEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.jspecify.annotations.Nullable;

/** Reads every topic from its beginning, verifies every event, and knows where each stands in the ledger. */
final class EventTail implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EventVerifier verifier;
    private final KafkaConsumer<String, byte[]> consumer;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Thread thread;
    private final List<Seen<?>> seen = new ArrayList<>();
    private final Map<String, Anchor> anchors = new HashMap<>();

    /**
     * An event as it came by.
     *
     * @param signed the event and its signature, verified
     * @param index its leaf in the ledger
     */
    record Seen<E extends DomainEvent>(E event, VerifiedEvent signed, long index) {

        CloudEvent cloudEvent() {
            return signed.event();
        }
    }

    private EventTail(EventVerifier verifier, KafkaConsumer<String, byte[]> consumer) {
        this.verifier = verifier;
        this.consumer = consumer;
        this.thread = Thread.ofPlatform().name("event-tail").daemon().unstarted(this::run);
    }

    static EventTail start(EventVerifier verifier, String bootstrapServers) {
        EventTail tail = new EventTail(verifier, EventTopics.consumer(bootstrapServers));
        tail.thread.start();
        return tail;
    }

    private void run() {
        try (consumer) {
            while (!closing.get()) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                    take(verifier.verify(record));
                }
            }
        }
    }

    private synchronized void take(VerifiedEvent verified) {
        DomainEvent event = verified.domainEvent();
        if (event instanceof EventsAnchored batch) {
            batch.anchors().forEach(anchor -> anchors.put(anchor.eventId(), anchor));
        } else {
            seen.add(new Seen<>(event, verified, -1));
        }
        notifyAll();
    }

    /** Waits for the first event of this kind that matches, and for its anchor. */
    synchronized <E extends DomainEvent> Seen<E> await(Class<E> type, Predicate<E> matching) {
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            Seen<E> found = find(type, matching);
            if (found != null && found.index >= 0) {
                return found;
            }
            long left = Duration.between(Instant.now(), end).toMillis();
            if (left <= 0) {
                throw new IllegalStateException(
                        (found == null ? "no " : "no anchor for ") + type.getSimpleName() + " within " + PATIENCE);
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    private <E extends DomainEvent> @Nullable Seen<E> find(Class<E> type, Predicate<E> matching) {
        for (Seen<?> candidate : seen) {
            if (type.isInstance(candidate.event)) {
                E event = type.cast(candidate.event);
                if (matching.test(event)) {
                    Anchor anchor = anchors.get(candidate.cloudEvent().getId());
                    return new Seen<>(event, candidate.signed, anchor == null ? -1 : anchor.index());
                }
            }
        }
        return null;
    }

    /** Those of one kind that have come by. */
    synchronized <E extends DomainEvent> List<E> all(Class<E> type) {
        return seen.stream()
                .map(Seen::event)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    @Override
    public void close() {
        closing.set(true);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
