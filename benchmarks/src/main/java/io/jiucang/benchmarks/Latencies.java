package io.jiucang.benchmarks;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How long things took, to three digits, from a microsecond to an hour; whoever took longer took an hour. */
final class Latencies {

    private static final long LONGEST = TimeUnit.HOURS.toMicros(1);
    private static final int DIGITS = 3;

    private final Histogram micros = new ConcurrentHistogram(LONGEST, DIGITS);

    void record(long nanos) {
        micros.recordValue(Math.clamp(TimeUnit.NANOSECONDS.toMicros(nanos), 0, LONGEST));
    }

    long count() {
        return micros.getTotalCount();
    }

    /** In milliseconds; not a number, if nothing was recorded. */
    double percentile(double percent) {
        return count() == 0 ? Double.NaN : micros.getValueAtPercentile(percent) / 1000.0;
    }

    /** In milliseconds; not a number, if nothing was recorded. */
    double max() {
        return percentile(100);
    }
}
