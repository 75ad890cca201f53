package io.jiucang.quickstart.audit;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an audit found.
 *
 * @param origin the ledger's
 * @param size how many leaves its newest checkpoint says it has
 * @param root of that checkpoint, Base64
 * @param opened how many of the leaves were opened
 * @param checkpoints how many earlier ones were compared with the leaves
 * @param proofs how many announced inclusion proofs were verified
 * @param judged how many events the law was applied to
 * @param unjudged how many of each type it does not judge yet
 * @param rows how many told rows each service has; null when the databases were not looked at
 */
public record Report(
        Verdict verdict,
        List<Breach> breaches,
        String origin,
        long size,
        String root,
        long opened,
        int checkpoints,
        long proofs,
        long judged,
        Map<String, Long> unjudged,
        @Nullable Map<String, Long> rows) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    /** Never green with a leaf that was not opened, for that is a breach. */
    public enum Verdict {
        GREEN,
        BREACHES
    }

    public Report {
        breaches = List.copyOf(breaches);
    }

    @JsonIgnore
    public boolean isGreen() {
        return verdict == Verdict.GREEN;
    }

    /** One JSON object, of the record's components. */
    public String json() {
        return JSON.writeValueAsString(this);
    }

    /** The verdict, each breach, and what it rests on. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(isGreen() ? "GREEN: nothing is wrong in what was checked" : "BREACHES: " + breaches.size());
        breaches.forEach(breach -> lines.add("  " + line(breach)));
        lines.add("Checked");
        lines.add("  " + opened + " of " + size + " leaves opened, each signature its source's");
        lines.add("  the root of " + origin + " recomputed from its leaves: " + root);
        lines.add("  " + checkpoints + " checkpoints, " + proofs + " announced inclusion proofs");
        lines.add("  the law, on " + judged + " events");
        if (!unjudged.isEmpty()) {
            lines.add("  not judged by the law yet: " + counted(unjudged));
        }
        lines.add(
                rows == null
                        ? "  not compared: the services' own rows, for their databases were not looked at"
                        : "  the services' own rows: " + counted(rows));
        return lines.stream().map(Report::printable).toList();
    }

    private static String line(Breach breach) {
        String at = breach.index() == null ? "" : " #" + breach.index();
        String event = breach.event() == null ? "" : " " + breach.source() + " " + breach.event();
        return breach.rule() + at + event + ": " + breach.why();
    }

    private static String counted(Map<String, Long> counts) {
        return String.join(
                ", ",
                counts.entrySet().stream()
                        .map(count -> count.getValue() + " × " + count.getKey())
                        .toList());
    }

    /** What comes from a ledger or a database must not drive the terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{C}", "?");
    }
}
