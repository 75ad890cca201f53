package io.jiucang.anchoring;

import io.jiucang.anchoring.Anchoring.Place;
import io.jiucang.events.LedgerEvent.Tick;
import io.jiucang.starter.store.SignedEventStore;
import io.jiucang.title.directory.Directory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The only clock of the law of title (O3): leaves that say how late it is. None is ahead of this service's own clock, none
 * earlier than the one before, and none further ahead of it than the directory allows.
 */
@Component
final class Ticks {

    private static final Logger logger = LoggerFactory.getLogger(Ticks.class);

    private final Anchoring anchoring;
    private final TransparencyLog log;
    private final SignedEventStore signed;
    private final Clock clock;
    private final Duration ahead;
    private final Duration behind;

    Ticks(Anchoring anchoring, TransparencyLog log, SignedEventStore signed, Directory directory, Clock clock) {
        this.anchoring = anchoring;
        this.log = log;
        this.signed = signed;
        this.clock = clock;
        this.ahead = Duration.ofSeconds(directory.parameters().tickAhead());
        this.behind = Duration.ofSeconds(directory.parameters().readerBehind());
    }

    /** What a tick says, and where it stands. */
    record Stood(Tick tick, Place place) {}

    /** The first, behind the directory. */
    void begin() {
        add(1, now(), new Place(0, log.leafHash(0)));
    }

    /**
     * Says how late it is: in steps, if nobody has said so for long.
     *
     * @return the newest tick, an earlier one if this clock has not gone on since
     */
    Stood tick() {
        log.lock();
        return advance(newest(), now());
    }

    /** Before anything else is anchored: what nothing was anchored beside for long, happened late, and its place must say so. */
    void catchUp() {
        log.lock();
        Instant now = now();
        if (newestTime().isBefore(now.minus(behind))) {
            advance(newest(), now);
        }
    }

    private Stood advance(Stood newest, Instant now) {
        Tick last = newest.tick();
        if (last.time().isAfter(now)) {
            logger.error("no tick: the last one says {}, and this clock {}", last.time(), now);
        }
        while (last.time().isBefore(now)) {
            Instant step = last.time().plus(ahead);
            newest = add(last.number() + 1, step.isBefore(now) ? step : now, newest.place());
            last = newest.tick();
        }
        return newest;
    }

    private Stood add(long number, Instant time, Place before) {
        Tick tick = new Tick(number, time, before.index(), before.leafHash(), log.leafHash(0));
        return new Stood(tick, anchoring.tell(tick));
    }

    /** How late it is by the ledger: what every batch and every terminal asks. */
    Instant newestTime() {
        return told().domainEvent(Tick.class).time();
    }

    private Stood newest() {
        SignedEventStore.Signed told = told();
        String leafHash = Leaf.of(told).entry().leafHash().hex();
        return new Stood(told.domainEvent(Tick.class), new Place(log.indexOf(leafHash), leafHash));
    }

    private SignedEventStore.Signed told() {
        return signed.newest(Tick.class).orElseThrow();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }
}
