package io.jiucang.delivery;

import io.jiucang.starter.Rejection;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** What becomes of a refused request: it is counted by its reason, and has no effect but the tries it used up. */
@Component
class Refusals {

    private final MeterRegistry meters;
    private final TransactionTemplate savepoint;

    Refusals(MeterRegistry meters, PlatformTransactionManager transactions) {
        this.meters = meters;
        this.savepoint = new TransactionTemplate(transactions);
        savepoint.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
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

    /** The answer to a refusal is stored, so its transaction commits: without what the attempt has done until then. */
    <T> T undo(Supplier<T> attempt) {
        return Objects.requireNonNull(savepoint.execute(status -> attempt.get()));
    }
}
