package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.ORDERS;
import static io.jiucang.starter.SampleFixtures.cancellation;
import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.meanwhile;
import static io.jiucang.starter.SampleFixtures.payment;
import static io.jiucang.starter.SampleFixtures.place;
import static io.jiucang.starter.SampleFixtures.request;
import static io.jiucang.starter.SampleFixtures.terminateTransactions;
import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.starter.test.TestPlatform.WANG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.starter.SampleApplication.Faults;
import io.jiucang.starter.SampleApplication.OrderController.Request;
import io.jiucang.starter.SampleApplication.PurchaseRejected;
import io.jiucang.starter.SampleApplication.PurchaseRejected.Reason;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One key, one effect, one answer. */
@RealInfrastructure
class IdempotencyIT {

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    private final String key = Ids.next();
    private long storedBefore;

    @BeforeEach
    void countEvents() {
        storedBefore = stored();
    }

    @Test
    void answersTheSameAgainWithoutAnotherEffect() {
        Request request = request();
        RunningService.Answer first = service.post(ORDERS, request, LI, key);
        RunningService.Answer second = service.post(ORDERS, request, LI, key);

        assertThat(first.status()).isEqualTo(201);
        assertThat(second.status()).isEqualTo(201);
        assertThat(second.response().body()).isEqualTo(first.response().body());
        assertThat(second.response().headers().firstValue("Location"))
                .isPresent()
                .isEqualTo(first.response().headers().firstValue("Location"));
        assertThat(second.response().headers().firstValue("Content-Type"))
                .isEqualTo(first.response().headers().firstValue("Content-Type"));
        assertThat(stored()).isEqualTo(storedBefore + 1);
    }

    @Test
    void refusesTheKeyForAnythingElse() {
        OrderId orderId = place(service, request());
        service.post(payment(orderId), "", LI, key);

        assertThat(service.post(ORDERS, request(), LI, key).reason()).isEqualTo("IDEMPOTENCY_KEY_REUSED");
        assertThat(service.post(cancellation(orderId), "", LI, key).reason()).isEqualTo("IDEMPOTENCY_KEY_REUSED");
        assertThat(service.post(payment(orderId), "{}", LI, key).status()).isEqualTo(422);
        assertThat(stored()).isEqualTo(storedBefore + 2);
    }

    @Test
    void keepsEachSubjectsKeysApart() {
        Request request = request();

        String first =
                service.post(ORDERS, request, LI, key).json().get("orderId").asString();
        String second =
                service.post(ORDERS, request, WANG, key).json().get("orderId").asString();

        assertThat(second).isNotEqualTo(first);
    }

    @Test
    void needsAKey() {
        HttpRequest without = service.request(ORDERS, LI)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();

        assertThat(service.send(without).reason()).isEqualTo("IDEMPOTENCY_KEY_MISSING");
        assertThat(stored()).isEqualTo(storedBefore);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "TOO LONG"})
    void needsAKeyThatCanBeKept(String malformed) {
        String key = malformed.replace("TOO LONG", "k".repeat(129));

        assertThat(service.post(ORDERS, request(), LI, key).reason()).isEqualTo("IDEMPOTENCY_KEY_MALFORMED");
        assertThat(stored()).isEqualTo(storedBefore);
    }

    /** However the path is written. */
    @Test
    void needsAKeyUnderAnEncodedPathToo() {
        HttpRequest encoded = service.request("/%61pi/v1/orders", LI)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();

        assertThat(service.send(encoded).reason()).isEqualTo("IDEMPOTENCY_KEY_MISSING");
    }

    @Test
    void tellsThatTheFirstStillRuns() throws Exception {
        Request request = request("slow " + key);
        CountDownLatch gate = service.bean(Faults.class).hold("slow " + key);
        Future<RunningService.Answer> first = meanwhile(() -> service.post(ORDERS, request, LI, key));
        await().until(() -> "REQUEST_IN_FLIGHT"
                .equals(service.post(ORDERS, request, LI, key)
                        .json()
                        .path("reason")
                        .asString()));

        gate.countDown();

        assertThat(first.get().status()).isEqualTo(201);
        assertThat(service.post(ORDERS, request, LI, key).response().body())
                .isEqualTo(first.get().response().body());
        assertThat(stored()).isEqualTo(storedBefore + 1);
    }

    @Test
    void storesABusinessRefusal() {
        OrderId orderId = place(service, request());
        service.post(cancellation(orderId), "", LI);

        RunningService.Answer first = service.post(payment(orderId), "", LI, key);
        RunningService.Answer second = service.post(payment(orderId), "", LI, key);

        assertThat(first.reason()).isEqualTo("ORDER_ENDED");
        assertThat(second.reason()).isEqualTo("ORDER_ENDED");
        assertThat(second.response().body()).isEqualTo(first.response().body());
        assertThat(keyIsStored()).isTrue();
    }

    @Test
    void undoesWhatARefusedRequestHadDone() {
        OrderId ended = place(service, request());
        service.post(cancellation(ended), "", LI);
        countEvents();

        RunningService.Answer first = service.post(replacement(ended), request(), LI, key);

        assertThat(first.reason()).isEqualTo("ORDER_ENDED");
        assertThat(stored()).isEqualTo(storedBefore);
        assertThat(keyIsStored()).isTrue();
    }

    /** Whatever refuses it, and wherever: here, a command that failed within the request's transaction. */
    @Test
    void undoesWhatWasDoneBeforeSomethingWasNotFound() {
        RunningService.Answer answer = service.post(replacement(new OrderId(Ids.next())), request(), LI, key);

        assertThat(answer.reason()).isEqualTo("NOT_FOUND");
        assertThat(stored()).isEqualTo(storedBefore);
        assertThat(keyIsStored()).isTrue();
    }

    @Test
    void keepsWhatARefusalIsAbout() {
        Request request = request("noted " + key);
        service.bean(Faults.class).fail("noted " + key, new PurchaseRejected(Reason.ORDER_NOTED, "noted"));

        assertThat(service.post(ORDERS, request, LI, key).reason()).isEqualTo("ORDER_NOTED");
        assertThat(service.post(ORDERS, request, LI, key).reason()).isEqualTo("ORDER_NOTED");
        assertThat(stored()).isEqualTo(storedBefore + 1);
        assertThat(keyIsStored()).isTrue();
    }

    @Test
    void forgetsAFaultAndWhatLedToIt() {
        Request request = request("bug " + key);
        service.bean(Faults.class).fail("bug " + key, new IllegalStateException("after the command"));
        assertThat(service.post(ORDERS, request, LI, key).reason()).isEqualTo("INTERNAL_ERROR");
        assertThat(stored()).isEqualTo(storedBefore);
        assertThat(keyIsStored()).isFalse();

        service.bean(Faults.class).heal("bug " + key);

        assertThat(service.post(ORDERS, request, LI, key).status()).isEqualTo(201);
    }

    @Test
    void keepsEffectAndAnswerTogetherOrNeither() throws Exception {
        Request request = request("slow " + key);
        CountDownLatch gate = service.bean(Faults.class).hold("slow " + key);
        Future<RunningService.Answer> first = meanwhile(() -> service.post(ORDERS, request, LI, key));
        await().until(() -> "REQUEST_IN_FLIGHT"
                .equals(service.post(ORDERS, request, LI, key)
                        .json()
                        .path("reason")
                        .asString()));
        terminateTransactions(service);
        gate.countDown();

        assertThat(first.get().reason()).isEqualTo("TRY_AGAIN");
        assertThat(first.get().response().headers().firstValue("Retry-After")).hasValue("1");
        assertThat(stored()).isEqualTo(storedBefore);
        assertThat(keyIsStored()).isFalse();
        await().untilAsserted(() ->
                assertThat(service.post(ORDERS, request, LI, key).status()).isEqualTo(201));
        assertThat(stored()).isEqualTo(storedBefore + 1);
    }

    /** More of them than the pool has connections. */
    @Test
    void whoAsksOutsideHoldsNoConnection() throws Exception {
        OrderId orderId = place(service, request());
        CountDownLatch gate = service.bean(Faults.class).hold("outside " + orderId);
        List<Future<RunningService.Answer>> asking = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            asking.add(meanwhile(() -> service.post(transfer(orderId), "", LI)));
        }
        try {
            for (int i = 0; i < 40; i++) {
                place(service, request());
            }
            assertThat(asking).noneMatch(Future::isDone);
        } finally {
            gate.countDown();
        }
        for (Future<RunningService.Answer> answer : asking) {
            assertThat(answer.get().status()).isEqualTo(204);
        }
        assertThat(stored()).isEqualTo(storedBefore + 81);
    }

    @Test
    void ofTwinsThatAskOutsideOneHasTheEffect() throws Exception {
        OrderId orderId = place(service, request());
        countEvents();
        CountDownLatch gate = service.bean(Faults.class).hold("outside " + orderId);
        List<Future<RunningService.Answer>> twins = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            twins.add(meanwhile(() -> service.post(transfer(orderId), "", LI, key)));
        }
        await().during(Duration.ofMillis(300))
                .until(() -> twins.stream().filter(Future::isDone).count() < 8);

        gate.countDown();

        List<Integer> statuses = new ArrayList<>();
        for (Future<RunningService.Answer> twin : twins) {
            statuses.add(twin.get().status());
        }
        assertThat(statuses).contains(204).isSubsetOf(204, 409);
        assertThat(stored()).isEqualTo(storedBefore + 1);
        assertThat(service.post(transfer(orderId), "", LI, key).status()).isEqualTo(204);
        assertThat(stored()).isEqualTo(storedBefore + 1);
    }

    @Test
    void storesWhatWasRefusedOutsideAndForgetsWhatFailedThere() {
        OrderId orderId = place(service, request());
        countEvents();
        service.bean(Faults.class).fail("outside " + orderId, new IllegalStateException("nobody there"));
        assertThat(service.post(transfer(orderId), "", LI, key).reason()).isEqualTo("INTERNAL_ERROR");
        assertThat(keyIsStored()).isFalse();

        service.bean(Faults.class)
                .fail("outside " + orderId, new PurchaseRejected(Reason.ORDER_ENDED, "refused outside"));
        assertThat(service.post(transfer(orderId), "", LI, key).reason()).isEqualTo("ORDER_ENDED");
        assertThat(keyIsStored()).isTrue();
        assertThat(stored()).isEqualTo(storedBefore);
    }

    private static String transfer(OrderId orderId) {
        return ORDERS + "/" + orderId + "/transfer";
    }

    @Test
    void takesNoBodyOverAMebibyte() {
        String body = "{\"note\":\"" + "x".repeat(1 << 20) + "\"}";

        assertThat(service.post(ORDERS, body, LI, key).reason()).isEqualTo("BODY_TOO_LARGE");
    }

    private static String replacement(OrderId orderId) {
        return ORDERS + "/" + orderId + "/replacement";
    }

    private boolean keyIsStored() {
        return count(service, "idempotent_request where idempotency_key = encode(sha256('" + key + "'), 'hex')") == 1;
    }

    private static long stored() {
        return count(service, "domain_event_entry");
    }
}
