package io.jiucang.starter.store;

import io.cloudevents.CloudEvent;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
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
    public record Signed(CloudEvent event, byte[] dsseMaterial) {}

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
                .map(event -> new Signed(event.toCloudEvent(serializer), Objects.requireNonNull(event.envelope())))
                .toList();
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
