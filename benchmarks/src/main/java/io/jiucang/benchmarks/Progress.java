package io.jiucang.benchmarks;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** What a person reads while it runs, each line with the time since the start. */
final class Progress {

    private final PrintStream out;
    private final long begun = System.nanoTime();

    Progress(PrintStream out) {
        this.out = out;
    }

    synchronized void line(String text) {
        out.printf(Locale.ROOT, "%6.1f s  %s%n", elapsed().toMillis() / 1000.0, text);
    }

    /** Without a time: what stays true after the run. */
    synchronized void plain(String text) {
        out.println(text);
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }
}
