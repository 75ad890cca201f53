package io.jiucang.starter;

import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.VaultId;
import io.jiucang.starter.SampleApplication.OrderController.Request;
import io.jiucang.starter.SampleApplication.Purchase;
import io.jiucang.starter.test.RunningService;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What several tests of the sample service say and ask. */
final class SampleFixtures {

    static final String ORDERS = "/api/v1/orders";
    static final String TOKEN_TOPIC = "token.events.v1";

    private SampleFixtures() {}

    static Request request() {
        return request("");
    }

    static Request request(String note) {
        return new Request(1, Instant.now(), note, "");
    }

    static OrderId place(RunningService service, Request request) {
        RunningService.Answer answer = service.post(ORDERS, request, LI);
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(201);
        return new OrderId(answer.json().get("orderId").asString());
    }

    static String payment(OrderId orderId) {
        return ORDERS + "/" + orderId + "/payment";
    }

    static String cancellation(OrderId orderId) {
        return ORDERS + "/" + orderId + "/cancellation";
    }

    /** Has the effect {@code code}. */
    static VaultOpened vault(String code) {
        return new VaultOpened(new VaultId(Ids.next()), Purchase.PLAN, "site", code);
    }

    /** Tells that there is such a plan. */
    static ReservationRefused plan(PlanId planId) {
        return new ReservationRefused(
                Purchase.VAULT, planId, new OrderId(Ids.next()), "somebody", RefusalReason.SOLD_OUT);
    }

    static TokensMinted minted(PlanId planId, long firstSerial) {
        return new TokensMinted(Purchase.VAULT, planId, firstSerial, 1);
    }

    static SaleRecorded sale(OrderId orderId, long minorUnits) {
        return new SaleRecorded(
                new PaymentId(orderId.value()),
                orderId,
                "somebody",
                Purchase.PLAN,
                Purchase.VAULT,
                List.of(new SerialRange(1, 1)),
                Money.cny(minorUnits),
                "transaction",
                Instant.now());
    }

    /** Something of warehouse-service's that the law does not ask for. */
    static ReleaseCancellationRefused refusedToCancel(OrderId orderId) {
        return new ReleaseCancellationRefused(new ReleaseId(orderId.value()), orderId);
    }

    static JdbcClient database(RunningService service) {
        return JdbcClient.create(service.infrastructure().dataSource());
    }

    /** What the events had for effects, in order. */
    static List<String> effects(RunningService service) {
        return database(service)
                .sql("select detail from effect order by id")
                .query((row, number) -> row.getString(1))
                .list();
    }

    static long count(RunningService service, String table) {
        return database(service)
                .sql("select count(*) from " + table)
                .query(Long.class)
                .single();
    }

    /** Cuts the service's connections off in the middle of their transactions, as a failing database would. */
    static void terminateTransactions(RunningService service) {
        // A transaction that has its lock may still be at its first statement.
        await().untilAsserted(() -> assertThat(
                        database(service).sql("""
                        select count(pg_terminate_backend(pid)) from pg_stat_activity
                        where datname = current_database() and state = 'idle in transaction'""").query(Long.class).single())
                .isPositive());
    }

    /** How many events were void: by the law, or because token-service told another wallet's statement as this one's. */
    static double voided(RunningService service) {
        return Stream.of("jiucang.law.void", "jiucang.wallets.void")
                .flatMap(name -> service.bean(MeterRegistry.class).find(name).counters().stream())
                .mapToDouble(Counter::count)
                .sum();
    }

    /** A running call; what it gives is asked for later. */
    static <T> Future<T> meanwhile(Callable<T> call) {
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        Future<T> running = executor.submit(call);
        executor.shutdown();
        return running;
    }
}
