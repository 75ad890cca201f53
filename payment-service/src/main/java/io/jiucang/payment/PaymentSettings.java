package io.jiucang.payment;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What payment-service is told.
 *
 * @param askAfter how long we wait for the provider's notification before we ask ourselves; twice as long each time
 * @param askAtLeastEvery where that doubling ends
 * @param openings most payments one replica opens at the provider at once
 * @param patience how long a buyer waits for that; then we say when to ask again
 */
@ConfigurationProperties("jiucang.payment")
record PaymentSettings(
        @DefaultValue("10s") Duration askAfter,
        @DefaultValue("1m") Duration askAtLeastEvery,
        @DefaultValue("8") int openings,
        @DefaultValue("8s") Duration patience) {

    /** @param attempt from 0 */
    Duration waitAfter(int attempt) {
        Duration doubled = askAfter.multipliedBy(1L << Math.min(attempt, 20));
        return doubled.compareTo(askAtLeastEvery) < 0 ? doubled : askAtLeastEvery;
    }
}
