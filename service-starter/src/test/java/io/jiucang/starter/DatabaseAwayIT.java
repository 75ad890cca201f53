package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.ORDERS;
import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.effects;
import static io.jiucang.starter.SampleFixtures.request;
import static io.jiucang.starter.SampleFixtures.vault;
import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.value.Ids;
import io.jiucang.starter.test.CapturedLog;
import io.jiucang.starter.test.Infrastructure;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A database that takes no connection, for it has as many as it may, or for it is down: one line, and nothing lost. */
@RealInfrastructure
class DatabaseAwayIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int REQUESTS = 12;

    @RegisterExtension
    static final RunningService service = new RunningService(
            SampleApplication.class,
            "order",
            Map.of("spring.datasource.hikari.connection-timeout", "500", "jiucang.patience", "2s"));

    @Test
    void withoutAConnectionItAsksToComeAgain() {
        saysSoOnceAndLosesNothing("connection limit 0", "too many connections for database");
    }

    @Test
    void withoutADatabaseItAsksToComeAgain() {
        saysSoOnceAndLosesNothing("allow_connections false", "is not currently accepting connections");
    }

    private static void saysSoOnceAndLosesNothing(String limit, String told) {
        List<String> codes =
                IntStream.range(0, 20).mapToObj(i -> limit + " " + i).toList();
        String key = Ids.next();
        long placed = count(service, "domain_event_entry");
        try (CapturedLog log = new CapturedLog()) {
            try {
                restrict(limit);
                codes.forEach(code -> service.publish(vault(code), key));
                for (int i = 0; i < REQUESTS; i++) {
                    Answer refused = service.post(ORDERS, request(), LI, "the same key of " + limit);
                    assertThat(refused.status()).as(refused.response().body()).isEqualTo(503);
                    assertThat(refused.reason()).isEqualTo("TRY_AGAIN");
                    assertThat(refused.response().headers().firstValue("Retry-After"))
                            .hasValue("1");
                }
                await().atMost(PATIENCE).untilAsserted(() -> {
                    Answer readiness = service.get("/actuator/health/readiness", "operator");
                    assertThat(readiness.status()).isEqualTo(503);
                    assertThat(readiness.response().body())
                            .containsPattern("events do not arrive\":\"for ([6-9]|\\d{2,}) s")
                            .contains(told);
                });
            } finally {
                restrict("connection limit -1 allow_connections true");
            }

            Answer accepted = await().atMost(PATIENCE)
                    .until(
                            () -> service.post(ORDERS, request(), LI, "the same key of " + limit),
                            answer -> answer.status() == 201);
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(effects(service)).containsSubsequence(codes);
                assertThat(service.published(OrderPlaced.class))
                        .extracting(event -> event.orderId().value())
                        .contains(accepted.json().get("orderId").asString());
                assertThat(service.get("/actuator/health/readiness", null).status())
                        .isEqualTo(200);
            });
            assertThat(effects(service)).doesNotHaveDuplicates();
            assertThat(count(service, "parked_event")).isZero();
            assertThat(count(service, "domain_event_entry"))
                    .as("one order, for one key")
                    .isEqualTo(placed + 1);
            assertThat(log.lines())
                    .filteredOn(line -> line.startsWith("a request is to come again") && line.contains(told))
                    .hasSize(1);
            assertThat(log.lines())
                    .filteredOn(line -> line.startsWith("events do not arrive:") && line.contains(told))
                    .hasSize(1);
            Map<String, Long> times = log.warnings().stream()
                    .collect(Collectors.groupingBy(line -> line.replaceAll("[0-9a-f]+", "*"), Collectors.counting()));
            assertThat(times).allSatisfy((line, count) -> assertThat(count).isLessThan(5));
            assertThat(log.stackTraces()).as("each once, however often it came").isLessThan(15);
        }
    }

    /** Of the service's own database, from another one; whoever is connected is cut off. */
    private static void restrict(String limit) {
        Infrastructure its = service.infrastructure();
        String elsewhere = its.jdbcUrl().replaceFirst("/[^/]*$", "/postgres");
        JdbcClient jdbc = JdbcClient.create(
                new Infrastructure(elsewhere, its.user(), its.password(), its.bootstrapServers()).dataSource());
        jdbc.sql("alter database " + its.user() + " with " + limit).update();
        jdbc.sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = ?")
                .param(its.user())
                .query((row, number) -> row.getBoolean(1))
                .list();
    }
}
