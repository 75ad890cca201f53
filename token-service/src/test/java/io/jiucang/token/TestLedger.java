package io.jiucang.token;

import io.cloudevents.CloudEvent;
import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.MerkleTree;
import io.jiucang.ledger.SigningKey;
import io.jiucang.ledger.TilePath;
import io.jiucang.ledger.TiledTree;
import io.jiucang.starter.test.TestPlatform;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A ledger in memory, honest unless asked otherwise. */
final class TestLedger {

    static final String ORIGIN = TestPlatform.ORIGIN;

    private final SigningKey key = randomKey();
    private final Map<String, byte[]> tiles = new HashMap<>();
    private TiledTree tree = new TiledTree(0, this::tile);

    String vkey() {
        return key.verifierKey().format();
    }

    /** Appends the events and tells where they are. */
    synchronized EventsAnchored anchor(CloudEvent... events) {
        return anchor(key, events);
    }

    /** The same, but by somebody who only claims to be the ledger. */
    synchronized EventsAnchored anchorAsImpostor(CloudEvent... events) {
        return anchor(SigningKey.of(key.verifierKey().name(), randomSeed()), events);
    }

    private EventsAnchored anchor(SigningKey signer, CloudEvent... events) {
        long first = tree.size();
        List<Hash> leaves = new ArrayList<>();
        for (CloudEvent event : events) {
            leaves.add(MerkleTree.leafHash(SignedEvents.dsseMaterial(event)));
        }
        TiledTree.Appended appended = tree.append(leaves);
        appended.changed().forEach(tile -> tiles.put(key(tile.path()), tile.bytes()));
        tree = appended.tree();
        List<Anchor> anchors = new ArrayList<>();
        for (int i = 0; i < events.length; i++) {
            anchors.add(new Anchor(
                    events[i].getSource().toString(),
                    events[i].getId(),
                    leaves.get(i).hex(),
                    events[i].getType(),
                    first + i,
                    tree.inclusionProof(first + i).stream().map(Hash::base64).toList()));
        }
        String checkpoint =
                new Checkpoint(ORIGIN, tree.size(), tree.root()).sign(signer).format();
        return new EventsAnchored(ORIGIN, tree.size(), checkpoint, anchors);
    }

    /** The anchor with each proof's first hash replaced. */
    static EventsAnchored withFalseProofs(EventsAnchored honest) {
        List<Anchor> anchors = honest.anchors().stream()
                .map(anchor -> {
                    List<String> proof = new ArrayList<>(anchor.proof());
                    proof.set(0, MerkleTree.leafHash(new byte[] {1}).base64());
                    return new Anchor(
                            anchor.source(), anchor.eventId(), anchor.leafHash(), anchor.type(), anchor.index(), proof);
                })
                .toList();
        return new EventsAnchored(honest.origin(), honest.treeSize(), honest.checkpoint(), anchors);
    }

    private Optional<byte[]> tile(TilePath path) {
        return Optional.ofNullable(tiles.get(key(path)));
    }

    /** A tile only ever grows, so its widest version serves for all. */
    private static String key(TilePath path) {
        return path.level() + "/" + path.index();
    }

    private static SigningKey randomKey() {
        return SigningKey.of(ORIGIN, randomSeed());
    }

    private static byte[] randomSeed() {
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        return seed;
    }
}
