package io.jiucang.starter.law;

import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.CompactRange;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.LedgerException;
import io.jiucang.ledger.SignedNote;
import io.jiucang.ledger.VerifierKey;
import io.jiucang.title.ReaderStopped;
import io.jiucang.title.Ruling;
import io.jiucang.title.Title;
import io.jiucang.title.TitleState;
import io.jiucang.title.directory.Pins;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.event.Leaf;
import io.jiucang.title.event.Opening;
import io.jiucang.title.event.Opening.Closed;
import io.jiucang.title.event.Opening.NotTheLawsBusiness;
import io.jiucang.title.event.Opening.Open;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts what the ledger tells into its order, and has the law judge it. Anchors and events come in any order and any number of
 * times; an anchor goes this way, each index once and without a gap:
 *
 * <ol>
 *   <li>told, in {@link #anchors}, until all before it are there;
 *   <li>placed: its leaf is part of {@link #range}, and it waits in {@link #placed};
 *   <li>proven, once the range has the root of a checkpoint that the ledger signed. So no inclusion proof need be believed;
 *   <li>judged, if its type is the law's business, once the event's bytes are there as well, and those that it names.
 * </ol>
 *
 * <p>Knows no Kafka and no database. Not for several threads: {@link LawReader} guards it.
 */
final class LawFold {

    /** Told of each void event, and of each token that a valid one names in vain. */
    interface Voids {

        void voided(Leaf leaf, Ruling.Voided why);
    }

    private final Pins pins;
    private final String origin;
    private final VerifierKey ledger;
    private final InstantSource clock;
    private final Voids voids;

    private final Map<Long, Anchor> anchors = new HashMap<>();
    private final CompactRange range = new CompactRange();
    private final Deque<Anchor> placed = new ArrayDeque<>();

    /** By tree size, of checkpoints that the range has not passed yet. */
    private final Map<Long, Hash> roots = new HashMap<>();

    private long proven;

    /** The events of the law's types that are not judged yet, by leaf. */
    private final Map<Hash, VerifiedEvent> told = new HashMap<>();

    private final EarlyEvidence evidence = new EarlyEvidence();

    /** What the first of {@link #placed} names, and lacks. */
    private @Nullable Hash awaited;

    private final Map<Hash, Ruled> rulings = new HashMap<>();
    private @Nullable TitleState state;

    LawFold(Pins pins, String origin, VerifierKey ledger, InstantSource clock, Voids voids) {
        this.pins = pins;
        this.origin = origin;
        this.ledger = ledger;
        this.clock = clock;
        this.voids = voids;
    }

    /** An authentic event of a type that is the law's business. */
    void tell(VerifiedEvent event) {
        Hash leaf = Hash.of(event.leafHash());
        if (!rulings.containsKey(leaf) && told.putIfAbsent(leaf, event) == null) {
            judge();
        }
    }

    /** Bytes that hash to this, whoever sent them. */
    void tell(Hash sha256, byte[] content) {
        evidence.add(sha256, content);
        judge();
    }

    /**
     * Of an authentic event of ledger-service.
     *
     * @throws LedgerException if the ledger's key has not signed the checkpoint; then nothing has changed
     * @throws LedgerNotBelieved if it has, and it does not fit
     * @throws ReaderStopped if the law cannot go on
     */
    void tell(EventsAnchored event) {
        Checkpoint checkpoint = Checkpoint.open(SignedNote.parse(event.checkpoint()), origin, List.of(ledger));
        if (checkpoint.size() != event.treeSize()) {
            throw new LedgerNotBelieved(
                    "a checkpoint of " + checkpoint.size() + " leaves came as one of " + event.treeSize());
        }
        if (checkpoint.size() >= range.size()) {
            requireSame(roots.putIfAbsent(checkpoint.size(), checkpoint.root()), checkpoint.root(), checkpoint.size());
        }
        for (Anchor anchor : event.anchors()) {
            if (anchor.index() >= range.size()) {
                Anchor before = anchors.putIfAbsent(anchor.index(), anchor);
                if (before != null && !before.leafHash().equals(anchor.leafHash())) {
                    throw new LedgerNotBelieved("two leaves stand at index " + anchor.index());
                }
            }
        }
        place();
        judge();
    }

    private void place() {
        prove();
        for (Anchor next = anchors.remove(range.size()); next != null; next = anchors.remove(range.size())) {
            range.append(Hash.ofHex(next.leafHash()));
            placed.add(next);
            prove();
        }
    }

    private void prove() {
        Hash root = roots.remove(range.size());
        if (root != null) {
            requireSame(root, range.root(), range.size());
            proven = range.size();
        }
    }

    private static void requireSame(@Nullable Hash root, Hash other, long size) {
        if (root != null && !root.equals(other)) {
            throw new LedgerNotBelieved("the tree of " + size + " leaves has two roots");
        }
    }

    private void judge() {
        if (awaited != null && !evidence.has(awaited)) {
            return;
        }
        for (Anchor next = placed.peek(); next != null && next.index() < proven; next = placed.peek()) {
            if (!isDone(next)) {
                return;
            }
            placed.remove();
        }
    }

    /** Whether the leaf is judged, or need not be; if not, its bytes or its evidence are missing. */
    private boolean isDone(Anchor anchor) {
        Hash hash = Hash.ofHex(anchor.leafHash());
        VerifiedEvent event = told.get(hash);
        if (event != null && !event.event().getType().equals(anchor.type())) {
            throw new LedgerNotBelieved("leaf " + anchor.index() + " is anchored as " + anchor.type() + ", and is "
                    + event.event().getType());
        }
        // A leaf that stands again is void without being asked: the lowest index counts (O1).
        if (!Opening.concerns(anchor.type()) || rulings.containsKey(hash)) {
            return true;
        }
        if (event == null) {
            return false;
        }
        return switch (Opening.open(anchor.index(), event, evidence::take)) {
            case Open(Leaf leaf) -> {
                awaited = null;
                told.remove(hash);
                rulings.put(hash, new Ruled(leaf.cite(), judge(leaf)));
                if (leaf.event() instanceof LawEvent.Tick) {
                    Title.requireNotAhead(begun(), clock.instant());
                }
                yield true;
            }
            case Closed(Hash missing) -> {
                awaited = missing;
                yield false;
            }
            case NotTheLawsBusiness _ -> throw new IllegalStateException(anchor.type());
        };
    }

    private Ruling judge(Leaf leaf) {
        if (state == null) {
            state = Title.begin(pins, leaf);
            return new Ruling.Valid(List.of(), Map.of());
        }
        return switch (Title.apply(state, leaf)) {
            case Ruling.Voided voided -> {
                voids.voided(leaf, voided);
                yield voided;
            }
            case Ruling.Valid valid -> {
                valid.except().values().forEach(voided -> voids.voided(leaf, voided));
                yield new Ruling.Valid(List.of(), valid.except());
            }
        };
    }

    Optional<Ruled> ruled(Hash leaf) {
        return Optional.ofNullable(rulings.get(leaf));
    }

    boolean hasRuled(Collection<Hash> leaves) {
        return rulings.keySet().containsAll(leaves);
    }

    boolean hasBegun() {
        return state != null;
    }

    /** @throws IllegalStateException before the ledger's first leaf has come */
    TitleState begun() {
        if (state == null) {
            throw new IllegalStateException("the ledger has not begun");
        }
        return state;
    }

    /** The index at which the next event will stand at the earliest. */
    long nextIndex() {
        return range.size();
    }

    /** What does not let the fold go on: a leaf that is proven, and whose bytes, or evidence, have not come. */
    Optional<String> lacking() {
        return Optional.ofNullable(placed.peek())
                .filter(next -> next.index() < proven)
                .map(next -> (awaited == null ? "the bytes" : "the evidence " + awaited.hex()) + " of leaf "
                        + next.index() + ", " + next.type());
    }

    /** What the leaf that is next to be judged names, and lacks. */
    Optional<Hash> awaited() {
        return Optional.ofNullable(awaited);
    }

    /** Whether more evidence may push out some that has come before its event. */
    boolean isFullOfEvidence() {
        return evidence.isFull();
    }
}
