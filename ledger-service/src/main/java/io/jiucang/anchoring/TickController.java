package io.jiucang.anchoring;

import java.time.Instant;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** For who cannot wait for the next tick: an auditor who has to show that a moment has passed. */
@RestController
@RequestMapping("/api/v1/ticks")
@PreAuthorize("hasAnyRole('AUDITOR', 'OPERATOR')")
class TickController {

    private final Ticks ticks;

    TickController(Ticks ticks) {
        this.ticks = ticks;
    }

    /** @param leafHash 64 lower-case hex digits */
    record Told(long number, Instant time, long index, String leafHash) {}

    /** No more than one for each second: asked again sooner, it is the same. */
    @PostMapping
    Told tick() {
        Ticks.Stood stood = ticks.tick();
        return new Told(
                stood.tick().number(),
                stood.tick().time(),
                stood.place().index(),
                stood.place().leafHash());
    }
}
