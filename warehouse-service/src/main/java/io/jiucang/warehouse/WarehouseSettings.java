package io.jiucang.warehouse;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** @param releaseDeadline how long a release may be open before it counts as overdue */
@ConfigurationProperties("jiucang.warehouse")
record WarehouseSettings(@DefaultValue("72h") Duration releaseDeadline) {}
