package io.jiucang.starter.store;

import static io.jiucang.starter.Columns.column;

import io.jiucang.events.DomainEvent;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.starter.AfterCommit;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.axonframework.eventhandling.DomainEventData;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericDomainEventEntry;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedDomainEventData;
import org.axonframework.eventhandling.TrackedEventData;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.AbstractEventStorageEngine;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The record of truth: events signed when the command that decided them records them, in its transaction, and believed
 * only as they were written.
 *
 * <p>What a service tells, its {@link DomainEvent}s, goes to the outbox as well, from where the relay takes it. What a
 * service keeps to itself has no envelope; its seal is all that speaks for it.
 */
final class SignedEventStorage extends AbstractEventStorageEngine {

    /** Kafka takes a megabyte; headers and envelope need their part of it. */
    private static final int LARGEST_PAYLOAD = 900_000;

    private static final String SNAPSHOTS = "snapshot_event_entry";
    private static final byte[] NO_META_DATA = "{}".getBytes(StandardCharsets.US_ASCII);

    private final JdbcClient jdbc;
    private final EventSigner signer;
    private final Predicate<Instant> mayBeSigned;
    private final Seal seal;
    private final Runnable wakeRelay;

    private SignedEventStorage(
            Builder builder,
            JdbcClient jdbc,
            EventSigner signer,
            Predicate<Instant> mayBeSigned,
            Seal seal,
            Runnable wakeRelay) {
        super(builder);
        this.jdbc = jdbc;
        this.signer = signer;
        this.mayBeSigned = mayBeSigned;
        this.seal = seal;
        this.wakeRelay = wakeRelay;
    }

    /**
     * @param mayBeSigned whether others accept what is signed at a time
     * @param wakeRelay called once what was recorded can be read by others
     */
    static SignedEventStorage create(
            Serializer serializer,
            JdbcClient jdbc,
            EventSigner signer,
            Predicate<Instant> mayBeSigned,
            Seal seal,
            Runnable wakeRelay) {
        Builder builder = new Builder() {};
        builder.eventSerializer(serializer)
                .snapshotSerializer(serializer)
                .persistenceExceptionResolver(failure -> failure instanceof DuplicateKeyException);
        return new SignedEventStorage(builder, jdbc, signer, mayBeSigned, seal, wakeRelay);
    }

    @Override
    protected void appendEvents(List<? extends EventMessage<?>> messages, Serializer serializer) {
        if (messages.isEmpty()) {
            return;
        }
        Map<String, Long> told = new HashMap<>();
        List<StoredEvent> events = new ArrayList<>(messages.size());
        for (EventMessage<?> message : messages) {
            events.add(signed((DomainEventMessage<?>) message, told, serializer));
        }
        try {
            insert(events);
        } catch (DuplicateKeyException e) {
            handlePersistenceException(e, messages.getFirst());
        }
        if (events.stream().anyMatch(event -> event.envelope() != null)) {
            // An unfinished transaction's events cannot be read by anyone else.
            AfterCommit.run(wakeRelay);
        }
    }

    private StoredEvent signed(DomainEventMessage<?> message, Map<String, Long> told, Serializer serializer) {
        SerializedObject<byte[]> payload = message.serializePayload(serializer, byte[].class);
        if (payload.getData().length > LARGEST_PAYLOAD) {
            throw new IllegalArgumentException(
                    "an event of " + payload.getData().length + " bytes is more than others could take");
        }
        String aggregate = message.getAggregateIdentifier();
        Long number = message.getPayload() instanceof DomainEvent ? number(message, told) : null;
        StoredEvent event = new StoredEvent(
                aggregate,
                message.getSequenceNumber(),
                message.getType(),
                message.getIdentifier(),
                number,
                message.getTimestamp().toString(),
                payload.getType().getName(),
                message.serializeMetaData(serializer, byte[].class).getData(),
                payload.getData(),
                null);
        return number == null ? event : event.with(envelope(event, serializer));
    }

    private long number(DomainEventMessage<?> message, Map<String, Long> told) {
        String aggregate = message.getAggregateIdentifier();
        Long last = told.get(aggregate);
        long number = last != null ? last + 1 : message.getSequenceNumber() == 0 ? 0 : nextToTell(aggregate);
        told.put(aggregate, number);
        return number;
    }

    private byte[] envelope(StoredEvent event, Serializer serializer) {
        Instant time = Instant.parse(event.time());
        if (!mayBeSigned.test(time)) {
            throw new SigningKeyNotValid(signer.keyId(), time);
        }
        return SignedEvents.dsseMaterial(signer.sign(event.toCloudEvent(serializer)));
    }

    /** Whoever records for an aggregate holds its lock, so nobody numbers meanwhile. */
    private long nextToTell(String aggregate) {
        return jdbc.sql("""
                        select told from domain_event_entry where aggregate_identifier = ? and told is not null
                        order by sequence_number desc limit 1""")
                .param(aggregate)
                .query(Long.class)
                .optional()
                .map(last -> last + 1)
                .orElse(0L);
    }

    private void insert(List<StoredEvent> events) {
        jdbc.sql("""
                        with stored as (
                            insert into domain_event_entry (aggregate_identifier, sequence_number, type,
                                event_identifier, told, time_stamp, payload_type, meta_data, payload, envelope, seal)
                            select * from unnest(:aggregates::text[], :sequences::bigint[], :aggregateTypes::text[],
                                :ids::text[], :told::bigint[], :times::text[], :types::text[], :metaData::bytea[],
                                :payloads::bytea[], :envelopes::bytea[], :seals::bytea[])
                            returning global_index, told)
                        insert into outbox (global_index) select global_index from stored where told is not null""")
                .param("aggregates", column(events, StoredEvent::aggregateId, String[]::new))
                .param("sequences", column(events, StoredEvent::sequence, Long[]::new))
                .param("aggregateTypes", column(events, StoredEvent::aggregateType, String[]::new))
                .param("ids", column(events, StoredEvent::eventId, String[]::new))
                .param("told", column(events, StoredEvent::told, Long[]::new))
                .param("times", column(events, StoredEvent::time, String[]::new))
                .param("types", column(events, StoredEvent::type, String[]::new))
                .param("metaData", column(events, StoredEvent::metaData, byte[][]::new))
                .param("payloads", column(events, StoredEvent::payload, byte[][]::new))
                .param("envelopes", column(events, StoredEvent::envelope, byte[][]::new))
                .param("seals", column(events, event -> event.sealed(seal), byte[][]::new))
                .update();
    }

    @Override
    protected Stream<? extends DomainEventData<?>> readEventData(String aggregate, long first) {
        List<StoredEvent> events = jdbc.sql("select " + StoredEvent.COLUMNS + """
                        from domain_event_entry where aggregate_identifier = ? and sequence_number >= ?
                        order by sequence_number""")
                .params(aggregate, first)
                .query((row, number) -> StoredEvent.read(row, seal))
                .list();
        long expected = first;
        for (StoredEvent event : events) {
            if (event.sequence() != expected++) {
                throw new StoredRowAltered(
                        StoredEvent.TABLE, "event " + (expected - 1) + " of " + aggregate, "it is missing");
            }
        }
        return events.stream().map(StoredEvent::toAxon);
    }

    @Override
    public Optional<Long> lastSequenceNumberFor(String aggregate) {
        return jdbc.sql("select max(sequence_number) from domain_event_entry where aggregate_identifier = ?")
                .param(aggregate)
                .query((row, number) -> Optional.ofNullable(row.getObject(1, Long.class)))
                .single();
    }

    @Override
    protected void storeSnapshot(DomainEventMessage<?> snapshot, Serializer serializer) {
        SerializedObject<byte[]> payload = snapshot.serializePayload(serializer, byte[].class);
        String aggregate = snapshot.getAggregateIdentifier();
        String time = snapshot.getTimestamp().toString();
        String type = payload.getType().getName();
        jdbc.sql("""
                        insert into snapshot_event_entry (aggregate_identifier, sequence_number, type,
                            event_identifier, time_stamp, payload_type, payload, seal)
                        values (?, ?, ?, ?, ?, ?, ?, ?)
                        on conflict (aggregate_identifier) do update set sequence_number = excluded.sequence_number,
                            event_identifier = excluded.event_identifier, time_stamp = excluded.time_stamp,
                            payload_type = excluded.payload_type, payload = excluded.payload, seal = excluded.seal
                        where snapshot_event_entry.sequence_number < excluded.sequence_number""")
                .param(aggregate)
                .param(snapshot.getSequenceNumber())
                .param(snapshot.getType())
                .param(snapshot.getIdentifier())
                .param(time)
                .param(type)
                .param(payload.getData())
                .param(seal.of(
                        SNAPSHOTS,
                        aggregate,
                        snapshot.getSequenceNumber(),
                        snapshot.getType(),
                        snapshot.getIdentifier(),
                        time,
                        type,
                        payload.getData()))
                .update();
    }

    /** Of one that was altered Axon says so, and reads the aggregate from its events alone. */
    @Override
    protected Stream<? extends DomainEventData<?>> readSnapshotData(String aggregate) {
        return jdbc
                .sql("""
                        select sequence_number, type, event_identifier, time_stamp, payload_type, payload, seal
                        from snapshot_event_entry where aggregate_identifier = ?""")
                .param(aggregate)
                .query((row, number) -> {
                    long sequence = row.getLong(1);
                    String type = row.getString(2);
                    String id = row.getString(3);
                    String time = row.getString(4);
                    String payloadType = row.getString(5);
                    byte[] payload = row.getBytes(6);
                    seal.require(
                            row.getBytes(7),
                            aggregate,
                            SNAPSHOTS,
                            aggregate,
                            sequence,
                            type,
                            id,
                            time,
                            payloadType,
                            payload);
                    return new GenericDomainEventEntry<>(
                            type, aggregate, sequence, id, time, payloadType, null, payload, NO_META_DATA);
                })
                .list()
                .stream();
    }

    /**
     * All of them in the order they were numbered, to build a view anew. For what is recorded meanwhile there is no such
     * order: policies, sagas and views are handed it as it happens, and the relay has its outbox.
     */
    @Override
    protected Stream<? extends TrackedEventData<?>> readEventData(@Nullable TrackingToken token, boolean mayBlock) {
        long after = token == null ? 0 : token.position().orElse(0);
        return jdbc
                .sql("select global_index, " + StoredEvent.COLUMNS
                        + " from domain_event_entry where global_index > ? order by global_index")
                .param(after)
                .query((row, number) -> new TrackedDomainEventData<>(
                        new GlobalSequenceTrackingToken(row.getLong(1)),
                        StoredEvent.read(row, seal).toAxon()))
                .list()
                .stream();
    }
}
