package io.jiucang.anchoring;

import io.jiucang.anchoring.LogStore.StoredCheckpoint;
import io.jiucang.anchoring.LogStore.StoredEntry;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.EntryBundle;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.LedgerException;
import io.jiucang.ledger.SignedNote;
import io.jiucang.ledger.SigningKey;
import io.jiucang.ledger.Tile;
import io.jiucang.ledger.TilePath;
import io.jiucang.ledger.TiledTree;
import io.jiucang.ledger.TlogProof;
import io.jiucang.ledger.VerifierKey;
import java.time.Clock;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The log: the one place that appends to it and signs for it.
 *
 * <p>A checkpoint is a promise that can never be taken back, so none is signed but for what the database gives back
 * when asked for what was just written. Writing and signing are one transaction: a crash leaves the log at its last
 * checkpoint, with nothing beyond it. There is one writer at a time, by a lock; should that ever fail, the table of
 * checkpoints admits one successor to each and one checkpoint of a size, so that the second writer's transaction fails.
 */
@Component
final class TransparencyLog {

    private static final Logger logger = LoggerFactory.getLogger(TransparencyLog.class);

    /** Entries recomputed at once: a few megabytes. */
    private static final int CHUNK = 64 * TilePath.FULL_WIDTH;

    private final String origin;
    private final SigningKey key;
    private final long recomputeAtStart;
    private final LogStore store;
    private final Clock clock;
    private final TransactionTemplate writing;
    private final TransactionTemplate snapshot;

    TransparencyLog(
            SigningKey key,
            LedgerSettings settings,
            LogStore store,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.origin = key.verifierKey().name();
        this.key = key;
        this.recomputeAtStart = settings.recomputeAtStart();
        this.store = store;
        this.clock = clock;
        this.writing = new TransactionTemplate(transactions);
        this.snapshot = new TransactionTemplate(transactions);
        snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        snapshot.setReadOnly(true);
    }

    /** What one append added: these leaves, from {@code firstIndex} on, and the tree with its signed checkpoint. */
    record Batch(long firstIndex, List<Leaf> leaves, TiledTree tree, SignedNote checkpoint) {}

    /** An entry and the proof that it is in the log. */
    record Proven(Entry entry, TlogProof proof) {}

    String origin() {
        return origin;
    }

    /** Makes the caller the only writer of all replicas until its transaction ends. */
    void lock() {
        store.lock();
    }

    /** In hex. */
    String leafHash(long index) {
        return entries(index, index + 1).getFirst().leafHash().hex();
    }

    /** Of a leaf that is there. */
    long indexOf(String leafHash) {
        return store.indexOf(Hash.ofHex(leafHash)).orElseThrow(() -> new LogDamaged("there is no leaf " + leafHash));
    }

    VerifierKey verifierKey() {
        return key.verifierKey();
    }

    /** Before anything is read, written or served. The database's snapshot lets other replicas write meanwhile. */
    void open() {
        writing.executeWithoutResult(status -> begin());
        long size = snapshot.execute(status -> requireIntact());
        logger.info("log {} has {} entries; its key is {}", origin, size, verifierKey());
    }

    /**
     * Appends those leaves that are not in the log yet, within the caller's transaction.
     *
     * @return empty if all of them are there already
     * @throws LogDamaged if what is stored is not what was signed; nothing is signed then
     */
    Optional<Batch> append(List<Leaf> leaves) {
        lock();
        List<Leaf> added = absentAmong(leaves);
        if (added.isEmpty()) {
            return Optional.empty();
        }
        try {
            Checkpoint newest = open(newest());
            TiledTree before = new TiledTree(newest.size(), store);
            requireRoot(newest, before.root());
            TiledTree.Appended appended = before.append(
                    added.stream().map(leaf -> leaf.entry().leafHash()).toList());
            store.add(before.size(), added);
            store.put(appended.changed());

            TiledTree stored = recompute(
                    new TiledTree(before.size(), store), appended.tree().size());
            Checkpoint checkpoint = new Checkpoint(origin, stored.size(), stored.root());
            requireRoot(checkpoint, appended.tree().root());
            SignedNote note = checkpoint.sign(key);
            store.add(new StoredCheckpoint(checkpoint.size(), note.format(), clock.instant()), newest.size());
            return Optional.of(new Batch(before.size(), added, stored, note));
        } catch (LedgerException e) {
            throw new LogDamaged("cannot append", e);
        }
    }

    StoredCheckpoint newest() {
        return store.newestCheckpoint().orElseThrow(() -> new LogDamaged("there is no checkpoint"));
    }

    /** Signed checkpoints of sizes greater than {@code after}, in ascending order. */
    List<StoredCheckpoint> checkpoints(long after, int limit) {
        return store.checkpoints(after, Long.MAX_VALUE, limit);
    }

    /** The bytes served for a tile or entry bundle; empty if the signed log is too small to have it. */
    Optional<byte[]> resource(TilePath path) {
        if (!path.isWithin(newest().size())) {
            return Optional.empty();
        }
        try {
            if (path.isEntries()) {
                long first = path.index() * TilePath.FULL_WIDTH;
                return Optional.of(new EntryBundle(entries(first, first + path.width())).format());
            }
            byte[] hashes = store.read(path).orElseThrow(() -> new LogDamaged(path + " is not stored"));
            return Optional.of(Tile.of(path, hashes).bytes());
        } catch (LedgerException e) {
            throw new LogDamaged("cannot serve " + path, e);
        }
    }

    /** The entries of all events of this id, one for each source that has one. */
    List<StoredEntry> entriesOf(String eventId) {
        return store.entriesOf(eventId);
    }

    /** Proves an entry under the newest checkpoint; a proof that would not hold is never handed out. */
    Proven prove(StoredEntry stored) {
        StoredCheckpoint newest = newest();
        try {
            TiledTree tree = new TiledTree(newest.size(), store);
            TlogProof proof =
                    new TlogProof(stored.index(), tree.inclusionProof(stored.index()), SignedNote.parse(newest.note()));
            proof.verify(stored.entry().leafHash(), origin, List.of(verifierKey()));
            return new Proven(stored.entry(), proof);
        } catch (LedgerException e) {
            throw new LogDamaged("cannot prove entry " + stored.index(), e);
        }
    }

    /** Signs the checkpoint of the empty log, unless this or another replica has done so before. */
    private void begin() {
        store.lock();
        if (store.newestCheckpoint().isEmpty()) {
            if (store.countEntries() != 0) {
                throw new LogDamaged("there are entries, and no checkpoint");
            }
            SignedNote note = new Checkpoint(origin, 0, TiledTree.empty().root()).sign(key);
            store.add(new StoredCheckpoint(0, note.format(), clock.instant()), null);
        }
    }

    /**
     * Compares everything with everything for the newest entries: their bytes, the tiles above them, the root of every
     * checkpoint signed over them, and its signature. Of older entries it knows that they are as many as were signed.
     *
     * @return the log's size
     */
    private long requireIntact() {
        try {
            Checkpoint newest = open(newest());
            long entries = store.countEntries();
            if (entries != newest.size()) {
                throw new LogDamaged("there are " + entries + " entries, and a checkpoint of " + newest.size());
            }
            long start = Math.max(0, newest.size() - recomputeAtStart);
            start -= start % TilePath.FULL_WIDTH;
            TiledTree tree = new TiledTree(start, store);
            requireCheckpoints(start - 1, tree);
            while (tree.size() < newest.size()) {
                long from = tree.size();
                tree = recompute(tree, Math.min(from + CHUNK, newest.size()));
                requireCheckpoints(from, tree);
            }
            requireRoot(newest, tree.root());
            return newest.size();
        } catch (LedgerException e) {
            throw new LogDamaged("cannot read the log", e);
        }
    }

    /** Extends a tree by the entries as they are stored, and requires that the stored tiles are those of the result. */
    private TiledTree recompute(TiledTree tree, long size) {
        TiledTree.Appended appended = tree.append(
                entries(tree.size(), size).stream().map(Entry::leafHash).toList());
        for (Tile tile : appended.changed()) {
            byte[] expected = tile.bytes();
            byte[] stored = store.read(tile.path()).orElse(new byte[0]);
            if (stored.length < expected.length
                    || !Arrays.equals(stored, 0, expected.length, expected, 0, expected.length)) {
                throw new LogDamaged(tile.path() + " is not what the entries below it give");
            }
        }
        return appended.tree();
    }

    private List<Entry> entries(long from, long to) {
        List<Entry> entries = store.entries(from, to);
        if (entries.size() != to - from) {
            throw new LogDamaged("of the entries from " + from + " up to " + to + ", some are missing");
        }
        return entries;
    }

    /** Every checkpoint past {@code after} up to the tree's size was signed, and for a tree that this one extends. */
    private void requireCheckpoints(long after, TiledTree tree) {
        List<StoredCheckpoint> stored = store.checkpoints(after, tree.size(), Integer.MAX_VALUE);
        for (Checkpoint checkpoint : stored.parallelStream().map(this::open).toList()) {
            requireRoot(checkpoint, tree.rootAt(checkpoint.size()));
        }
    }

    private Checkpoint open(StoredCheckpoint stored) {
        Checkpoint checkpoint = Checkpoint.open(SignedNote.parse(stored.note()), origin, List.of(verifierKey()));
        if (checkpoint.size() != stored.size()) {
            throw new LogDamaged("the checkpoint of " + checkpoint.size() + " is stored as that of " + stored.size());
        }
        return checkpoint;
    }

    private static void requireRoot(Checkpoint checkpoint, Hash root) {
        if (!checkpoint.root().equals(root)) {
            throw new LogDamaged("at size " + checkpoint.size() + " the root is " + root.base64() + ", not "
                    + checkpoint.root().base64());
        }
    }

    /** The inbox has dropped repeated events already; the log does not rely on the inbox's memory. */
    private List<Leaf> absentAmong(List<Leaf> leaves) {
        Map<Hash, Leaf> absent = new LinkedHashMap<>();
        leaves.forEach(leaf -> absent.putIfAbsent(leaf.entry().leafHash(), leaf));
        absent.keySet().removeAll(store.presentAmong(absent.keySet()));
        return List.copyOf(absent.values());
    }
}
