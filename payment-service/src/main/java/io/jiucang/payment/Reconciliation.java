package io.jiucang.payment;

import static io.jiucang.payment.PaymentProvider.Movement.CAPTURE;
import static io.jiucang.payment.PaymentProvider.Movement.REFUND;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.Schedules;
import io.jiucang.events.value.Money;
import io.jiucang.payment.PaymentProvider.Movement;
import io.jiucang.payment.PaymentProvider.StatementEntry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Holds our books against the provider's (I4): each morning those of the day before, and whenever asked.
 *
 * <p>A capture belongs to the day the provider says. Of a refund we may hear a day late: it must be in the provider's file
 * of the day we heard, or of the day before.
 */
@Configuration(proxyBeanMethods = false)
class Reconciliation {

    private static final TaskDescriptor<Errand> DAILY = TaskDescriptor.of("reconcile", Errand.class);

    private static final Logger log = LoggerFactory.getLogger(Reconciliation.class);

    /** WeChat Pay has yesterday's file from ten in the morning. */
    private static final LocalTime AFTER_THE_FILE = LocalTime.of(10, 30);

    private static final Duration RETRY = Duration.ofMinutes(10);

    private final PaymentProvider provider;
    private final PaymentViews payments;
    private final MeterRegistry meters;
    private final Clock clock;

    Reconciliation(PaymentProvider provider, PaymentViews payments, MeterRegistry meters, Clock clock) {
        this.provider = provider;
        this.payments = payments;
        this.meters = meters;
        this.clock = clock;
    }

    /** @param matched movements of the provider's that are ours, too */
    record Report(LocalDate date, int matched, List<Discrepancy> discrepancies) {}

    /** What the two books say of one movement; absent if nothing. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Discrepancy(
            Movement movement,
            String id,
            @Nullable Money ours,
            @Nullable Money theirs) {}

    Report of(LocalDate day) {
        ZoneId zone = provider.zone();
        Instant from = day.atStartOfDay(zone).toInstant();
        Instant until = day.plusDays(1).atStartOfDay(zone).toInstant();
        List<StatementEntry> theirs = provider.statement(day);
        List<StatementEntry> theirsOfTheDayBefore = provider.statement(day.minusDays(1));
        List<Discrepancy> discrepancies = new ArrayList<>();
        for (StatementEntry entry : theirs) {
            Money ours = payments.amount(entry.movement(), entry.id()).orElse(null);
            if (!entry.amount().equals(ours)) {
                discrepancies.add(new Discrepancy(entry.movement(), entry.id(), ours, entry.amount()));
            }
        }
        int matched = theirs.size() - discrepancies.size();
        discrepancies.addAll(missing(CAPTURE, payments.captured(from, until), theirs));
        List<StatementEntry> both = new ArrayList<>(theirs);
        both.addAll(theirsOfTheDayBefore);
        discrepancies.addAll(missing(REFUND, payments.refunded(from, until), both));
        return new Report(day, matched, discrepancies);
    }

    private static List<Discrepancy> missing(
            Movement movement, Map<String, Money> ours, Collection<StatementEntry> theirs) {
        Map<String, StatementEntry> byId = theirs.stream()
                .filter(entry -> entry.movement() == movement)
                .collect(Collectors.toMap(StatementEntry::id, Function.identity(), (first, again) -> first));
        return ours.entrySet().stream()
                .filter(movementOfOurs -> !byId.containsKey(movementOfOurs.getKey()))
                .map(movementOfOurs ->
                        new Discrepancy(movement, movementOfOurs.getKey(), movementOfOurs.getValue(), null))
                .toList();
    }

    /** Day after day, none left out, however long the provider or we were away. */
    @Bean
    Task<Errand> reconcile() {
        return Tasks.custom(DAILY)
                .onFailureReschedule(Schedules.fixedDelay(RETRY))
                .execute((task, context) -> {
                    LocalDate day = LocalDate.parse(task.getData().id());
                    Report report = of(day);
                    report.discrepancies()
                            .forEach(discrepancy -> log.error("the books of {} differ: {}", day, discrepancy));
                    meters.counter("jiucang.payment.discrepancies")
                            .increment(report.discrepancies().size());
                    LocalDate next = day.plusDays(1);
                    return (complete, operations) ->
                            operations.reschedule(complete, dueAt(next), Errand.of(next.toString()));
                });
    }

    @Bean
    ApplicationRunner reconcileFromYesterdayOn(SchedulerClient scheduler) {
        LocalDate yesterday =
                LocalDate.ofInstant(clock.instant(), provider.zone()).minusDays(1);
        return arguments -> scheduler.scheduleIfNotExists(
                DAILY.instance("daily").data(Errand.of(yesterday.toString())).build(), dueAt(yesterday));
    }

    private Instant dueAt(LocalDate day) {
        return day.plusDays(1).atTime(AFTER_THE_FILE).atZone(provider.zone()).toInstant();
    }
}
