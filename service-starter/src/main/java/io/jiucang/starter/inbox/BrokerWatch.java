package io.jiucang.starter.inbox;

import io.jiucang.starter.Progress;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.scheduling.annotation.Scheduled;

/** Asks the broker every few seconds whether it is there: a consumer without one just waits, and says nothing. */
final class BrokerWatch implements HealthIndicator, AutoCloseable {

    private static final long PATIENCE_SECONDS = 5;

    private final Admin admin;
    private final Progress progress;

    BrokerWatch(KafkaAdmin kafka, Progress progress) {
        this.admin = Admin.create(kafka.getConfigurationProperties());
        this.progress = progress;
    }

    @Scheduled(fixedDelay = 5_000)
    void ask() {
        try {
            admin.describeCluster().clusterId().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            progress.made();
        } catch (ExecutionException e) {
            progress.failed(e);
        } catch (TimeoutException e) {
            progress.failed(new IllegalStateException("not within " + PATIENCE_SECONDS + " s"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Health health() {
        return progress.health();
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
