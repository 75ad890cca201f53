package io.jiucang.benchmarks;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One measured number.
 *
 * @param id the same in every run, to compare them by
 * @param what for people
 * @param floor id of the figure of the same run that it cannot be better than; absent if there is none
 */
record Figure(
        String id,
        String what,
        double value,
        String unit,
        @Nullable String floor) {

    private static final int DIGITS = 3;

    String text() {
        boolean count = unit.isEmpty() && value == Math.rint(value);
        return count ? String.format(Locale.ROOT, "%,.0f", value) : (text(value) + " " + unit).strip();
    }

    /** To three digits; a dash for what could not be measured. */
    static String text(double value) {
        if (!Double.isFinite(value)) {
            return "–";
        }
        int whole = value == 0 ? 1 : Math.max(1, (int) Math.floor(Math.log10(Math.abs(value))) + 1);
        return String.format(Locale.ROOT, "%,." + Math.max(0, DIGITS - whole) + "f", value);
    }
}
