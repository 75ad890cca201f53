package io.jiucang.title;

import io.jiucang.title.Facts.Tick;
import io.jiucang.title.event.Cite;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The ticks so far: the only clock in the law (O3). Their indexes and times ascend, so all is found by halving. */
final class Clock {

    private final List<Tick> ticks = new ArrayList<>();

    void add(Tick tick) {
        ticks.add(tick);
    }

    Optional<Tick> last() {
        return ticks.isEmpty() ? Optional.empty() : Optional.of(ticks.getLast());
    }

    /** Whether "by D" is over, and "after D" has begun: a tick of this time or later stands. */
    boolean reached(Instant time) {
        return firstAt(time).isPresent();
    }

    /** The same as it was seen from an earlier leaf. */
    boolean reachedBefore(Instant time, Cite leaf) {
        return firstAt(time).filter(tick -> tick.at().index() < leaf.index()).isPresent();
    }

    /** The first tick of this time or later. */
    Optional<Tick> firstAt(Instant time) {
        return first(tick -> !tick.time().isBefore(time));
    }

    /** The time that lies so long after an event: counted from the first tick behind it, so none before that stands. */
    Optional<Instant> after(Cite event, Duration duration) {
        return first(tick -> tick.at().index() > event.index())
                .map(tick -> tick.time().plus(duration));
    }

    private Optional<Tick> first(Predicate<Tick> later) {
        int low = 0;
        int high = ticks.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (later.test(ticks.get(middle))) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low < ticks.size() ? Optional.of(ticks.get(low)) : Optional.empty();
    }
}
