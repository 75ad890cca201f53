package io.jiucang.warehouse;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What warehouse-service is told.
 *
 * @param releaseDeadline how long a release may be open before it counts as overdue
 * @param shipmentDeadline how long a case may wait for its courier before it counts as overdue; delivery-service gives
 *     up within four days, so whatever is left after that is a fault
 */
@ConfigurationProperties("jiucang.warehouse")
record WarehouseSettings(
        @DefaultValue("72h") Duration releaseDeadline,
        @DefaultValue("120h") Duration shipmentDeadline) {}
