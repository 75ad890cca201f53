package io.jiucang.starter.store;

import io.cloudevents.CloudEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventTypes;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.axonframework.serialization.Serializer;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The service's own events as they are told, for whoever has to show one again. */
public final class SignedEventStore {

    private final JdbcClient jdbc;
    private final Serializer serializer;
    private final Seal seal;

    SignedEventStore(JdbcClient jdbc, Serializer serializer, Seal seal) {
        this.jdbc = jdbc;
        this.serializer = serializer;
        this.seal = seal;
    }

    /**
     * An event and the envelope that signs it.
     *
     * @param event as sent, without its envelope
     * @param dsseMaterial the event's leaf in the ledger
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record Signed(CloudEvent event, byte[] dsseMaterial) {

        public <E extends DomainEvent> E domainEvent(Class<E> type) {
            return EventJson.read(Objects.requireNonNull(event.getData()).toBytes(), type);
        }
    }

    /**
     * Those of these events that are told, in the order they were recorded.
     *
     * @throws StoredRowAltered if one is not as the service wrote it
     */
    public List<Signed> find(Collection<String> eventIds) {
        return jdbc
                .sql("select " + StoredEvent.COLUMNS + """
                        from domain_event_entry where event_identifier = any(?) and told is not null
                        order by global_index""")
                .param(eventIds.toArray(String[]::new))
                .query((row, number) -> StoredEvent.read(row, seal))
                .list()
                .stream()
                .map(this::signed)
                .toList();
    }

    /**
     * The one of this type that was recorded last.
     *
     * @throws StoredRowAltered if it is not as the service wrote it
     */
    public Optional<Signed> newest(Class<? extends DomainEvent> type) {
        return jdbc.sql("select " + StoredEvent.COLUMNS + """
                        from domain_event_entry where payload_type = ? and told is not null
                        order by global_index desc limit 1""")
                .param(EventTypes.typeOf(type))
                .query((row, number) -> StoredEvent.read(row, seal))
                .optional()
                .map(this::signed);
    }

    private Signed signed(StoredEvent event) {
        return new Signed(event.toCloudEvent(serializer), Objects.requireNonNull(event.envelope()));
    }

    /**
     * Has everything told again, with the same bytes: readers know each event by its leaf.
     *
     * @return how many had been told
     */
    public int tellAgain() {
        return jdbc.sql("""
                        insert into outbox (global_index)
                        select global_index from domain_event_entry where told is not null
                        on conflict do nothing""").update();
    }
}
