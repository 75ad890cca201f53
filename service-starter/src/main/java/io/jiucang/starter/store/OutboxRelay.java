package io.jiucang.starter.store;

import io.cloudevents.CloudEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.SignedEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.axonframework.config.ProcessingGroup;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.core.KafkaTemplate;

/**
 * Tails the service's own event store, signs each event and sends it to Kafka.
 *
 * <p>Its position is stored in the transaction that ends a batch, which only commits once the broker has acknowledged
 * every event of the batch: after a crash events are sent again, with the same bytes, and never left out. Events of
 * one aggregate stay in order, because one segment sends them one after the other through an idempotent producer.
 */
@ProcessingGroup(OutboxRelay.NAME)
final class OutboxRelay {

    static final String NAME = "outbox-relay";
    private static final long ACKNOWLEDGE_SECONDS = 30;

    private final KafkaTemplate<String, byte[]> kafka;
    private final EventSigner signer;
    private final JdbcTemplate jdbc;

    OutboxRelay(KafkaTemplate<String, byte[]> kafka, EventSigner signer, JdbcTemplate jdbc) {
        this.kafka = kafka;
        this.signer = signer;
        this.jdbc = jdbc;
    }

    @EventHandler
    void relay(DomainEvent event, DomainEventMessage<?> message, TrackingToken token) {
        CloudEvent signed = signer.sign(SignedEvents.toCloudEvent(event, metadata(message, token)));
        batch().add(message.getIdentifier(), signed);
    }

    private static EventMetadata metadata(DomainEventMessage<?> message, TrackingToken token) {
        return SignedEventStore.metadata(
                message.getIdentifier(),
                message.getAggregateIdentifier(),
                message.getTimestamp(),
                token.position().orElseThrow(),
                message.getMetaData());
    }

    private Batch batch() {
        UnitOfWork<?> work = CurrentUnitOfWork.get().root();
        return work.getOrComputeResource(NAME, key -> {
            Batch batch = new Batch();
            work.onPrepareCommit(committing -> batch.finish());
            return batch;
        });
    }

    private final class Batch {

        private final List<Future<?>> sends = new ArrayList<>();
        private final List<Object[]> rows = new ArrayList<>();

        void add(String eventId, CloudEvent signed) {
            sends.add(kafka.send(SignedEvents.toRecord(signed)));
            rows.add(new Object[] {eventId, SignedEvents.dsseMaterial(signed)});
        }

        void finish() {
            jdbc.batchUpdate(
                    "insert into signed_event (event_id, dsse_material) values (?, ?) on conflict do nothing", rows);
            kafka.flush();
            for (Future<?> send : sends) {
                acknowledged(send);
            }
        }

        private static void acknowledged(Future<?> send) {
            try {
                send.get(ACKNOWLEDGE_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new IllegalStateException("the broker did not take an event; the batch is sent again", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted; the batch is sent again", e);
            }
        }
    }
}
