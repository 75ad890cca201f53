package io.jiucang.starter.time;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.Schedules;
import io.jiucang.starter.ServiceSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.config.Configuration;
import org.axonframework.config.ConfigurationScopeAwareProvider;
import org.axonframework.deadline.dbscheduler.DbSchedulerBinaryDeadlineDetails;
import org.axonframework.deadline.dbscheduler.DbSchedulerDeadlineManager;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.serialization.Serializer;
import org.axonframework.springboot.autoconfig.AxonAutoConfiguration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/** What happens at a time of its own: the deadlines of sagas, and every {@link Task} bean of the service. */
@AutoConfiguration(before = AxonAutoConfiguration.class, afterName = "io.jiucang.starter.store.EventStoreConfiguration")
class SchedulingConfiguration {

    private static final Duration POLLING = Duration.ofSeconds(1);
    /** Three in the morning in China. */
    private static final LocalTime QUIET_HOUR_UTC = LocalTime.of(19, 0);

    /**
     * Ticks in milliseconds, for that is what the event store keeps of an event's time. So is Axon's own clock set to: a
     * view has the same times whether it handled an event when it happened or read it later.
     */
    @Bean
    Clock clock() {
        Clock clock = Clock.tickMillis(ZoneOffset.UTC);
        GenericEventMessage.clock = clock;
        return clock;
    }

    /** Schedules within the running transaction, where there is one. */
    @Bean
    Scheduler scheduler(DataSource dataSource, List<Task<?>> tasks) {
        List<Task<?>> oneTime = new ArrayList<>();
        List<RecurringTask<?>> recurring = new ArrayList<>();
        for (Task<?> task : tasks) {
            if (task instanceof RecurringTask<?> again) {
                recurring.add(again);
            } else {
                oneTime.add(task);
            }
        }
        return Scheduler.create(new TransactionAwareDataSourceProxy(dataSource), oneTime)
                .startTasks(recurring)
                .pollingInterval(POLLING)
                .pollUsingLockAndFetch(0.5, 1.0)
                .threads(4)
                .shutdownMaxWait(Duration.ofSeconds(10))
                .build();
    }

    @Bean
    SmartLifecycle schedulerLifecycle(Scheduler scheduler) {
        return new SchedulerLifecycle(scheduler);
    }

    @Bean
    Task<?> deadlineTask(ObjectProvider<DbSchedulerDeadlineManager> deadlines) {
        Task<DbSchedulerBinaryDeadlineDetails> handling = DbSchedulerDeadlineManager.binaryTask(deadlines::getObject);
        return Tasks.oneTime(handling.getName(), DbSchedulerBinaryDeadlineDetails.class)
                .onFailure(retrySoon())
                .execute(handling::execute);
    }

    /** After 1, 2, 4 … 256 seconds; Axon's own task would wait for five minutes each time. */
    private static <T> FailureHandler<T> retrySoon() {
        return (failed, operations) -> operations.reschedule(
                failed, failed.getTimeDone().plusSeconds(1L << Math.min(failed.getExecution().consecutiveFailures, 8)));
    }

    @Bean
    DbSchedulerDeadlineManager deadlineManager(
            Scheduler scheduler,
            JdbcClient jdbc,
            Configuration axon,
            Serializer serializer,
            TransactionManager transactions) {
        return new Deadlines(
                scheduler,
                jdbc,
                DbSchedulerDeadlineManager.builder()
                        .scheduler(scheduler)
                        .scopeAwareProvider(new ConfigurationScopeAwareProvider(axon))
                        .serializer(serializer)
                        .transactionManager(transactions)
                        .startScheduler(false)
                        .stopScheduler(false));
    }

    @Bean
    Housekeeping housekeeping(JdbcClient jdbc, ServiceSettings settings, Clock clock) {
        return new Housekeeping(jdbc, settings.housekeeping(), clock);
    }

    @Bean
    Task<?> housekeepingTask(Housekeeping housekeeping) {
        return Tasks.recurring("housekeeping", Schedules.daily(ZoneOffset.UTC, QUIET_HOUR_UTC))
                .execute((instance, context) -> housekeeping.tidy());
    }

    /** Starts after everything a task may need, and stops before. */
    private static final class SchedulerLifecycle implements SmartLifecycle {

        private final Scheduler scheduler;
        private volatile boolean running;

        SchedulerLifecycle(Scheduler scheduler) {
            this.scheduler = scheduler;
        }

        @Override
        public void start() {
            scheduler.start();
            running = true;
        }

        @Override
        public void stop() {
            scheduler.stop();
            running = false;
        }

        @Override
        public boolean isRunning() {
            return running;
        }
    }
}
