package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.database;
import static io.jiucang.starter.SampleFixtures.effects;
import static io.jiucang.starter.SampleFixtures.vault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.value.Ids;
import io.jiucang.starter.SampleApplication.Faults;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Who does not get a lock in time tries again: nothing is wrong with the event. */
@RealInfrastructure
class LockTimeoutIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    @ParameterizedTest
    @CsvSource({
        "lock_timeout,        55P03, canceling statement due to lock timeout",
        "transaction_timeout, 25P04, terminating connection due to transaction timeout"
    })
    void aLockThatIsNotHadInTimeParksNothing(String limit, String sqlState, String told) throws SQLException {
        restartWith(limit);
        List<String> codes =
                IntStream.range(0, 5).mapToObj(i -> sqlState + " " + i).toList();
        String key = Ids.next();
        try (Connection holder = service.infrastructure().dataSource().getConnection();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("lock table effect in share mode");
            codes.forEach(code -> service.publish(vault(code), key));

            awaitFailure(told);
            assertThat(count(service, "parked_event")).isZero();
            assertThat(effects(service)).doesNotContainAnyElementsOf(codes);
        }

        awaitEffects(codes);
    }

    /** As where a handler, between two statements, stands still for longer than its transaction may. */
    @Test
    void aTransactionThatIdledTooLongParksNothing() {
        restartWith("idle_in_transaction_session_timeout");
        CountDownLatch gate = service.bean(Faults.class).hold("idle");
        String key = Ids.next();
        List<String> codes = List.of("idle", "behind the idle one");
        codes.forEach(code -> service.publish(vault(code), key));
        await().atMost(PATIENCE).until(() -> count(service, """
                        pg_stat_activity where datname = current_database()
                        and state like 'idle in transaction%' and query like '%insert into effect%'""") == 1);
        await().atMost(PATIENCE).until(() -> count(service, """
                        pg_stat_activity where datname = current_database()
                        and state like 'idle in transaction%' and query like '%insert into effect%'""") == 0);
        gate.countDown();

        awaitEffects(codes);
    }

    /** Each of them takes so long that all of them take too long. */
    @Test
    void aBatchThatTakesTooLongIsTakenInHalves() {
        restartWith("transaction_timeout");
        CountDownLatch gate = service.bean(Faults.class).hold("first");
        service.publish(vault("first"), Ids.next());
        String key = Ids.next();
        List<String> codes = IntStream.range(0, 8).mapToObj(i -> "slow " + i).toList();
        codes.forEach(code -> service.publish(vault(code), key));
        database(service).sql("""
                        create function take_long() returns trigger language plpgsql as
                        $$ begin perform pg_sleep(0.2); return new; end $$""").update();
        database(service).sql("""
                        create trigger take_long before insert on effect for each row when (new.detail like 'slow%')
                        execute function take_long()""").update();
        gate.countDown();

        awaitEffects(codes);
    }

    private static void restartWith(String limit) {
        service.stop();
        service.start(Map.of("spring.datasource.hikari.connection-init-sql", "set " + limit + " = '700ms'"));
    }

    private static void awaitFailure(String told) {
        await().atMost(PATIENCE).until(() -> {
            Health inbox =
                    service.bean("inboxHealthIndicator", HealthIndicator.class).health();
            return inbox != null && inbox.getDetails().toString().contains(told);
        });
    }

    private static void awaitEffects(List<String> codes) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(effects(service)).containsSubsequence(codes));
        assertThat(effects(service)).doesNotHaveDuplicates();
        assertThat(count(service, "parked_event")).isZero();
    }
}
