package io.jiucang.events.value;

import java.math.BigDecimal;
import java.util.Currency;

/** An amount of money in integer minor units (分 for CNY) of an ISO 4217 currency. Never negative. */
public record Money(Currency currency, long minorUnits) {

    public Money {
        if (minorUnits < 0) {
            throw new IllegalArgumentException("money is never negative: " + minorUnits);
        }
    }

    public static Money cny(long minorUnits) {
        return new Money(Currency.getInstance("CNY"), minorUnits);
    }

    /** @throws ArithmeticException if the product does not fit a long */
    public Money times(long count) {
        return new Money(currency, Math.multiplyExact(minorUnits, count));
    }

    /** @throws IllegalArgumentException if the currencies differ */
    public Money plus(Money other) {
        if (!currency.equals(other.currency)) {
            throw new IllegalArgumentException("cannot add " + other.currency + " to " + currency);
        }
        return new Money(currency, Math.addExact(minorUnits, other.minorUnits));
    }

    @Override
    public String toString() {
        int digits = Math.max(currency.getDefaultFractionDigits(), 0);
        return currency + " " + BigDecimal.valueOf(minorUnits, digits).toPlainString();
    }
}
