package io.jiucang.starter.store;

import io.cloudevents.CloudEvent;
import io.jiucang.events.envelope.SignedEvents;
import java.util.List;
import java.util.Optional;
import org.axonframework.serialization.Serializer;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What any service's database says that the service has told, for whoever audits it from outside. Without the service's
 * key the rows' seals say nothing, so nothing of this is to be believed: it is to be compared with the ledger.
 */
public final class ToldRows {

    private static final Serializer SERIALIZER = new EventSerializer();

    private ToldRows() {}

    /**
     * @param envelope the event's leaf in the ledger
     * @param event as the row's columns give it, with that envelope; empty if they give none
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record ToldRow(String eventId, byte[] envelope, Optional<CloudEvent> event) {}

    /** In the order they were recorded. */
    public static List<ToldRow> read(JdbcClient database) {
        return database.sql("select " + StoredEvent.COLUMNS
                        + " from domain_event_entry where told is not null order by global_index")
                .query((row, number) -> {
                    byte[] envelope = row.getBytes("envelope");
                    return new ToldRow(
                            row.getString("event_identifier"), envelope, event(StoredEvent.unsealed(row), envelope));
                })
                .list();
    }

    private static Optional<CloudEvent> event(StoredEvent row, byte[] envelope) {
        try {
            return Optional.of(SignedEvents.signed(row.toCloudEvent(SERIALIZER), envelope));
        } catch (RuntimeException e) {
            // Whatever was written there by hand: each column has its own way to be no part of an event.
            return Optional.empty();
        }
    }
}
