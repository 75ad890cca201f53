package io.jiucang.quickstart.audit;

import io.cloudevents.CloudEvent;
import io.jiucang.events.EventRefused;
import io.jiucang.events.EventTypes;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.Hash;
import io.jiucang.starter.store.ToldRows.ToldRow;
import io.jiucang.title.directory.Service;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that an audit looks at, gathered while the stack goes on; nothing of it is verified but the checkpoints' signatures.
 *
 * @param before events of the topics, read before the log was: all of them belong into it
 * @param after events read later, of which some may not have come to the log
 * @param evidence bytes that events name by their SHA-256, whoever sent them
 * @param rows what each service has recorded as told; empty when its databases were not looked at
 * @param settled how many leaves there were before the rows were read: their rows must be there
 */
public record Gathered(
        Log log,
        List<CloudEvent> before,
        List<CloudEvent> after,
        Map<Hash, byte[]> evidence,
        Optional<Map<Service, List<ToldRow>>> rows,
        long settled) {

    private static final String ANNOUNCEMENT = EventTypes.typeOf(EventsAnchored.class);

    public Gathered {
        before = List.copyOf(before);
        after = List.copyOf(after);
        evidence = Map.copyOf(evidence);
    }

    /** Of where events are in the ledger: the one kind of event that is told and not anchored itself. */
    public static boolean isAnnouncement(CloudEvent event) {
        return event.getType().equals(ANNOUNCEMENT);
    }

    /** The hash of the leaf that the event's envelope makes, if it has one. */
    public static Optional<Hash> leafOf(CloudEvent event) {
        try {
            return Optional.of(Hash.of(SignedEvents.leafHash(SignedEvents.dsseMaterial(event))));
        } catch (EventRefused e) {
            return Optional.empty();
        }
    }

    /**
     * The log as it was served.
     *
     * @param entries as many as the checkpoint says, in index order
     * @param checkpoints all that were ever signed
     */
    public record Log(Checkpoint newest, List<Entry> entries, List<Checkpoint> checkpoints) {

        public Log {
            entries = List.copyOf(entries);
            checkpoints = List.copyOf(checkpoints);
        }

        /** Where each leaf stands; of one that stands there twice, the lower index. */
        public Map<Hash, Long> indexes() {
            Map<Hash, Long> indexes = HashMap.newHashMap(entries.size());
            for (int index = entries.size() - 1; index >= 0; index--) {
                indexes.put(entries.get(index).leafHash(), (long) index);
            }
            return indexes;
        }
    }
}
