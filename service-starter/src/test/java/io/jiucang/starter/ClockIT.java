package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.ORDERS;
import static io.jiucang.starter.SampleFixtures.cancellation;
import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.database;
import static io.jiucang.starter.SampleFixtures.effects;
import static io.jiucang.starter.SampleFixtures.payment;
import static io.jiucang.starter.SampleFixtures.place;
import static io.jiucang.starter.SampleFixtures.request;
import static io.jiucang.starter.SampleFixtures.vault;
import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.axonframework.eventhandling.GenericEventMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;

/** A clock that somebody sets while the service runs: nothing is lost, nothing changes its order, and it is told. */
@RealInfrastructure
class ClockIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    static final RunningService service = new RunningService(ByAnotherClock.class, "order");

    private static volatile Duration set = Duration.ZERO;

    /** The sample service by a clock that can be set. */
    @Configuration
    @Import(SampleApplication.class)
    static class ByAnotherClock {

        @Bean
        @Primary
        Clock settable() {
            InstantSource source =
                    () -> Clock.tickMillis(ZoneOffset.UTC).instant().plus(set);
            return source.withZone(ZoneOffset.UTC);
        }
    }

    /** What events are dated by. */
    @BeforeEach
    void datesEvents() {
        GenericEventMessage.clock = service.bean(Clock.class);
    }

    @AfterEach
    void setRight() {
        set = Duration.ZERO;
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H", "P1D", "P-1D"})
    void whatHappensBeforeAndAfterIsToldInItsOrder(Duration jump) {
        OrderId orderId = place(service, request());
        String key = Ids.next();
        List<String> codes = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            set = i % 2 == 0 ? jump : Duration.ZERO;
            assertThat(service.post(payment(orderId), "", LI).status()).isEqualTo(204);
            String code = jump + " " + i;
            codes.add(code);
            service.publish(vault(code), key);
        }
        set = jump;
        assertThat(service.post(cancellation(orderId), "", LI, key).status()).isEqualTo(204);
        set = Duration.ZERO;
        assertThat(service.post(cancellation(orderId), "", LI, key).status())
                .as("the same request again")
                .isEqualTo(204);

        await().atMost(PATIENCE).untilAsserted(() -> {
            List<VerifiedEvent> told = told(orderId);
            assertThat(told)
                    .extracting(event -> (String) event.event().getExtension("sequence"))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 8).mapToObj("%019d"::formatted).toList());
            assertThat(told).extracting(event -> event.event().getId()).doesNotHaveDuplicates();
            assertThat(effects(service)).containsSubsequence(codes);
        });
        assertThat(effects(service)).doesNotHaveDuplicates();
        assertThat(count(service, "parked_event")).isZero();
    }

    @Test
    void itsOperatorIsTold() {
        set = Duration.ofHours(1);

        assertThat(service.get("/actuator/health/readiness", "operator")
                        .response()
                        .body())
                .contains("the clock was set 3600 s ahead since this service started");
        assertThat(service.get("/actuator/health/readiness", null).status()).isEqualTo(200);
        assertThat(service.get("/actuator/prometheus", "operator").response().body())
                .containsPattern("jiucang_clock_set_seconds (3599\\.|3600)");
    }

    @Test
    void aClockBehindTheNewestEventIsToldAtTheStart() {
        OrderId orderId = place(service, request());
        restartAt(Duration.ofHours(-1));
        try {
            assertThat(service.get("/actuator/health/readiness", "operator")
                            .response()
                            .body())
                    .contains("the clock is behind the newest event");
            assertThat(service.post(payment(orderId), "", LI).status()).isEqualTo(204);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(told(orderId).stream()
                                    .map(event -> event.event().getType())
                                    .distinct())
                            .containsExactly("io.jiucang.order.OrderPlaced.v1", "io.jiucang.order.OrderPaid.v1"));
        } finally {
            restartAt(Duration.ZERO);
        }
    }

    private static void restartAt(Duration now) {
        service.stop();
        set = now;
        service.start();
        GenericEventMessage.clock = service.bean(Clock.class);
    }

    /** Everybody would refuse what is dated then, and nobody would read it again. */
    @Test
    void recordsNothingThatNobodyWouldAccept() {
        OrderId orderId = place(service, request());
        long before = count(service, "domain_event_entry");
        set = Duration.ofDays(36_500);

        RunningService.Answer refused = service.post(ORDERS, request(), LI);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.reason()).isEqualTo("TRY_AGAIN");
        service.publish(
                new PaymentClosed(new PaymentId(orderId.value()), orderId, ClosingReason.ORDER_CANCELLED), orderId);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(service.get("/actuator/health/readiness", "operator")
                                .response()
                                .body())
                        .contains(
                                "the key " + service.platform().signer("order").keyId() + " is not valid at 21"));
        assertThat(count(service, "domain_event_entry")).isEqualTo(before);
        assertThat(count(service, "parked_event")).isZero();

        set = Duration.ZERO;
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(effects(service)).contains(orderId + " cancelled"));
        OrderId later = place(service, request());
        service.awaitPublished(OrderPlaced.class, event -> event.orderId().equals(later));
    }

    /** Or an intent could be used a second time once the clock is right again. */
    @Test
    void forgetsNothingThatIsStillGoodForTheClockSaysItIsOld() {
        database(service).sql("""
                        insert into used_intent (owner, jti, expires_at) values
                            ('li', 'still good', now() + interval '5 minutes'),
                            ('li', 'long expired', now() - interval '25 hours')""").update();
        set = Duration.ofDays(40);

        database(service)
                .sql("update scheduled_tasks set execution_time = now() where task_name = 'housekeeping'")
                .update();

        await().atMost(PATIENCE).until(() -> count(service, "used_intent where jti = 'long expired'") == 0);
        assertThat(count(service, "used_intent where jti = 'still good'")).isEqualTo(1);
    }

    private static List<VerifiedEvent> told(OrderId orderId) {
        return service.published().stream()
                .filter(event -> orderId.value().equals(event.event().getSubject()))
                .toList();
    }
}
