package io.jiucang.starter.store;

import io.cloudevents.CloudEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventTypes;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.SignedEvents;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.axonframework.eventhandling.DomainEventData;
import org.axonframework.eventhandling.GenericDomainEventEntry;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.SimpleSerializedObject;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code domain_event_entry}.
 *
 * @param told the event's number among those its aggregate tells; null for one that the service keeps to itself
 * @param time ISO 8601
 * @param metaData JSON
 * @param payload JSON
 * @param envelope the event's leaf in the ledger, made when it was recorded; null like {@code told}
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record StoredEvent(
        String aggregateId,
        long sequence,
        @Nullable String aggregateType,
        String eventId,
        @Nullable Long told,
        String time,
        String type,
        byte[] metaData,
        byte[] payload,
        byte @Nullable [] envelope) {

    static final String TABLE = "domain_event_entry";

    static final String COLUMNS = """
            aggregate_identifier, sequence_number, type, event_identifier, told, time_stamp, payload_type, meta_data,
            payload, envelope, seal
            """;

    /** @throws StoredRowAltered if the service did not write the row so */
    static StoredEvent read(ResultSet row, Seal seal) throws SQLException {
        StoredEvent event = unsealed(row);
        seal.require(
                row.getBytes("seal"), "event " + event.sequence + " of " + event.aggregateId, TABLE, event.fields());
        return event;
    }

    /** Whoever wrote it: nothing for the service itself. */
    static StoredEvent unsealed(ResultSet row) throws SQLException {
        return new StoredEvent(
                row.getString("aggregate_identifier"),
                row.getLong("sequence_number"),
                row.getString("type"),
                row.getString("event_identifier"),
                row.getObject("told", Long.class),
                row.getString("time_stamp"),
                row.getString("payload_type"),
                row.getBytes("meta_data"),
                row.getBytes("payload"),
                row.getBytes("envelope"));
    }

    StoredEvent with(byte[] envelope) {
        return new StoredEvent(
                aggregateId, sequence, aggregateType, eventId, told, time, type, metaData, payload, envelope);
    }

    byte[] sealed(Seal seal) {
        return seal.of(TABLE, fields());
    }

    private @Nullable Object[] fields() {
        return new @Nullable Object[] {
            aggregateId, sequence, aggregateType, eventId, told, time, type, metaData, payload, envelope
        };
    }

    DomainEventData<?> toAxon() {
        return new GenericDomainEventEntry<>(
                aggregateType, aggregateId, sequence, eventId, time, type, null, payload, metaData);
    }

    /** What is told of it, without its envelope. Only for an event that has one. */
    CloudEvent toCloudEvent(Serializer serializer) {
        Class<? extends DomainEvent> event = EventTypes.classOf(type).orElseThrow();
        return SignedEvents.toCloudEvent(event, payload, metadata(serializer));
    }

    private EventMetadata metadata(Serializer serializer) {
        MetaData data = serializer.deserialize(
                new SimpleSerializedObject<>(metaData, byte[].class, MetaData.class.getName(), null));
        return new EventMetadata(
                eventId,
                aggregateId,
                Instant.parse(time),
                told == null ? 0 : told,
                data.get(Correlation.CORRELATION_ID) instanceof String correlationId ? correlationId : eventId,
                (String) data.get(Correlation.CAUSATION_ID),
                (String) data.get(Correlation.TRACEPARENT));
    }
}
