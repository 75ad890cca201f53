package io.jiucang.starter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Tells each failure once a minute with its stack trace, then how often it came again: under load, the same trace a
 * thousand times over hides what else goes wrong, and fills the disk.
 */
public final class FailureLog {

    private static final int CAUSES = 8;
    private static final int FRAMES = 5;

    private final Logger log;
    private final Executor aMinuteLater;
    /** How often each came again since it was told; gone when its minute is over. */
    private final ConcurrentMap<List<Object>, Long> repeated = new ConcurrentHashMap<>();

    public FailureLog(Logger log) {
        this(log, CompletableFuture.delayedExecutor(1, TimeUnit.MINUTES));
    }

    FailureLog(Logger log, Executor aMinuteLater) {
        this.log = log;
        this.aMinuteLater = aMinuteLater;
    }

    /** @param what failed, in a few words that do not vary */
    public void error(String what, Throwable failure) {
        List<Object> kind = kind(what, failure);
        if (repeated.merge(kind, 0L, (count, none) -> count + 1) > 0) {
            return;
        }
        log.error(what, failure);
        String last = failure.toString();
        aMinuteLater.execute(() -> {
            Long count = repeated.remove(kind);
            if (count != null && count > 0) {
                log.error("{}, {} times more within a minute: {}", what, count, last);
            }
        });
    }

    /** What tells one failure from another: not its message, which may name what it happened to. */
    private static List<Object> kind(String what, Throwable failure) {
        List<Object> kind = new ArrayList<>();
        kind.add(what);
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < CAUSES; depth++) {
            kind.add(cause.getClass());
            kind.addAll(Arrays.stream(cause.getStackTrace()).limit(FRAMES).toList());
            cause = cause.getCause();
        }
        return kind;
    }
}
