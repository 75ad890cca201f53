package io.jiucang.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.title.event.LawEvent;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The ledger's clock runs ahead of this service's: it decides nothing any more, says so, and goes on running. */
@RealInfrastructure
class TickAheadIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String READINESS = "/actuator/health/readiness";

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    @Test
    void isNotReadyAndSaysWhy() {
        await().atMost(PATIENCE).until(() -> service.get(READINESS, null).status() == 200);

        service.ledger().tick(Instant.now().plus(Duration.ofMinutes(30)));

        await().atMost(PATIENCE).until(() -> service.get(READINESS, null).status() == 503);
        assertThat(service.get(READINESS, "operator").response().body()).contains("O3: tick");
        assertThat(service.get("/actuator/health/liveness", null).status()).isEqualTo(200);
        LawReader law = service.bean(LawReader.class);
        assertThatExceptionOfType(RequestRejected.class)
                .isThrownBy(() -> law.decide(new LawEvent.WalletBorn("")))
                .returns(RequestRejected.Reason.TRY_AGAIN, RequestRejected::reason);
        // What is not the law's business goes on.
        CloudEvent vault = service.publish(SampleFixtures.vault("as ever"), "key");
        await().atMost(PATIENCE).until(() -> service.hasTaken(vault));
    }
}
