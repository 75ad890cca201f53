package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.database;
import static io.jiucang.starter.SampleFixtures.payment;
import static io.jiucang.starter.SampleFixtures.place;
import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.value.OrderId;
import io.jiucang.starter.SampleApplication.Faults;
import io.jiucang.starter.SampleApplication.OrderController.Request;
import io.jiucang.starter.store.ClusterLockFactory;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import java.time.Duration;
import java.time.Instant;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A deadline outlives the process, fires once, and not if it was cancelled. */
@RealInfrastructure
class DeadlineIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    @Test
    void firesAfterARestartAndOnlyIfNotCancelled() {
        OrderId paid = placeDueIn(Duration.ofSeconds(4));
        OrderId unpaid = placeDueIn(Duration.ofSeconds(5));
        assertThat(service.post(payment(paid), "", LI).status()).isEqualTo(204);

        service.stop();
        service.start();

        OrderEnded cancelled = service.awaitPublished(
                OrderEnded.class, event -> event.orderId().equals(unpaid));
        assertThat(cancelled.reason()).isEqualTo(EndReason.PAYMENT_OVERDUE);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(deadlines()).isZero());
        assertThat(service.published(OrderEnded.class))
                .extracting(OrderEnded::orderId)
                .containsOnlyOnce(unpaid)
                .doesNotContain(paid);
    }

    @Test
    void isTriedAgainUntilItSucceeds() {
        Faults faults = service.bean(Faults.class);
        OrderId orderId = placeDueIn(Duration.ofSeconds(2));
        faults.fail(orderId, new IllegalStateException("a bug"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(database(service)
                                .sql("select count(*) from scheduled_tasks where consecutive_failures > 1")
                                .query(Long.class)
                                .single())
                        .isPositive());
        assertThat(service.published(OrderEnded.class))
                .extracting(OrderEnded::orderId)
                .doesNotContain(orderId);

        faults.heal(orderId);

        service.awaitPublished(OrderEnded.class, event -> event.orderId().equals(orderId));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(deadlines()).isZero());
        assertThat(service.published(OrderEnded.class))
                .extracting(OrderEnded::orderId)
                .containsOnlyOnce(orderId);
    }

    /** What made it needless must not fail on it. */
    @Test
    void mayBeCancelledInTheMomentItFires() {
        OrderId orderId = placeDueIn(Duration.ofHours(1));
        database(service).sql("""
                        update scheduled_tasks set picked = true, picked_by = 'another', last_heartbeat = now()
                        where task_name = 'AxonDeadline'""").update();

        assertThat(service.post(payment(orderId), "", LI).status()).isEqualTo(204);

        database(service)
                .sql("delete from scheduled_tasks where task_name = 'AxonDeadline'")
                .update();
    }

    /** As requests and the inbox do: who locked the saga first would wait for them in a circle. */
    @Test
    void waitsForWhatItIsAboutBeforeItLocksTheSaga() {
        OrderId orderId = placeDueIn(Duration.ofHours(1));
        String saga = database(service)
                .sql("select saga_id from association_value_entry where association_value = ?")
                .param(orderId.value())
                .query((row, number) -> row.getString(1))
                .single();
        TransactionTemplate another =
                new TransactionTemplate(new DataSourceTransactionManager(service.bean(DataSource.class)));

        another.executeWithoutResult(status -> {
            ClusterLockFactory.lockUntilTransactionEnds(service.bean(JdbcClient.class), orderId.value());
            database(service)
                    .sql("update scheduled_tasks set execution_time = now() where task_name = 'AxonDeadline'")
                    .update();
            await().atMost(PATIENCE).until(() -> service.locks(orderId.value(), false) == 1);
            assertThat(service.locks(saga, true)).isZero();
        });

        service.awaitPublished(OrderEnded.class, event -> event.orderId().equals(orderId));
    }

    private static OrderId placeDueIn(Duration time) {
        Instant placedAt = Instant.now().plus(time).minus(SampleApplication.PAYMENT_PERIOD);
        return place(service, new Request(1, placedAt, "", ""));
    }

    private static long deadlines() {
        return SampleFixtures.count(service, "scheduled_tasks where task_name = 'AxonDeadline'");
    }
}
