package io.jiucang.delivery;

import io.jiucang.starter.Rejection;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Counts what is refused, by its reason: somebody may be trying. */
@Component
class Refusals {

    private final MeterRegistry meters;

    Refusals(MeterRegistry meters) {
        this.meters = meters;
    }

    <T> T count(String act, Supplier<T> attempt) {
        try {
            return attempt.get();
        } catch (Rejection e) {
            meters.counter(
                            "jiucang.delivery.refused",
                            "act",
                            act,
                            "reason",
                            e.reason().name())
                    .increment();
            throw e;
        }
    }
}
