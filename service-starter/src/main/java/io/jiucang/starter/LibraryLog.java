package io.jiucang.starter;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Lets libraries say each warning once a minute: without the broker or the database, a dozen threads of theirs say so each
 * second, with stack traces. Nothing of ours is held back; see {@link FailureLog}.
 */
final class LibraryLog extends TurboFilter {

    private static final String OURS = "io.jiucang.";
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();
    /** Of messages that are no format but another text each time, no more are remembered. */
    private static final int MOST = 1_000;

    private final LongSupplier nanos;
    private final ConcurrentMap<List<Object>, Long> told = new ConcurrentHashMap<>();

    LibraryLog(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** For all services of this process, once. */
    static void install() {
        LoggerContext loggers = (LoggerContext) LoggerFactory.getILoggerFactory();
        if (loggers.getTurboFilterList().stream().noneMatch(LibraryLog.class::isInstance)) {
            loggers.addTurboFilter(new LibraryLog(System::nanoTime));
        }
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] parameters,
            @Nullable Throwable failure) {
        // Without a format it is asked whether it would log at all.
        if (format == null
                || !level.isGreaterOrEqual(Level.WARN)
                || logger.getName().startsWith(OURS)) {
            return FilterReply.NEUTRAL;
        }
        long now = nanos.getAsLong();
        if (told.size() >= MOST) {
            told.values().removeIf(at -> now - at >= MINUTE);
        }
        if (told.size() >= MOST) {
            return FilterReply.NEUTRAL;
        }
        Object kind = failure == null ? "" : Causes.root(failure).getClass();
        boolean[] isNew = new boolean[1];
        told.compute(List.of(logger.getName(), format, kind), (message, at) -> {
            isNew[0] = at == null || now - at >= MINUTE;
            return isNew[0] ? Long.valueOf(now) : at;
        });
        return isNew[0] ? FilterReply.NEUTRAL : FilterReply.DENY;
    }
}
