package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.ORDERS;
import static io.jiucang.starter.SampleFixtures.meanwhile;
import static io.jiucang.starter.SampleFixtures.request;
import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.starter.SampleApplication.Faults;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** More requests at once than a service has hands for. */
@RealInfrastructure
class WorkLimitIT {

    private static final int LIMIT = 8;

    @RegisterExtension
    static final RunningService service = new RunningService(
            SampleApplication.class,
            "order",
            Map.of("jiucang.web.requests", String.valueOf(LIMIT), "spring.datasource.hikari.maximum-pool-size", "4"));

    /** Half of those in work wait for a connection, the others for what holds theirs. */
    @Test
    void turnsAwayAtOnceWhatItCannotTakeIntoWork() throws Exception {
        CountDownLatch gate = service.bean(Faults.class).hold("slow");
        List<Future<RunningService.Answer>> running = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            running.add(meanwhile(() -> service.post(ORDERS, request("slow"), LI)));
        }

        await().atMost(Duration.ofSeconds(20))
                .until(() -> running.stream().filter(Future::isDone).count() == 40 - LIMIT);
        for (Future<RunningService.Answer> answer :
                running.stream().filter(Future::isDone).toList()) {
            assertThat(answer.get().status()).isEqualTo(503);
            assertThat(answer.get().reason()).isEqualTo("BUSY");
            assertThat(answer.get().response().headers().firstValue("Retry-After"))
                    .hasValue("1");
        }
        assertThat(service.get("/actuator/health/liveness", null).status()).isEqualTo(200);
        assertThat(service.get("/api/v1/orders?from=1", null).reason()).isEqualTo("UNAUTHENTICATED");

        gate.countDown();

        int placed = 0;
        for (Future<RunningService.Answer> answer : running) {
            placed += answer.get().status() == 201 ? 1 : 0;
        }
        assertThat(placed).isEqualTo(LIMIT);
        assertThat(service.post(ORDERS, request(), LI).status()).isEqualTo(201);
    }
}
