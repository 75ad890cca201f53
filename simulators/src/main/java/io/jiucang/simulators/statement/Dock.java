package io.jiucang.simulators.statement;

import java.util.Collection;
import java.util.Map;
import java.util.TreeSet;

/**
 * A warehouse's terminal 终端 at one of its sites. A sale is named by the leaf hash of its event, in hex; a token by
 * {@code <vault>.<serial>}.
 */
public record Dock(Speaker speaker) {

    /** @param boxes by token, each its own GS1 Digital Link URI */
    public String release(String sale, Map<String, String> boxes) {
        return speaker.say("release", Map.of("sale", sale, "boxes", boxes));
    }

    /** Nor will they be, under that sale. */
    public String notReleased(String sale, Collection<String> tokens) {
        return speaker.say("not-released", Map.of("sale", sale, "tokens", new TreeSet<>(tokens)));
    }

    /** Counts beside its {@link Warehouse#refusal warehouse's} alone. */
    public String refusal(String sale, Collection<String> tokens) {
        return speaker.say("refusal", Map.of("sale", sale, "tokens", new TreeSet<>(tokens)));
    }

    public String ships(String hold, Collection<String> tokens) {
        return speaker.say("ships", Map.of("hold", hold, "tokens", new TreeSet<>(tokens)));
    }

    /** Nor will they ship, under that hold. */
    public String standsHere(String hold, Collection<String> tokens) {
        return speaker.say("stands-here", Map.of("hold", hold, "tokens", new TreeSet<>(tokens)));
    }

    public String returned(String hold, Collection<String> tokens) {
        return speaker.say("returned", Map.of("hold", hold, "tokens", new TreeSet<>(tokens)));
    }

    public String found(Collection<String> tokens) {
        return speaker.say("found", Map.of("tokens", new TreeSet<>(tokens)));
    }

    /** Counts beside its {@link Warehouse#lost warehouse's} alone. */
    public String lost(Collection<String> tokens) {
        return speaker.say("lost", Map.of("tokens", new TreeSet<>(tokens)));
    }
}
