package io.jiucang.starter.store;

import io.cloudevents.CloudEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventTypes;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.SignedEvents;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.SimpleSerializedObject;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The service's own events as the relay sent them, for whoever has to show one again. */
public final class SignedEventStore {

    private final JdbcClient jdbc;
    private final Serializer serializer;

    SignedEventStore(JdbcClient jdbc, Serializer serializer) {
        this.jdbc = jdbc;
        this.serializer = serializer;
    }

    /**
     * An event and the envelope that signs it.
     *
     * @param event as sent, without its envelope
     * @param dsseMaterial the event's leaf in the ledger
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record Signed(CloudEvent event, byte[] dsseMaterial) {}

    /** Those of these events that were sent, in the order they were recorded. */
    public List<Signed> find(Collection<String> eventIds) {
        return jdbc.sql("""
                        select e.global_index, e.event_identifier, e.aggregate_identifier, e.time_stamp,
                               e.payload_type, e.payload, e.meta_data, s.dsse_material
                        from domain_event_entry e join signed_event s on s.event_id = e.event_identifier
                        where e.event_identifier = any(?) order by e.global_index""")
                .param(eventIds.toArray(String[]::new))
                .query((row, number) -> signed(row))
                .list();
    }

    private Signed signed(ResultSet row) throws SQLException {
        Class<? extends DomainEvent> type =
                EventTypes.classOf(row.getString("payload_type")).orElseThrow();
        EventMetadata metadata = metadata(
                row.getString("event_identifier"),
                row.getString("aggregate_identifier"),
                Instant.parse(row.getString("time_stamp")),
                row.getLong("global_index"),
                serializer.deserialize(new SimpleSerializedObject<>(
                        row.getBytes("meta_data"), byte[].class, MetaData.class.getName(), null)));
        return new Signed(
                SignedEvents.toCloudEvent(EventJson.read(row.getBytes("payload"), type), metadata),
                row.getBytes("dsse_material"));
    }

    /** What the CloudEvent of a stored event says besides its data: here and in the relay the same. */
    static EventMetadata metadata(String id, String subject, Instant time, long sequence, MetaData metaData) {
        return new EventMetadata(
                id,
                subject,
                time,
                sequence,
                metaData.get(Correlation.CORRELATION_ID) instanceof String correlationId ? correlationId : id,
                (String) metaData.get(Correlation.CAUSATION_ID),
                (String) metaData.get(Correlation.TRACEPARENT));
    }
}
