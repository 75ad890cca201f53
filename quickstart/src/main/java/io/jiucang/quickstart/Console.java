package io.jiucang.quickstart;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** What a person reads while it runs. */
final class Console {

    private final PrintStream out;
    private final boolean colour;

    Console(PrintStream out, boolean colour) {
        this.out = out;
        this.colour = colour;
    }

    synchronized void line(String text) {
        out.println(text);
        out.flush();
    }

    void heading(String text) {
        line("");
        line(paint("1", text));
    }

    void done(String text) {
        line("  " + paint("32", "✓") + " " + text);
    }

    /** Something that was meant to be refused, and was. */
    void refused(String text) {
        line("  " + paint("33", "✗") + " " + text);
    }

    void error(String text) {
        line(paint("31", text));
    }

    String faint(String text) {
        return paint("2", text);
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    private String paint(String code, String text) {
        return colour ? "\033[" + code + "m" + text + "\033[0m" : text;
    }
}
