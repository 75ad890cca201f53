package io.jiucang.order;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What order-service is told.
 *
 * @param reservationPeriod how long an order waits to hear whether there are cases
 * @param fulfilmentPeriod how long a paid order may take to title before an operator is told
 * @param heartbeat how often a silent event stream shows that it is alive
 * @param streamsPerBuyer most event streams one buyer may hold open on one replica
 */
@ConfigurationProperties("jiucang.order")
record OrderSettings(
        @DefaultValue("10m") Duration reservationPeriod,
        @DefaultValue("7d") Duration fulfilmentPeriod,
        @DefaultValue("15s") Duration heartbeat,
        @DefaultValue("5") int streamsPerBuyer) {}
