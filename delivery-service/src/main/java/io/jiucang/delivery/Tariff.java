package io.jiucang.delivery;

import io.jiucang.events.value.Money;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Collection;

/**
 * What a pickup costs.
 *
 * @param deliveryPerCase for the way to the door
 * @param custodyFree how long custody costs nothing, from the day of title
 * @param custodyPerMonth after that, for each case and started month
 * @param zone whose calendar counts
 */
record Tariff(Money deliveryPerCase, Period custodyFree, Money custodyPerMonth, ZoneId zone) {

    Money delivery(int cases) {
        return deliveryPerCase.times(cases);
    }

    /** @param granted when title to each case passed */
    Money custody(Collection<Instant> granted, Instant now) {
        return custodyPerMonth.times(
                granted.stream().mapToLong(since -> startedMonths(since, now)).sum());
    }

    /** Each month is counted from the end of the free time, so that short months do not shift those after them. */
    long startedMonths(Instant granted, Instant now) {
        ZonedDateTime from = granted.atZone(zone).plus(custodyFree);
        ZonedDateTime until = now.atZone(zone);
        if (!until.isAfter(from)) {
            return 0;
        }
        long whole = ChronoUnit.MONTHS.between(from, until);
        return from.plusMonths(whole).isBefore(until) ? whole + 1 : whole;
    }
}
