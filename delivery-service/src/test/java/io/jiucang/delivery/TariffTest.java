package io.jiucang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.value.Money;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class TariffTest {

    static final long SECONDS_OF_THIRTY_YEARS = 30L * 366 * 24 * 3600;
    private static final ZoneId CHINA = ZoneId.of("Asia/Shanghai");
    private static final Instant BEGINNING = Instant.parse("2024-01-01T00:00:00Z");
    private static final Tariff TARIFF = new Tariff(Money.cny(3000), Period.ofYears(1), Money.cny(500), CHINA);

    /** The agreement's own words, month by month. */
    @Property
    void countsTheMonthsThatHaveStartedAfterTheFirstYear(
            @ForAll @LongRange(max = SECONDS_OF_THIRTY_YEARS) long granted,
            @ForAll @LongRange(max = SECONDS_OF_THIRTY_YEARS) long kept) {
        Instant since = BEGINNING.plusSeconds(granted);
        Instant now = since.plusSeconds(kept);
        ZonedDateTime free = since.atZone(CHINA).plusYears(1);
        long months = 0;
        while (free.plusMonths(months).toInstant().isBefore(now)) {
            months++;
        }
        assertThat(TARIFF.startedMonths(since, now)).isEqualTo(months);
    }

    @Property
    void neverFallsAsTimePasses(
            @ForAll @LongRange(max = SECONDS_OF_THIRTY_YEARS) long granted,
            @ForAll @LongRange(max = SECONDS_OF_THIRTY_YEARS) long kept,
            @ForAll @LongRange(max = 32L * 24 * 3600) long longer) {
        Instant since = BEGINNING.plusSeconds(granted);
        long before = TARIFF.startedMonths(since, since.plusSeconds(kept));
        long after = TARIFF.startedMonths(since, since.plusSeconds(kept + longer));
        assertThat(after).isBetween(before, before + 2);
    }

    @Property
    void addsUpCaseByCase(@ForAll @Size(max = 50) List<@LongRange(max = SECONDS_OF_THIRTY_YEARS) Long> ages) {
        Instant now = BEGINNING.plusSeconds(SECONDS_OF_THIRTY_YEARS);
        List<Instant> granted = ages.stream().map(now::minusSeconds).toList();
        Money sum = granted.stream()
                .map(since -> TARIFF.custody(List.of(since), now))
                .reduce(Money.cny(0), Money::plus);
        assertThat(TARIFF.custody(granted, now)).isEqualTo(sum);
        assertThat(TARIFF.delivery(ages.size())).isEqualTo(Money.cny(3000L * ages.size()));
    }

    @Example
    void isFreeForTheFirstYearToTheMoment() {
        Instant since = Instant.parse("2025-11-22T04:00:00Z");
        Instant year = Instant.parse("2026-11-22T04:00:00Z");
        assertThat(TARIFF.startedMonths(since, since)).isZero();
        assertThat(TARIFF.startedMonths(since, year)).isZero();
        assertThat(TARIFF.startedMonths(since, year.plusMillis(1))).isEqualTo(1);
        assertThat(TARIFF.startedMonths(since, year.plus(Duration.ofDays(30)))).isEqualTo(1);
        assertThat(TARIFF.startedMonths(since, year.plus(Duration.ofDays(31)))).isEqualTo(2);
    }
}
