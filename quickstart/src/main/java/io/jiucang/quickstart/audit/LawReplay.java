package io.jiucang.quickstart.audit;

import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Hash;
import io.jiucang.quickstart.audit.Breach.Check;
import io.jiucang.title.ReaderStopped;
import io.jiucang.title.Ruling;
import io.jiucang.title.Title;
import io.jiucang.title.TitleState;
import io.jiucang.title.directory.Pins;
import io.jiucang.title.event.Leaf;
import io.jiucang.title.event.Opening;
import io.jiucang.title.event.Opening.Closed;
import io.jiucang.title.event.Opening.NotTheLawsBusiness;
import io.jiucang.title.event.Opening.Open;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The law, applied to every opened leaf in index order. */
final class LawReplay {

    private final Pins pins;
    private final Function<Hash, Optional<byte[]>> evidence;
    private final List<Breach> breaches = new ArrayList<>();
    private final Map<String, Long> unjudged = new TreeMap<>();
    private long judged;
    private @Nullable TitleState state;

    LawReplay(Pins pins, Function<Hash, Optional<byte[]>> evidence) {
        this.pins = pins;
        this.evidence = evidence;
    }

    long judged() {
        return judged;
    }

    /** How many events of each type the law has nothing to say about yet. */
    Map<String, Long> unjudged() {
        return unjudged;
    }

    List<Breach> breaches() {
        return breaches;
    }

    void judge(NavigableMap<Long, VerifiedEvent> leaves) {
        for (Map.Entry<Long, VerifiedEvent> opened : leaves.entrySet()) {
            VerifiedEvent event = opened.getValue();
            switch (Opening.open(opened.getKey(), event, evidence)) {
                case NotTheLawsBusiness _ -> unjudged.merge(event.event().getType(), 1L, Long::sum);
                case Open(Leaf leaf) -> {
                    try {
                        judge(event, leaf);
                        judged++;
                    } catch (ReaderStopped e) {
                        breaches.add(stop(e.rule().name(), event, leaf.index(), String.valueOf(e.getMessage())));
                        return;
                    }
                }
                case Closed(Hash missing) -> {
                    breaches.add(
                            stop(Check.LEAF_NOT_OPENED.name(), event, opened.getKey(), "no evidence " + missing.hex()));
                    return;
                }
            }
        }
    }

    private static Breach stop(String rule, VerifiedEvent event, long index, String why) {
        return Breach.of(rule, event, index, "nothing from here on is judged: " + why);
    }

    private void judge(VerifiedEvent event, Leaf leaf) {
        if (state == null) {
            state = Title.begin(pins, leaf);
            return;
        }
        switch (Title.apply(state, leaf)) {
            case Ruling.Voided voided -> breaches.add(breach(event, leaf, voided));
            case Ruling.Valid valid ->
                valid.except().values().forEach(voided -> breaches.add(breach(event, leaf, voided)));
        }
    }

    private static Breach breach(VerifiedEvent event, Leaf leaf, Ruling.Voided voided) {
        return Breach.of(
                voided.rule().name(), event, leaf.index(), event.event().getType() + " is void: " + voided);
    }
}
