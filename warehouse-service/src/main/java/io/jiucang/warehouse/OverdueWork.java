package io.jiucang.warehouse;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Tells operators of buyers and owners who wait for their cases too long. */
@Component
class OverdueWork implements MeterBinder {

    private static final Logger log = LoggerFactory.getLogger(OverdueWork.class);

    private final ReleaseViews releases;
    private final ShipmentViews shipments;

    OverdueWork(ReleaseViews releases, ShipmentViews shipments) {
        this.releases = releases;
        this.shipments = shipments;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("jiucang.releases.overdue", () -> releases.overdue().count())
                .description("Open releases past their deadline")
                .register(registry);
        Gauge.builder("jiucang.shipments.overdue", () -> shipments.overdue().count())
                .description("Shipments with cases that wait for a courier past their deadline")
                .register(registry);
    }

    @Scheduled(fixedDelayString = "PT1H")
    void warn() {
        warn("releases", releases.overdue());
        warn("shipments", shipments.overdue());
    }

    private static void warn(String work, Overdue overdue) {
        overdue.oldest()
                .ifPresent(oldest -> log.warn(
                        "{} {} are overdue, the oldest since its request at {}", overdue.count(), work, oldest));
    }
}
