package io.jiucang.starter.time;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceCurrentlyExecutingException;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceNotFoundException;
import io.jiucang.starter.store.ClusterLockFactory;
import java.time.Instant;
import java.util.Objects;
import org.axonframework.deadline.dbscheduler.DbSchedulerDeadlineManager;
import org.axonframework.deadline.dbscheduler.DbSchedulerDeadlineToken;
import org.axonframework.messaging.ScopeDescriptor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Deadlines that lock what they are about before the saga they wake, as everybody does, and that can be cancelled at any
 * moment.
 *
 * <p>A deadline's payload is the id of the aggregate that its handler turns to.
 *
 * <p>Axon's own refuse to be cancelled while they fire, and the event that made them needless would fail on it. One that fires in that
 * moment comes after that event, to a saga that is past it: a deadline's handler looks at the saga's state first.
 */
final class Deadlines extends DbSchedulerDeadlineManager {

    private static final Logger log = LoggerFactory.getLogger(Deadlines.class);

    private final Scheduler scheduler;

    Deadlines(Scheduler scheduler, JdbcClient jdbc, Builder builder) {
        super(builder);
        this.scheduler = scheduler;
        registerHandlerInterceptor((unitOfWork, chain) -> {
            ClusterLockFactory.lockUntilTransactionEnds(
                    jdbc, String.valueOf(unitOfWork.getMessage().getPayload()));
            return chain.proceed();
        });
    }

    @Override
    public String schedule(
            Instant triggerDateTime, String deadlineName, @Nullable Object about, ScopeDescriptor deadlineScope) {
        return super.schedule(
                triggerDateTime,
                deadlineName,
                Objects.requireNonNull(about, "a deadline without the id of what it is about"),
                deadlineScope);
    }

    @Override
    public void cancelSchedule(String deadlineName, String scheduleId) {
        runOnPrepareCommitOrNow(() -> {
            try {
                scheduler.cancel(new DbSchedulerDeadlineToken(scheduleId));
            } catch (TaskInstanceNotFoundException | TaskInstanceCurrentlyExecutingException e) {
                log.debug("{} has fired, or does now", deadlineName, e);
            }
        });
    }
}
