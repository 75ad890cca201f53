package io.jiucang.starter.time;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceCurrentlyExecutingException;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceNotFoundException;
import org.axonframework.deadline.dbscheduler.DbSchedulerDeadlineManager;
import org.axonframework.deadline.dbscheduler.DbSchedulerDeadlineToken;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deadlines that can be cancelled at any moment.
 *
 * <p>Axon's own refuse while they fire, and the event that made them needless would fail on it. One that fires in that
 * moment comes after that event, to a saga that is past it: a deadline's handler looks at the saga's state first.
 */
final class Deadlines extends DbSchedulerDeadlineManager {

    private static final Logger log = LoggerFactory.getLogger(Deadlines.class);

    private final Scheduler scheduler;

    Deadlines(Scheduler scheduler, Builder builder) {
        super(builder);
        this.scheduler = scheduler;
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
