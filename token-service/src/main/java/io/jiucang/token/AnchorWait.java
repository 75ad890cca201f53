package io.jiucang.token;

import static com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility.ANY;
import static com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility.NONE;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.VaultId;
import io.jiucang.token.Ledger.EventAnchored;
import io.jiucang.token.Ledger.Leaf;
import java.time.Duration;
import java.util.stream.Stream;
import org.axonframework.deadline.DeadlineManager;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.saga.SagaLifecycle;
import org.jspecify.annotations.Nullable;

/**
 * A saga's wait for the ledger. {@link EventAnchored} wakes it for each event it waits for. What it waits for is owed
 * however late, so its deadline, {@link #OVERDUE}, ends nothing: it only tells, again and again.
 */
@JsonAutoDetect(fieldVisibility = ANY, getterVisibility = NONE, isGetterVisibility = NONE)
final class AnchorWait {

    static final String OVERDUE = "overdue";
    static final String LEAF = "leafHash";
    static final String VAULT = "vaultId";

    private @Nullable String deadline;

    /**
     * @param vaults of the cases whose affair it is
     * @param about what the deadline tells of
     */
    void begin(Leaf leaf, Stream<VaultId> vaults, Object about, DeadlineManager deadlines, Duration patience) {
        SagaLifecycle.associateWith(LEAF, leaf.hash());
        vaults.distinct().forEach(vault -> SagaLifecycle.associateWith(VAULT, vault.value()));
        if (deadline == null) {
            goOn(about, deadlines, patience);
        }
    }

    void goOn(Object about, DeadlineManager deadlines, Duration patience) {
        deadline = deadlines.schedule(patience, OVERDUE, about);
    }

    /** Ends the saga. */
    void end(DeadlineManager deadlines) {
        if (deadline != null) {
            deadlines.cancelSchedule(OVERDUE, deadline);
        }
        SagaLifecycle.end();
    }

    /** Of the process the event is part of, which an anchor from the ledger knows nothing of. */
    static String correlationId(VerifiedEvent signed) {
        return String.valueOf(signed.event().getExtension("correlationid"));
    }

    static MetaData correlatedBy(String correlationId) {
        return MetaData.with("correlationid", correlationId);
    }
}
