package io.jiucang.warehouse;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Tells operators of buyers who wait for their cases too long. */
@Component
class OverdueReleases implements MeterBinder {

    private static final Logger log = LoggerFactory.getLogger(OverdueReleases.class);

    private final ReleaseViews releases;

    OverdueReleases(ReleaseViews releases) {
        this.releases = releases;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("jiucang.releases.overdue", () -> releases.overdue().releases())
                .description("Open releases past their deadline")
                .register(registry);
    }

    @Scheduled(fixedDelayString = "PT1H")
    void warn() {
        ReleaseViews.Overdue overdue = releases.overdue();
        overdue.oldest()
                .ifPresent(oldest -> log.warn(
                        "{} releases are overdue, the oldest since its request at {}", overdue.releases(), oldest));
    }
}
