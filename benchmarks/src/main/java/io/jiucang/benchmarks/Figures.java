package io.jiucang.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a run has measured, each shown as soon as it is known. */
final class Figures {

    private final Progress progress;
    private final List<Figure> all = new ArrayList<>();

    Figures(Progress progress) {
        this.progress = progress;
    }

    List<Figure> all() {
        return all;
    }

    void add(Figure figure) {
        all.add(figure);
        progress.line("  %s: %s".formatted(figure.what(), figure.text()));
    }

    void add(String id, String what, double value, String unit) {
        add(id, what, value, unit, null);
    }

    void add(String id, String what, double value, String unit, @Nullable String floor) {
        add(new Figure(id, what, value, unit, floor));
    }

    void count(String id, String what, long value) {
        add(id, what, (double) value, "");
    }

    /** How many there were in a second, of as many as it took, and what {@link #answers} says of them. */
    void atMost(String id, String what, Load load) {
        add(id, what, load.perSecond(), "/s", Floors.COMMIT);
        answers(id, what, load);
    }

    /** How long they took, and how many failed. */
    void answers(String id, String what, Load load) {
        add(id + ".p50", what + ": answered, p50", load.served().percentile(50), "ms");
        add(id + ".p99", what + ": answered, p99", load.served().percentile(99), "ms");
        failures(id, what, load);
    }

    void failures(String id, String what, Load load) {
        if (load.failed() > 0) {
            count(id + ".failed", what + ": refused, or not answered in time", load.failed());
            progress.line("  the first of %d failures: %s".formatted(load.failed(), load.firstFailure()));
        }
    }
}
