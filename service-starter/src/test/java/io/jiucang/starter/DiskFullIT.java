package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.ORDERS;
import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.effects;
import static io.jiucang.starter.SampleFixtures.request;
import static io.jiucang.starter.SampleFixtures.vault;
import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.value.Ids;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is nearly full, for more is asked of it than it has: nothing comes in, and nothing is lost. */
@RealInfrastructure
class DiskFullIT {

    @TempDir
    static Path directory;

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    @Test
    void takesNothingInUntilThereIsRoom() {
        service.stop();
        service.start(Map.of("jiucang.disk.directories", directory.toString(), "jiucang.disk.stop-below", "1000TB"));
        await().untilAsserted(() -> assertThat(
                        service.get("/actuator/health/readiness", null).status())
                .isEqualTo(503));
        long before = count(service, "domain_event_entry");

        for (String user : new String[] {LI, null}) {
            Answer refused = service.post(ORDERS, request(), user);
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.reason()).isEqualTo("DISK_FULL");
            assertThat(refused.response().headers().firstValue("Retry-After")).hasValue("30");
        }
        assertThat(service.get("/api/v1/greeting", null).status()).isEqualTo(200);
        assertThat(service.get("/actuator/prometheus", "operator").response().body())
                .contains("jiucang_disk_intake_stopped 1.0")
                .contains("jiucang_disk_free_bytes{directory=\"" + directory + "\"");
        service.publish(vault("waits"), Ids.next());
        await().during(Duration.ofSeconds(1)).until(() -> effects(service).isEmpty());
        assertThat(count(service, "domain_event_entry")).isEqualTo(before);

        service.stop();
        service.start(Map.of("jiucang.disk.directories", directory.toString(), "jiucang.disk.stop-below", "1B"));
        await().untilAsserted(() -> assertThat(effects(service)).containsExactly("waits"));
        assertThat(service.post(ORDERS, request(), LI).status()).isEqualTo(201);
        assertThat(service.get("/actuator/health/readiness", null).status()).isEqualTo(200);
    }
}
