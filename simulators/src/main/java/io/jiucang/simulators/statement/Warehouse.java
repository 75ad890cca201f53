package io.jiucang.simulators.statement;

import java.util.Collection;
import java.util.Map;
import java.util.TreeSet;

/** A warehouse 仓库 itself, with the key that makes terminals its docks. */
public record Warehouse(Speaker speaker) {

    /** @param key of the terminal, {@link SigningKey#publicKey} */
    public String dockEnrolment(Map<String, String> key, String site) {
        return speaker.say("dock-enrolment", Map.of("key", key, "site", site));
    }

    /** @param terminal its thumbprint */
    public String terminalWithdrawal(String terminal) {
        return speaker.say("terminal-withdrawal", Map.of("terminal", terminal));
    }

    /** Counts beside its {@link Dock#refusal dock's} alone. */
    public String refusal(String sale, Collection<String> tokens) {
        return speaker.say("refusal", Map.of("sale", sale, "tokens", new TreeSet<>(tokens)));
    }

    /** Counts beside its {@link Dock#lost dock's} alone. */
    public String lost(Collection<String> tokens) {
        return speaker.say("lost", Map.of("tokens", new TreeSet<>(tokens)));
    }
}
