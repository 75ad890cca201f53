package io.jiucang.quickstart.audit;

import static io.jiucang.quickstart.audit.Breach.Check.ROW_ADDED;
import static io.jiucang.quickstart.audit.Breach.Check.ROW_ALTERED;
import static io.jiucang.quickstart.audit.Breach.Check.ROW_MISSING;

import io.jiucang.events.EventRefused;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Hash;
import io.jiucang.quickstart.audit.Breach.Check;
import io.jiucang.starter.store.ToldRows.ToldRow;
import io.jiucang.title.directory.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Whether each service's database says what the service told: row by leaf, and leaf by row. */
final class RowCheck {

    private final Map<Hash, Long> indexes;
    private final NavigableMap<Long, VerifiedEvent> leaves;
    private final EventVerifier verifier;
    private final List<Breach> breaches = new ArrayList<>();

    RowCheck(Map<Hash, Long> indexes, NavigableMap<Long, VerifiedEvent> leaves, EventVerifier verifier) {
        this.indexes = indexes;
        this.leaves = leaves;
        this.verifier = verifier;
    }

    List<Breach> breaches() {
        return breaches;
    }

    /** @param settled the first index whose row need not be there yet */
    void check(Service service, List<ToldRow> rows, long settled) {
        Map<Long, String> told = told(service);
        Map<String, Long> byId = new HashMap<>();
        told.forEach((index, id) -> byId.putIfAbsent(id, index));
        Set<Long> found = new HashSet<>();
        for (ToldRow row : rows) {
            Long index = indexes.get(Hash.of(SignedEvents.leafHash(row.envelope())));
            Long sameId = byId.get(row.eventId());
            Optional<String> unsound = unsound(row);
            if (index != null) {
                found.add(index);
                unsound.ifPresent(why -> breach(ROW_ALTERED, service, row.eventId(), index, why));
            } else if (sameId != null) {
                found.add(sameId);
                breach(ROW_ALTERED, service, row.eventId(), sameId, "its envelope is another than the leaf");
            } else if (unsound.isPresent()
                    || row.event().filter(Gathered::isAnnouncement).isEmpty()) {
                breach(ROW_ADDED, service, row.eventId(), null, "the ledger has no such event");
            }
        }
        told.forEach((index, id) -> {
            if (index < settled && !found.contains(index)) {
                breach(ROW_MISSING, service, id, index, "the service told it, and has no such row");
            }
        });
    }

    /** The ids of one service's events, by their leaves. */
    private Map<Long, String> told(Service service) {
        Map<Long, String> told = new TreeMap<>();
        leaves.forEach((index, event) -> {
            if (event.event().getSource().equals(service.source())) {
                told.put(index, event.event().getId());
            }
        });
        return told;
    }

    /** Why the row, read as an event, is not what its envelope signs. */
    private Optional<String> unsound(ToldRow row) {
        if (row.event().isEmpty()) {
            return Optional.of("it cannot be read as an event");
        }
        try {
            verifier.verify(row.event().get());
            return Optional.empty();
        } catch (EventRefused e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private void breach(Check check, Service service, String event, @Nullable Long index, String why) {
        breaches.add(new Breach(check.name(), service.source().toString(), event, index, why));
    }
}
