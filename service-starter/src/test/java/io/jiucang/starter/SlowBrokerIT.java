package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.effects;
import static io.jiucang.starter.SampleFixtures.place;
import static io.jiucang.starter.SampleFixtures.request;
import static io.jiucang.starter.SampleFixtures.vault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.starter.test.CapturedLog;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A broker that takes its time, or gives no answer at all though it is there. */
@RealInfrastructure
class SlowBrokerIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    private SlowBroker broker;

    @BeforeEach
    void goThroughIt() {
        service.stop();
        broker = SlowBroker.before(service.infrastructure().bootstrapServers());
        service.start(Map.of(
                "spring.kafka.bootstrap-servers", broker.bootstrapServers(),
                "spring.kafka.producer.properties.max.block.ms", "1000",
                "spring.kafka.producer.properties.delivery.timeout.ms", "3000",
                "spring.kafka.producer.properties.request.timeout.ms", "2000",
                "jiucang.patience", "3s"));
    }

    @AfterEach
    void away() {
        service.stop();
        broker.close();
    }

    @Test
    void whatIsOnlySlowIsWaitedFor() {
        broker.delay(Duration.ofMillis(500));
        OrderId placed = place(service, request());
        service.publish(vault("slow"), Ids.next());

        service.awaitPublished(OrderPlaced.class, event -> event.orderId().equals(placed));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(effects(service)).contains("slow"));
        assertThat(readiness()).isEqualTo(200);
    }

    /** The second time before the broker has answered anything that the service needs to send and to read. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutAnAnswerItIsNotReadyAndNothingIsLost(boolean warm) {
        if (warm) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(readiness()).isEqualTo(200));
            OrderId before = place(service, request());
            service.awaitPublished(OrderPlaced.class, event -> event.orderId().equals(before));
        }
        List<String> codes =
                IntStream.range(0, 20).mapToObj(i -> "held " + warm + i).toList();
        try (CapturedLog log = new CapturedLog()) {
            broker.hold();
            List<OrderId> placed = IntStream.range(0, 20)
                    .mapToObj(i -> place(service, request()))
                    .toList();
            codes.forEach(code -> service.publish(vault(code), "one key"));

            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(readiness()).isEqualTo(503);
                assertThat(service.get("/actuator/health/readiness", "operator")
                                .response()
                                .body())
                        .contains("\"events do not leave\":\"for ")
                        .contains("\"the broker does not answer\":\"for ");
            });
            assertThat(count(service, "outbox")).isEqualTo(20);
            assertThat(effects(service)).doesNotContainAnyElementsOf(codes);

            broker.letGo();

            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(effects(service)).containsSubsequence(codes);
                assertThat(service.published(OrderPlaced.class))
                        .extracting(OrderPlaced::orderId)
                        .containsAll(placed);
                assertThat(count(service, "outbox")).isZero();
                assertThat(readiness()).isEqualTo(200);
            });
            assertThat(effects(service)).doesNotHaveDuplicates();
            assertThat(log.lines())
                    .filteredOn(line -> line.matches("the broker does not answer: .*not within 5 s"))
                    .hasSize(1);
            assertThat(log.lines())
                    .filteredOn(
                            line -> line.matches("events do not leave for \\d+ s, so this service is not ready: .*"))
                    .hasSize(1);
            assertThat(log.lines()).anyMatch(line -> line.matches("over after \\d+ s: events do not leave"));
            assertThat(log.warnings()).as("all of it").hasSizeLessThan(20);
            assertThat(log.stackTraces()).isLessThan(5);
        }
    }

    private static int readiness() {
        return service.get("/actuator/health/readiness", null).status();
    }
}
