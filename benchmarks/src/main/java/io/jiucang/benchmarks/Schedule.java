package io.jiucang.benchmarks;

import java.time.Duration;

/** When requests are due, whatever became of earlier ones: evenly spread, the first at once. */
record Schedule(double perSecond, Duration duration) {

    Schedule {
        if (!(perSecond > 0) || duration.isNegative()) {
            throw new IllegalArgumentException("not a schedule: " + perSecond + "/s for " + duration);
        }
    }

    /** How many requests are due within the duration; its end is exclusive. */
    int count() {
        return Math.toIntExact((long) Math.ceil(perSecond * duration.toNanos() / 1e9));
    }

    /** Nanoseconds from the start until the request is due, counted from zero. */
    long due(int request) {
        return (long) (request / perSecond * 1e9);
    }
}
