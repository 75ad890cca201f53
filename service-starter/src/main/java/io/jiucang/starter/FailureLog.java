package io.jiucang.starter;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Tells each failure once a minute, then how often it came again: under load, the same failure a thousand times over
 * hides what else goes wrong, and fills the disk.
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

    /**
     * A fault of ours, with its stack trace.
     *
     * @param what failed, in a few words that do not vary
     */
    public void error(String what, Throwable failure) {
        if (isNew(Level.ERROR, what, failure.toString(), kind(what, failure))) {
            log.error(what, failure);
        }
    }

    /** What passes by itself, such as a database that is away: in one line, that says where it began. */
    public void warn(String what, Throwable failure) {
        Throwable root = Causes.root(failure);
        Object state = root instanceof SQLException sql ? Objects.toString(sql.getSQLState()) : "";
        if (isNew(Level.WARN, what, root.toString(), List.of(what, root.getClass(), state))) {
            log.warn("{}: {}", what, root.toString());
        }
    }

    /** What is no failure of anything here, but worth a line. */
    public void warn(String what, String detail) {
        if (isNew(Level.WARN, what, detail, List.of(what))) {
            log.warn("{}: {}", what, detail);
        }
    }

    private boolean isNew(Level level, String what, String last, List<Object> kind) {
        if (repeated.merge(kind, 0L, (count, none) -> count + 1) > 0) {
            return false;
        }
        aMinuteLater.execute(() -> {
            Long count = repeated.remove(kind);
            if (count != null && count > 0) {
                log.atLevel(level).log("{}, {} times more within a minute: {}", what, count, last);
            }
        });
        return true;
    }

    /** What tells one failure from another: not its message, which may name what it happened to. */
    private static List<Object> kind(String what, Throwable failure) {
        List<Object> kind = new ArrayList<>();
        kind.add(what);
        Causes.of(failure).stream().limit(CAUSES).forEach(cause -> {
            kind.add(cause.getClass());
            kind.addAll(Arrays.stream(cause.getStackTrace()).limit(FRAMES).toList());
        });
        return kind;
    }
}
