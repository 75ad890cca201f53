package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.cancellation;
import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.database;
import static io.jiucang.starter.SampleFixtures.effects;
import static io.jiucang.starter.SampleFixtures.meanwhile;
import static io.jiucang.starter.SampleFixtures.payment;
import static io.jiucang.starter.SampleFixtures.place;
import static io.jiucang.starter.SampleFixtures.refusedToCancel;
import static io.jiucang.starter.SampleFixtures.request;
import static io.jiucang.starter.SampleFixtures.sale;
import static io.jiucang.starter.SampleFixtures.vault;
import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.starter.SampleApplication.Faults;
import io.jiucang.starter.SampleApplication.OrderController.Request;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two instances of one service on one database, asked and told everything at once. */
@RealInfrastructure
class ConcurrencyIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    @RegisterExtension
    static final RunningService replica = new RunningService(SampleApplication.class, "order");

    @BeforeEach
    void empty() {
        database(service).sql("truncate effect, parked_event").update();
    }

    @Test
    void ofManyOnlyOneCancels() throws Exception {
        OrderId orderId = place(service, request());
        List<Future<RunningService.Answer>> running = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            RunningService instance = i % 2 == 0 ? service : replica;
            running.add(meanwhile(() -> instance.post(cancellation(orderId), "", LI)));
        }

        int cancelled = 0;
        for (Future<RunningService.Answer> answer : running) {
            if (answer.get().status() == 204) {
                cancelled++;
            } else {
                assertThat(answer.get().reason()).isEqualTo("ORDER_ENDED");
            }
        }
        assertThat(cancelled).isEqualTo(1);
        assertThat(count(service, "domain_event_entry where aggregate_identifier = '" + orderId + "'"))
                .isEqualTo(2);
    }

    /** Who comes second, at another instance, reads the order only when the first is done with it. */
    @Test
    void waitsForWhoHasTheOrderAtAnotherInstance() throws Exception {
        OrderId orderId = place(service, request());
        Faults faults = service.bean(Faults.class);
        CountDownLatch gate = faults.hold("paying " + orderId);
        Future<RunningService.Answer> payment = meanwhile(() -> service.post(payment(orderId), "", LI));
        await().atMost(PATIENCE).until(() -> faults.isHeld("paying " + orderId));
        Future<RunningService.Answer> cancellation = meanwhile(() -> replica.post(cancellation(orderId), "", LI));
        await().atMost(PATIENCE).until(() -> service.locks(orderId.value(), false) == 1);

        gate.countDown();

        assertThat(payment.get().status()).isEqualTo(204);
        assertThat(cancellation.get().status()).isEqualTo(204);
    }

    @Test
    void shareTheWorkAndLoseNoStepOfASaga() {
        int orders = 5;
        long each = 10;
        List<OrderId> placed = IntStream.range(0, orders)
                .mapToObj(i -> place(service, new Request(2 * each, Instant.now(), "", "")))
                .toList();
        Set<String> codes = new HashSet<>();
        for (int i = 0; i < each; i++) {
            for (OrderId orderId : placed) {
                service.publish(sale(orderId, 1), Ids.next());
                service.publish(refusedToCancel(orderId), Ids.next());
                String code = orderId + " " + i;
                codes.add(code);
                service.publish(vault(code), Ids.next());
            }
        }

        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(effects(service)).containsExactlyInAnyOrderElementsOf(codes);
            assertThat(service.published(OrderFulfilled.class))
                    .extracting(OrderFulfilled::orderId)
                    .filteredOn(placed::contains)
                    .containsExactlyInAnyOrderElementsOf(placed);
        });
        assertThat(count(service, "parked_event")).isZero();
    }

    /**
     * The request holds the order and wants the saga, the event the saga, if it got that far, and wants the order: whoever
     * loses to the other is told to try again, and nothing is lost or done twice.
     */
    @RepeatedTest(3)
    void aRequestAndAnEventOnOneSagaGetPastEachOther() throws Exception {
        OrderId orderId = place(service, request());
        List<Faults> faults = List.of(service.bean(Faults.class), replica.bean(Faults.class));
        List<CountDownLatch> gates = faults.stream()
                .flatMap(each -> Stream.of(each.hold("paying " + orderId), each.hold("fulfilling " + orderId)))
                .toList();
        Future<Integer> payment = meanwhile(() -> payUntilAnswered(orderId));
        await().atMost(PATIENCE).until(() -> faults.getFirst().isHeld("paying " + orderId));
        service.publish(sale(orderId, 1), Ids.next());
        await().atMost(PATIENCE)
                .until(() -> faults.stream().anyMatch(each -> each.isHeld("fulfilling " + orderId)) || waitsForALock());

        gates.forEach(CountDownLatch::countDown);

        int answer = payment.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(answer).isIn(204, 409);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(service.published(OrderFulfilled.class))
                        .extracting(OrderFulfilled::orderId)
                        .containsOnlyOnce(orderId));
        assertThat(count(service, "parked_event")).isZero();
        await().atMost(PATIENCE).until(() -> count(service, "outbox") == 0);
        assertThat(service.published(OrderPaid.class))
                .extracting(OrderPaid::orderId)
                .filteredOn(orderId::equals)
                .as("answered %d", answer)
                .hasSize(answer == 204 ? 1 : 0);
    }

    private static boolean waitsForALock() {
        return count(service, """
                        pg_locks where locktype = 'advisory' and not granted
                        and database = (select oid from pg_database where datname = current_database())""") > 0;
    }

    private static int payUntilAnswered(OrderId orderId) {
        String key = Ids.next();
        for (int tried = 0; tried < 50; tried++) {
            RunningService.Answer answer = service.post(payment(orderId), "", LI, key);
            if (answer.status() != 503) {
                return answer.status();
            }
        }
        return 503;
    }

    @Test
    void aRejectionInAPolicyUndoesNothingElse() throws Exception {
        OrderId ended = place(service, request());
        OrderId open = place(service, request());
        assertThat(service.post(cancellation(ended), "", LI).status()).isEqualTo(204);

        for (OrderId orderId : List.of(ended, open)) {
            service.publish(
                    new PaymentClosed(new PaymentId(orderId.value()), orderId, ClosingReason.ORDER_CANCELLED),
                    "the same key");
        }
        // No such order: not a rejection but a fault, which is undone and parked.
        OrderId unknown = new OrderId(Ids.next());
        service.publish(
                new PaymentClosed(new PaymentId(unknown.value()), unknown, ClosingReason.ORDER_CANCELLED), unknown);

        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(effects(service)).contains(ended + " ORDER_ENDED", open + " cancelled"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(count(service, "parked_event where event_key = '" + unknown + "'"))
                        .isEqualTo(1));
        assertThat(effects(service)).noneMatch(effect -> effect.startsWith(unknown.value()));
    }
}
