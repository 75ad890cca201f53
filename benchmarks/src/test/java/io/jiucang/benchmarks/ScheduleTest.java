package io.jiucang.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    @Test
    void theFirstIsDueAtOnceAndTheOthersEvenlyAfterIt() {
        Schedule schedule = new Schedule(50, Duration.ofSeconds(15));

        assertThat(schedule.count()).isEqualTo(750);
        assertThat(schedule.due(0)).isZero();
        assertThat(schedule.due(1)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(20));
        assertThat(schedule.due(749)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(14_980));
    }

    @Property
    void exactlyThoseCountWhoseTimeIsBeforeTheEnd(
            @ForAll @DoubleRange(min = 0.1, max = 20_000) double perSecond,
            @ForAll @LongRange(max = 60_000) long millis) {
        Schedule schedule = new Schedule(perSecond, Duration.ofMillis(millis));
        long end = TimeUnit.MILLISECONDS.toNanos(millis);

        // A nanosecond is lost where a time is cut to whole ones.
        assertThat(schedule.due(schedule.count())).isGreaterThanOrEqualTo(end - 1);
        assertThat(schedule.count() == 0 || schedule.due(schedule.count() - 1) < end)
                .isTrue();
    }

    @Test
    void refusesWhatNeverComes() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Schedule(0, Duration.ofSeconds(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new Schedule(Double.NaN, Duration.ofSeconds(1)));
    }
}
