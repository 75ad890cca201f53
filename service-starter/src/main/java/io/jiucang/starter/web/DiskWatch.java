package io.jiucang.starter.web;

import io.jiucang.starter.RefusedToStart;
import io.jiucang.starter.ServiceSettings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * Watches the disks that database and broker write to, and stops taking in work while there is still room to finish what
 * was begun: a database or a broker without space dies, and takes with it what is in flight. While intake is stopped,
 * requests that would change something are refused and the inbox pauses; deadlines go on, and events go on leaving.
 */
final class DiskWatch implements SmartLifecycle, MeterBinder {

    /** How full a disk is, in bytes. */
    record Space(long usable, long total) {}

    /** Where that is asked. */
    @FunctionalInterface
    interface Source {

        Space of(Path directory) throws IOException;

        static Space fileStore(Path directory) throws IOException {
            FileStore store = Files.getFileStore(directory);
            return new Space(store.getUsableSpace(), store.getTotalSpace());
        }
    }

    /** What follows from the space of the fullest disk; in order. */
    enum State {
        AMPLE,
        LOW,
        FULL
    }

    private static final Logger log = LoggerFactory.getLogger(DiskWatch.class);

    private final ServiceSettings.Disk settings;
    private final Source source;
    private final Supplier<List<MessageListenerContainer>> listeners;
    private volatile State state = State.AMPLE;
    private volatile String reason = "";
    private volatile @Nullable Thread watching;

    /** @param listeners what pauses; asked for late, because they depend on nearly everything */
    DiskWatch(ServiceSettings.Disk settings, Source source, Supplier<List<MessageListenerContainer>> listeners) {
        this.settings = settings;
        this.source = source;
        this.listeners = listeners;
        for (Path directory : settings.directories()) {
            if (!Files.isDirectory(directory)) {
                throw new RefusedToStart("jiucang.disk.directories: " + directory + " is not a directory");
            }
        }
    }

    State state() {
        return state;
    }

    /** Which disk it is, and what it would need. */
    String reason() {
        return reason;
    }

    Health health() {
        return switch (state) {
            case AMPLE -> Health.up().build();
            case LOW -> Health.up().withDetail("warning", reason).build();
            case FULL ->
                Health.outOfService()
                        .withDetail("reason", "DISK_FULL: " + reason)
                        .build();
        };
    }

    /** Looks once, and does what follows. */
    synchronized void look() {
        State worst = State.AMPLE;
        String why = "";
        for (Path directory : settings.directories()) {
            Space space = space(directory);
            if (space != null && stateOf(space).compareTo(worst) > 0) {
                worst = stateOf(space);
                why = why(worst, directory);
            }
        }
        reason = why;
        if (worst != state) {
            change(worst);
        }
    }

    private State stateOf(Space space) {
        long stop = settings.stopBelow().toBytes();
        // A little more than what stopped it, so that one event in or out does not turn it on and off.
        if (space.usable() < (state == State.FULL ? stop / 4 * 5 : stop)) {
            return State.FULL;
        }
        long warn = Math.max(2 * stop, space.total() / 100 * settings.warnBelowPercent());
        return space.usable() < warn ? State.LOW : State.AMPLE;
    }

    private String why(State state, Path directory) {
        long stop = settings.stopBelow().toMegabytes();
        return state == State.FULL
                ? "the disk of %s has less than %d MB left; nothing new is taken in until it has %d MB"
                        .formatted(directory, stop, stop / 4 * 5)
                : "the disk of %s is getting full; below %d MB nothing new is taken in".formatted(directory, stop);
    }

    private void change(State now) {
        State before = state;
        state = now;
        switch (now) {
            case FULL -> log.error("DISK_FULL: {}", reason);
            case LOW -> log.warn("{}", reason);
            case AMPLE -> log.info("the disks have room again");
        }
        if (now == State.FULL) {
            listeners.get().forEach(MessageListenerContainer::pause);
        } else if (before == State.FULL) {
            listeners.get().forEach(MessageListenerContainer::resume);
        }
    }

    /** Nothing of a disk that does not answer: whoever writes to it will say so louder. */
    private @Nullable Space space(Path directory) {
        try {
            return source.of(directory);
        } catch (IOException e) {
            log.debug("the disk of {} does not tell its space", directory, e);
            return null;
        }
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("jiucang.disk.intake.stopped", () -> state == State.FULL ? 1 : 0)
                .description("Whether nothing new is taken in, for a disk is nearly full")
                .register(registry);
        for (Path directory : settings.directories()) {
            Gauge.builder("jiucang.disk.free", () -> {
                        Space space = space(directory);
                        return space == null ? Double.NaN : space.usable();
                    })
                    .tag("directory", directory.toString())
                    .baseUnit("bytes")
                    .description("What is left where database and broker write")
                    .register(registry);
        }
    }

    /** On a thread of its own: one that waits for a hanging database could not watch its disk. */
    @Override
    public void start() {
        if (!settings.directories().isEmpty()) {
            watching = Thread.ofVirtual().name("disk-watch").start(() -> {
                try {
                    while (true) {
                        look();
                        Thread.sleep(settings.every());
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    @Override
    public void stop() {
        Thread thread = watching;
        if (thread != null) {
            thread.interrupt();
        }
        watching = null;
    }

    @Override
    public boolean isRunning() {
        return watching != null;
    }
}
