package io.jiucang.title;

import static io.jiucang.title.Rule.TICK;

import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import java.time.Instant;
import java.util.Optional;

/** O3: ticks chain, never go back, and go ahead in steps. */
final class Ticks {

    private final Hearing hearing;

    Ticks(Hearing hearing) {
        this.hearing = hearing;
    }

    Ruling judge(LawEvent.Tick event) {
        TitleState state = hearing.state();
        Optional<Facts.Tick> last = state.lastTick();
        Cite before = last.map(Facts.Tick::at).orElse(state.directoryAt());
        TICK.require(event.before().equals(before), "it does not name the tick before, at " + before);
        TICK.require(event.number() == last.map(Facts.Tick::number).orElse(0L) + 1, "not the next number");
        TICK.require(
                event.directory().equals(state.directoryAt().leaf()), "another directory version than is in force");
        last.map(Facts.Tick::time).ifPresent(time -> requireStep(time, event.time()));
        return Hearing.valid(new Change.Ticked(new Facts.Tick(event.number(), event.time(), hearing.here())));
    }

    private void requireStep(Instant before, Instant time) {
        TICK.require(!time.isBefore(before), "earlier than the tick before");
        TICK.require(
                !time.isAfter(before.plusSeconds(hearing.parameters().tickAhead())),
                "too far ahead of the tick before");
    }
}
