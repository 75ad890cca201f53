package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.database;
import static io.jiucang.starter.SampleFixtures.payment;
import static io.jiucang.starter.SampleFixtures.place;
import static io.jiucang.starter.SampleFixtures.request;
import static io.jiucang.starter.SampleFixtures.vault;
import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;

/** What operators see of a service, and what it does at night. */
@RealInfrastructure
class OperationsIT {

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    @Test
    void measuresWhatWaitsAndWhatWasRefused() {
        place(service, request());
        String key = Ids.next();
        service.bean(SampleApplication.Faults.class).fail("bad", new IllegalStateException("a bug"));
        // In one batch, which is begun again because of the bad one: each is counted once all the same.
        service.whileTheInboxLooksAway(() -> {
            service.publish(service.platform()
                    .signed(vault("forged"), key, service.platform().impostor("token"), Instant.now()));
            service.publish(vault("bad"), key);
            service.publish(vault("behind"), key);
            service.publish(service.publish(vault("good"), Ids.next()));
        });

        await().untilAsserted(() -> {
            assertThat(metric("jiucang_inbox_quarantined_total\\{reason=\"BAD_SIGNATURE\"}"))
                    .isEqualTo(1);
            assertThat(metric("jiucang_inbox_refused_total\\{reason=\"HANDLER_FAILED\"}"))
                    .isEqualTo(1);
            assertThat(metric("jiucang_relay_withheld")).isZero();
            assertThat(metric("jiucang_inbox_duplicates_total")).isEqualTo(1);
            assertThat(metric("jiucang_inbox_parked_keys")).isEqualTo(1);
            assertThat(metric("jiucang_inbox_dead_letters")).isEqualTo(1);
            assertThat(metric("jiucang_saga_age_seconds")).isPositive();
            assertThat(metric("jiucang_relay_lag")).isZero();
            assertThat(metric("jiucang_inbox_lag")).isZero();
        });
    }

    private static double metric(String name) {
        String all = service.get("/actuator/prometheus", "operator").response().body();
        Matcher line = Pattern.compile("^" + name + "(?:\\{[^}]*})? (.*)$", Pattern.MULTILINE)
                .matcher(all);
        assertThat(line.find()).as(name).isTrue();
        return Double.parseDouble(line.group(1));
    }

    @Test
    void isNotReadyWithoutItsInbox() {
        ConcurrentMessageListenerContainer<?, ?> inbox = service.bean(ConcurrentMessageListenerContainer.class);
        assertThat(readiness()).isEqualTo(200);

        inbox.stop();
        await().untilAsserted(() -> assertThat(readiness()).isEqualTo(503));
        assertThat(service.get("/actuator/health/liveness", null).status()).isEqualTo(200);

        inbox.start();
        await().untilAsserted(() -> assertThat(readiness()).isEqualTo(200));
    }

    private static int readiness() {
        return service.get("/actuator/health/readiness", null).status();
    }

    @Test
    void forgetsAtNightWhatNoLongerMatters() {
        insertIntent("long expired", "25 hours");
        insertIntent("just expired", "23 hours");
        insertIntent("still good", "-5 minutes");
        insertAnswer("old", "31 days");
        insertAnswer("new", "1 second");
        insertAnswer("recent", "29 days");
        assertThat(count(service, "scheduled_tasks where task_name = 'housekeeping'"))
                .isEqualTo(1);

        database(service)
                .sql("update scheduled_tasks set execution_time = ? where task_name = 'housekeeping'")
                .param(Timestamp.from(Instant.now()))
                .update();

        await().untilAsserted(() -> {
            assertThat(count(service, "used_intent where jti = 'long expired'")).isZero();
            assertThat(count(service, "idempotent_request where idempotency_key = 'old'"))
                    .isZero();
        });
        assertThat(count(service, "used_intent where jti = 'just expired'")).isEqualTo(1);
        assertThat(count(service, "idempotent_request where idempotency_key = 'recent'"))
                .isEqualTo(1);
        await().untilAsserted(() -> assertThat(
                        count(service, "scheduled_tasks where task_name = 'housekeeping' and execution_time > now()"))
                .isEqualTo(1));
    }

    private static void insertIntent(String jti, String expiredFor) {
        database(service)
                .sql("insert into used_intent (owner, jti, expires_at) values ('li', ?, now() - ?::interval)")
                .params(jti, expiredFor)
                .update();
    }

    private static void insertAnswer(String key, String answeredFor) {
        database(service).sql("""
                        insert into idempotent_request (subject, idempotency_key, request_hash, status, body, answered_at)
                        values ('li', ?, '', 204, '', now() - ?::interval)""").params(key, answeredFor).update();
    }

    @Test
    void readsALongLifeFromItsSnapshot() {
        OrderId orderId = place(service, request());
        for (int i = 0; i < 7; i++) {
            assertThat(service.post(payment(orderId), "", LI).status()).isEqualTo(204);
        }

        assertThat(count(service, "snapshot_event_entry where aggregate_identifier = '" + orderId + "'"))
                .isEqualTo(1);
        assertThat(database(service)
                        .sql("select max(sequence_number) from domain_event_entry where aggregate_identifier = ?")
                        .param(orderId.value())
                        .query(Long.class)
                        .single())
                .isEqualTo(7);
    }
}
