package io.jiucang.quickstart;

import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.EntryBundle;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.MerkleTree;
import io.jiucang.ledger.SignedNote;
import io.jiucang.ledger.TilePath;
import io.jiucang.ledger.TileReader;
import io.jiucang.ledger.TiledTree;
import io.jiucang.ledger.VerifierKey;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What an outsider checks who trusts nobody: with the ledger's public key, its public tiles, and the events at hand.
 *
 * <p>The events come with their signatures verified already; here it is shown that each of them stands in the log, that
 * nothing else does, and that the log never took anything back.
 */
final class Audit {

    private final URI log;
    private final VerifierKey key;

    Audit(URI log, String vkey) {
        this.log = log;
        this.key = VerifierKey.parse(vkey);
    }

    record Findings(long events, long entries, int checkpoints, int announced, Checkpoint newest) {}

    /** @throws IllegalStateException or {@link io.jiucang.ledger.LedgerException} for the first thing that is not right */
    Findings run(List<VerifiedEvent> events, List<EventsAnchored> announcements) {
        Checkpoint newest =
                open(Api.getPublic(log.resolve("/checkpoint")).requireSuccess().text());
        Map<TilePath, Optional<byte[]>> cache = new HashMap<>();
        TileReader tiles = path -> cache.computeIfAbsent(path, this::fetch);
        TiledTree tree = new TiledTree(newest.size(), tiles);
        require(tree.root().equals(newest.root()), "the tiles do not lead to the checkpoint's root");

        Map<Hash, Long> leaves = leaves(newest.size());
        require(leaves.size() == newest.size(), "an entry stands in the log twice");
        for (VerifiedEvent event : events) {
            Hash leaf = Entry.of(event.dsseMaterial()).leafHash();
            long index = Objects.requireNonNull(
                    leaves.get(leaf), () -> "event " + event.event().getId() + " is not in the log");
            MerkleTree.verifyInclusion(leaf, index, newest.size(), tree.inclusionProof(index), newest.root());
        }
        int announced = verifyAnnouncements(events, announcements);
        List<Checkpoint> checkpoints = checkpoints();
        for (Checkpoint earlier : checkpoints) {
            MerkleTree.verifyConsistency(
                    earlier.size(),
                    earlier.root(),
                    newest.size(),
                    newest.root(),
                    tree.consistencyProof(earlier.size(), newest.size()));
        }
        return new Findings(events.size(), newest.size(), checkpoints.size(), announced, newest);
    }

    private int verifyAnnouncements(List<VerifiedEvent> events, List<EventsAnchored> announcements) {
        Map<String, VerifiedEvent> byId = new HashMap<>();
        events.forEach(event -> byId.put(event.event().getId(), event));
        int verified = 0;
        for (EventsAnchored announcement : announcements) {
            Checkpoint checkpoint = open(announcement.checkpoint());
            for (var anchor : announcement.anchors()) {
                VerifiedEvent event = byId.get(anchor.eventId());
                if (event != null) {
                    List<Hash> proof =
                            anchor.proof().stream().map(Hash::ofBase64).toList();
                    MerkleTree.verifyInclusion(
                            Entry.of(event.dsseMaterial()).leafHash(),
                            anchor.index(),
                            checkpoint.size(),
                            proof,
                            checkpoint.root());
                    verified++;
                }
            }
        }
        return verified;
    }

    private Map<Hash, Long> leaves(long size) {
        Map<Hash, Long> leaves = new HashMap<>();
        for (long bundle = 0; bundle * TilePath.FULL_WIDTH < size; bundle++) {
            int width = (int) Math.min(TilePath.FULL_WIDTH, size - bundle * TilePath.FULL_WIDTH);
            TilePath path = new TilePath(TilePath.ENTRIES, bundle, width);
            byte[] bytes = fetch(path).orElseThrow(() -> new IllegalStateException("missing: " + path));
            for (Entry entry : EntryBundle.parse(bytes).entries()) {
                leaves.put(entry.leafHash(), (long) leaves.size());
            }
        }
        return leaves;
    }

    private List<Checkpoint> checkpoints() {
        List<Checkpoint> all = new ArrayList<>();
        String query = "";
        while (true) {
            JsonNode page = Api.getPublic(log.resolve("/api/v1/checkpoints" + query))
                    .requireSuccess()
                    .json();
            page.path("items")
                    .forEach(item -> all.add(open(item.path("checkpoint").asString())));
            if (!page.hasNonNull("next")) {
                all.sort(Comparator.comparingLong(Checkpoint::size));
                return all;
            }
            query = "?cursor=" + page.path("next").asString();
        }
    }

    private Checkpoint open(String note) {
        return Checkpoint.open(SignedNote.parse(note), key.name(), List.of(key));
    }

    private Optional<byte[]> fetch(TilePath path) {
        Api.Answer answer = Api.getPublic(log.resolve("/" + path.format()));
        return answer.status() == 404
                ? Optional.empty()
                : Optional.of(answer.requireSuccess().bytes());
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalStateException(otherwise);
        }
    }
}
