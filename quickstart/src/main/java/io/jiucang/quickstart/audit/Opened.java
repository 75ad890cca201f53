package io.jiucang.quickstart.audit;

import io.cloudevents.CloudEvent;
import io.jiucang.events.EventRefused;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Hash;
import io.jiucang.quickstart.audit.Breach.Check;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** The leaves of the log, opened: to each the authentic event whose envelope it is. */
final class Opened {

    private final Map<Hash, Long> indexes;
    private final EventVerifier verifier;
    private final NavigableMap<Long, VerifiedEvent> leaves = new TreeMap<>();
    private final Map<Long, Breach> refused = new TreeMap<>();
    private final Map<Hash, VerifiedEvent> unanchored = new LinkedHashMap<>();
    private final Map<Hash, VerifiedEvent> announcements = new LinkedHashMap<>();
    private final Map<Hash, VerifiedEvent> laterAnnouncements = new LinkedHashMap<>();

    /** @param indexes of all leaves */
    Opened(Map<Hash, Long> indexes, EventVerifier verifier) {
        this.indexes = indexes;
        this.verifier = verifier;
    }

    /** Those that were sent before the log was read: all belong into it, but for its own announcements. */
    void take(List<CloudEvent> events) {
        events.forEach(event -> Gathered.leafOf(event).ifPresent(leaf -> take(event, leaf, unanchored, announcements)));
    }

    /** Those that were sent later, perhaps too late for it. */
    void takeLater(List<CloudEvent> events) {
        events.forEach(event ->
                Gathered.leafOf(event).ifPresent(leaf -> take(event, leaf, new HashMap<>(), laterAnnouncements)));
    }

    /** Of what no source signed, only what pretends to open a leaf is of interest: the rest is anybody's. */
    private void take(
            CloudEvent event, Hash leaf, Map<Hash, VerifiedEvent> absent, Map<Hash, VerifiedEvent> announced) {
        Long index = indexes.get(leaf);
        try {
            VerifiedEvent verified = verifier.verify(event);
            if (index != null) {
                leaves.put(index, verified);
            } else if (Gathered.isAnnouncement(event)) {
                announced.put(leaf, verified);
            } else {
                absent.put(leaf, verified);
            }
        } catch (EventRefused e) {
            if (index != null) {
                refused.put(
                        index,
                        new Breach(
                                Check.SIGNATURE.name(),
                                event.getSource().toString(),
                                event.getId(),
                                index,
                                String.valueOf(e.getMessage())));
            }
        }
    }

    /** By index. */
    NavigableMap<Long, VerifiedEvent> leaves() {
        return leaves;
    }

    /** The ledger's, of trees that its newest checkpoint must have grown to. */
    List<VerifiedEvent> announcements() {
        return List.copyOf(announcements.values());
    }

    List<VerifiedEvent> laterAnnouncements() {
        return List.copyOf(laterAnnouncements.values());
    }

    /** A leaf is opened by one authentic copy of its event, whatever else was sent. */
    List<Breach> breaches(long size) {
        List<Breach> breaches = new ArrayList<>();
        refused.keySet().removeAll(leaves.keySet());
        List<Long> dark = LongStream.range(0, size)
                .filter(index -> !leaves.containsKey(index) && !refused.containsKey(index))
                .boxed()
                .toList();
        if (!dark.isEmpty()) {
            breaches.add(Breach.of(
                    Check.LEAF_NOT_OPENED,
                    dark.size() + " of " + size + " leaves were not opened: " + IndexRanges.shortened(dark)));
        }
        breaches.addAll(refused.values());
        unanchored
                .values()
                .forEach(event -> breaches.add(Breach.of(
                        Check.NOT_ANCHORED.name(), event, null, event.event().getType() + " is not in the ledger")));
        return breaches;
    }
}
