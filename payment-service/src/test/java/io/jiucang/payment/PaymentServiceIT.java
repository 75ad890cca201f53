package io.jiucang.payment;

import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.starter.test.TestPlatform.WANG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.jiucang.events.EventTypes;
import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.OrderEvent.PaymentOverdue;
import io.jiucang.events.OrderEvent.RefundDue;
import io.jiucang.events.PaymentEvent;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.PaymentDue;
import io.jiucang.events.PaymentEvent.PaymentOpened;
import io.jiucang.events.PaymentEvent.ReceiptReturned;
import io.jiucang.events.PaymentEvent.RefundCompleted;
import io.jiucang.events.PaymentEvent.RefundFailed;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.PaymentEvent.RefundRequested;
import io.jiucang.events.PaymentEvent.ReturnReason;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.SaleRefused;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.Sha256;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Hash;
import io.jiucang.payment.PaymentCommand.ClosePayment;
import io.jiucang.payment.PaymentCommand.ExpectPayment;
import io.jiucang.payment.PaymentCommand.RecordCapture;
import io.jiucang.payment.PaymentProvider.Capture;
import io.jiucang.payment.PaymentProvider.PaymentStatus.Paid;
import io.jiucang.simulators.statement.StatementId;
import io.jiucang.simulators.statement.Winery;
import io.jiucang.simulators.wechatpay.Faults.Mixup;
import io.jiucang.simulators.wechatpay.Faults.Outage;
import io.jiucang.simulators.wechatpay.Faults.RefundFailure;
import io.jiucang.simulators.wechatpay.Merchant;
import io.jiucang.simulators.wechatpay.Pay;
import io.jiucang.simulators.wechatpay.SignedMessage;
import io.jiucang.simulators.wechatpay.StatementLine;
import io.jiucang.simulators.wechatpay.Tampering;
import io.jiucang.simulators.wechatpay.Timing;
import io.jiucang.simulators.wechatpay.WeChatPaySimulator;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.law.Ruled;
import io.jiucang.starter.store.Evidence;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.starter.test.TestSales.Placed;
import io.jiucang.starter.test.TestSales.Sold;
import io.jiucang.title.Ruling;
import io.jiucang.title.receipt.SignedAnswer;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statements;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

@RealInfrastructure(
        topics = {"token.events.v1", "order.events.v1", "payment.events.v1", "payment.dead-letters.v1"},
        partitions = 2)
class PaymentServiceIT {

    private static final Money PRICE = Money.cny(237_600);
    private static final Money PRICE_OF_ONE = Money.cny(118_800);
    private static final List<SerialRange> SERIALS = List.of(new SerialRange(1, 2));
    /** As the simulator calls whoever pays. */
    private static final String PAYER = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

    private static final int PORT = freePort();
    static final WeChatPaySimulator PROVIDER = startProvider();

    @RegisterExtension
    static final RunningService service = new RunningService(
                    PaymentServiceApplication.class, "payment", settings(PROVIDER.merchant()))
            .onOneConnection();

    private static final String OFFER = service.platform()
            .winery()
            .offer(new Winery.Offer(
                    "guojiao-1573-52",
                    "19521141111014",
                    100,
                    118_800,
                    3,
                    Instant.parse("2020-01-01T00:00:00Z"),
                    Instant.parse("2099-01-01T00:00:00Z"),
                    TestPlatform.SITES.getFirst(),
                    TestPlatform.APPID,
                    TestPlatform.PAYEE,
                    "ab".repeat(32),
                    30,
                    Duration.ofMinutes(30)));
    private static final StatementId OFFERED = StatementId.of(OFFER);
    private static final PlanId PLAN = new PlanId(OFFERED.planId());
    private static final VaultId VAULT = new VaultId(OFFERED.vaultId());
    /** From here on no test has sold any. */
    private static final AtomicLong NEXT_SERIAL = new AtomicLong(1);

    /** Two cases for li, who has signed so; {@link #placed} where the ledger is to know it. */
    private final String statement = TestPlatform.deviceOf(LI)
            .speaking()
            .order(
                    OFFERED.hex(),
                    2,
                    PRICE.minorUnits(),
                    "ab".repeat(32),
                    Instant.now().plusSeconds(1_200));

    private final OrderId order = new OrderId(StatementId.of(statement).orderId());
    private final PaymentId payment = new PaymentId(StatementId.of(statement).paymentId());
    private final String number = WeChatPayForm.number(payment.value());

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With the keys that the directory lists. */
    private static WeChatPaySimulator startProvider() {
        Path keys =
                new RunningService(PaymentServiceIT.class, "payment").platform().providerFolder();
        return WeChatPaySimulator.start(keys, 0, Timing.QUICK, Clock.systemUTC());
    }

    static Map<String, String> settings(Merchant merchant) {
        Map<String, String> settings = new HashMap<>();
        settings.put("server.port", Integer.toString(PORT));
        settings.put("jiucang.payment.ask-after", "300ms");
        settings.put("jiucang.payment.ask-at-least-every", "8s");
        settings.put("jiucang.payment.patience", "5s");
        // So that the provider is what they all wait for.
        settings.put("jiucang.web.requests", "100");
        settings.put("jiucang.wechatpay.merchant-id", merchant.id());
        settings.put("jiucang.wechatpay.app-id", merchant.appId());
        settings.put("jiucang.wechatpay.merchant-serial", merchant.certificateSerial());
        settings.put("jiucang.wechatpay.private-key", merchant.privateKey().toString());
        settings.put("jiucang.wechatpay.api-v3-key", merchant.apiV3Key());
        settings.put("jiucang.wechatpay.platform-public-key-id", merchant.platformPublicKeyId());
        settings.put(
                "jiucang.wechatpay.platform-public-key",
                merchant.platformPublicKey().toString());
        settings.put("jiucang.wechatpay.notify-url", "http://localhost:" + PORT + "/callbacks/wechatpay");
        settings.put("jiucang.wechatpay.base-url", PROVIDER.baseUrl().toString());
        settings.put("jiucang.wechatpay.timeout", "1s");
        return settings;
    }

    @AfterEach
    void endFaults() {
        PROVIDER.faults().outage(Outage.NONE);
        PROVIDER.faults().mixup(Mixup.NONE);
        PROVIDER.faults().impostor(false);
        PROVIDER.faults().refundFailure(RefundFailure.NONE);
        PROVIDER.faults().latency(Duration.ZERO);
        PROVIDER.faults().callsPerSecond(Integer.MAX_VALUE);
    }

    @AfterAll
    static void stopProvider() {
        PROVIDER.close();
    }

    @BeforeAll
    static void offer() {
        service.bear(List.of(LI, WANG));
        service.publish(new SalesPlanCreated(PLAN, VAULT, Map.of("zh-CN", "国窖1573 经典装"), OFFER), PLAN);
        service.awaitLaw(state -> state.plans().containsKey(PLAN));
    }

    private Ruled placed() {
        return awaitRuled(service.publish(new OrderPlaced(order, statement), order));
    }

    private void confirmed() {
        service.publish(confirmation(), order);
        awaitStatus("DUE");
    }

    private OrderConfirmed confirmation() {
        return new OrderConfirmed(
                order, payment, LI, PLAN, VAULT, SERIALS, PRICE, Instant.now().plus(30, ChronoUnit.MINUTES));
    }

    private Answer open() {
        return service.post("/api/v1/payments", Map.of("orderId", order.value()), LI);
    }

    private String opened() {
        confirmed();
        Answer answer = open();
        assertThat(answer.status()).isEqualTo(201);
        return answer.json().path("codeUrl").asString();
    }

    private String paid() {
        String transactionId = PROVIDER.pay(opened(), Pay.IN_FULL);
        awaitStatus("PAID");
        return transactionId;
    }

    /** By the law: the next two cases are this buyer's to be granted. */
    private Sold sold() {
        Ruled placed = placed();
        paid();
        long serial = NEXT_SERIAL.getAndAdd(2);
        return service.sales()
                .sell(
                        Statements.read(OFFER, Act.Offer.class),
                        new Placed(Statements.read(statement, Act.Order.class), placed.at()),
                        capturedAt(awaitPublished(PaymentCaptured.class)).at(),
                        serial,
                        serial + 1);
    }

    /** The warehouse and a dock of it refuse one of its cases, or more. */
    private static void undone(Sold sold, List<TokenId> tokens) {
        service.sales().undo(sold, tokens, service.sales().refuse(sold, tokens));
    }

    /** Paid, and to have no sale. */
    private void saleRefused() {
        service.publish(new SaleRefused(VAULT, order, "S4: another order has one of its serials"), VAULT);
    }

    private void cancelled() {
        service.publish(new PaymentOverdue(order), order);
        awaitStatus("CLOSED");
    }

    private Answer read() {
        return service.get("/api/v1/payments/" + payment, "operator");
    }

    private JsonNode awaitStatus(String status) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(read().json().path("status").asString()).isEqualTo(status));
        return read().json();
    }

    /** What was published of this test's payment. */
    private <E extends PaymentEvent> List<E> published(Class<E> type) {
        return service.published(type).stream()
                .filter(event -> event.paymentId().equals(payment))
                .toList();
    }

    private <E extends PaymentEvent> E awaitPublished(Class<E> type) {
        return service.awaitPublished(type, event -> event.paymentId().equals(payment));
    }

    private static void awaitAllDelivered() {
        await().until(() -> PROVIDER.undelivered() == 0);
    }

    /** I4: what the provider's statement says of this payment, in order, refunds negative. */
    private List<Long> statement() {
        return PROVIDER.statement().stream()
                .filter(line -> line.outTradeNo().equals(number))
                .map(PaymentServiceIT::signed)
                .toList();
    }

    private static long signed(StatementLine line) {
        return line.outRefundNo().isPresent() ? -line.amount() : line.amount();
    }

    @Test
    void anOpenedPaymentThatIsPaidBecomesASale() {
        confirmed();
        assertThat(awaitPublished(PaymentDue.class).amount()).isEqualTo(PRICE);
        Answer answer = open();
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.response().headers().firstValue("Location")).hasValue("/api/v1/payments/" + payment);
        String codeUrl = answer.json().path("codeUrl").asString();
        assertThat(awaitPublished(PaymentOpened.class))
                .isEqualTo(new PaymentOpened(payment, order, "wechatpay", codeUrl));
        Answer again = open();
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json().path("codeUrl").asString()).isEqualTo(codeUrl);

        String transactionId = PROVIDER.pay(codeUrl, Pay.IN_FULL.notified(3));

        SaleRecorded sale = awaitPublished(SaleRecorded.class);
        assertThat(sale.transactionId()).isEqualTo(transactionId);
        assertThat(sale.serials()).isEqualTo(SERIALS);
        assertThat(sale.amount()).isEqualTo(PRICE);
        awaitAllDelivered();
        assertThat(service.get("/api/v1/payments/" + payment, LI).json().path("captures"))
                .hasSize(1);
        assertThat(published(PaymentCaptured.class)).hasSize(1);
        assertThat(published(SaleRecorded.class)).hasSize(1);
        assertThat(open().reason()).isEqualTo("PAYMENT_ALREADY_MADE");
    }

    @Test
    void aConfirmationToldTwiceIsOnePayment() {
        service.publish(confirmation(), order);
        service.publish(confirmation(), order);
        awaitStatus("DUE");
        cancelled();
        awaitPublished(PaymentClosed.class);
        assertThat(published(PaymentDue.class)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "FORGED, forged",
        "ALTERED, forged",
        "STALE, stale",
        "UNKNOWN_KEY, unknown_key",
        "OTHER_APP, not_ours",
        "OTHER_MERCHANT, not_ours"
    })
    void anAttackersNotificationChangesNothing(Tampering tampering, String outcome) throws Exception {
        opened();
        double before = notifications(outcome);
        SignedMessage message = PROVIDER.notification(number, tampering);
        Answer answer = callback(message.headers(), message.body());
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.json().path("code").asString()).isEqualTo("FAIL");
        assertThat(answer.json().path("message").asString()).isNotBlank();
        assertThat(notifications(outcome)).isEqualTo(before + 1);
        assertThat(read().json().path("captures")).isEmpty();
        assertThat(read().json().path("status").asString()).isEqualTo("OPENED");
    }

    @Test
    void whatIsNoNotificationChangesNothing() {
        assertThat(callback(Map.of(), "{").status()).isEqualTo(401);
        assertThat(callback(Map.of(), "x".repeat(65 * 1024)).status()).isEqualTo(413);
    }

    @Test
    void moneyForAnUnknownPaymentIsNotThankedFor() {
        service.bean(PaymentProvider.class)
                .open(payment, PRICE, "nobody's", Instant.now().plusSeconds(600));
        SignedMessage message = PROVIDER.notification(number, Tampering.NONE);
        double before = notifications("payment_not_found");
        assertThat(callback(message.headers(), message.body()).status()).isEqualTo(404);
        assertThat(notifications("payment_not_found")).isEqualTo(before + 1);
    }

    @Test
    void aGenuineNotificationWithNothingBehindItCapturesNothing() {
        String codeUrl = opened();
        double before = notifications("unknown");
        assertNotShown("UNKNOWN");
        assertThat(notifications("unknown")).isEqualTo(before + 1);
        assertThat(read().json().path("status").asString()).isEqualTo("OPENED");
        PROVIDER.pay(codeUrl, Pay.IN_FULL);
        awaitStatus("PAID");
    }

    /** Each rightly signed by the provider; then the same payment is asked for once more. */
    @EveryMixup
    void whatTheProviderAnswersIsNoReceiptAndCapturesNothing(Mixup mixup, String reason) {
        new PaymentServiceIT().paid();
        String codeUrl = opened();
        PROVIDER.faults().mixup(mixup);
        PROVIDER.pay(codeUrl, Pay.IN_FULL.notified(0));
        assertNotShown(reason);
        PROVIDER.faults().mixup(Mixup.NONE);
        assertThat(told().status()).isEqualTo(204);
        isPaidOnce();
    }

    @Test
    void anAnswerThatTheProviderDidNotSignCapturesNothing() {
        String codeUrl = opened();
        PROVIDER.faults().impostor(true);
        PROVIDER.pay(codeUrl, Pay.IN_FULL.notified(0));
        assertNotShown("NOT_SIGNED");
        PROVIDER.faults().impostor(false);
        assertThat(told().status()).isEqualTo(204);
        isPaidOnce();
    }

    private void assertNotShown(String reason) {
        Answer answer = told();
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.json().path("message").asString()).isEqualTo(reason);
        assertThat(read().json().path("captures")).isEmpty();
        assertThat(published(PaymentCaptured.class)).isEmpty();
    }

    /** The provider tells, genuinely, that this payment was made. */
    private Answer told() {
        SignedMessage message = PROVIDER.notification(number, Tampering.NONE);
        return callback(message.headers(), message.body());
    }

    @Test
    void aFloodOfNotificationsIsNoFloodOfQuestions() {
        confirmed();
        // Not by way of us, so that nothing but notifications makes us ask.
        service.bean(PaymentProvider.class)
                .open(payment, PRICE, "汾酒", Instant.now().plusSeconds(600));
        for (Tampering tampering : EnumSet.complementOf(EnumSet.of(Tampering.NONE))) {
            SignedMessage forged = PROVIDER.notification(number, tampering);
            assertThat(callback(forged.headers(), forged.body()).status()).isEqualTo(401);
        }
        assertThat(PROVIDER.queries(number)).isZero();
        PROVIDER.pay(number, Pay.IN_FULL);
        awaitStatus("PAID");
        SignedMessage overheard = PROVIDER.notification(number, Tampering.NONE);
        for (int i = 0; i < 20; i++) {
            assertThat(callback(overheard.headers(), overheard.body()).status()).isEqualTo(204);
        }
        assertThat(PROVIDER.queries(number)).isEqualTo(1);
        isPaidOnce();
    }

    /** As if we ended between the provider's answer and the commit: nothing is stored, nobody thanked, and it is asked again. */
    @Test
    void anAnswerThatCouldNotBeStoredIsAskedForAgain() {
        String codeUrl = opened();
        JdbcClient jdbc = service.bean(JdbcClient.class);
        jdbc.sql("alter table evidence rename to evidence_away").update();
        try {
            PROVIDER.pay(codeUrl, Pay.IN_FULL.notified(0));
            Answer answer = told();
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.json().path("message").asString()).isEqualTo("NOT_STORED");
            assertThat(read().json().path("captures")).isEmpty();
            assertThat(read().json().path("status").asString()).isEqualTo("OPENED");
        } finally {
            jdbc.sql("alter table evidence_away rename to evidence").update();
        }
        awaitPublished(SaleRecorded.class);
        isPaidOnce();
        assertThat(published(PaymentCaptured.class)).hasSize(1);
    }

    @Test
    void anOutageWhileAskingIsNotThankedFor() {
        String codeUrl = opened();
        PROVIDER.pay(codeUrl, Pay.IN_FULL.notified(0));
        PROVIDER.faults().outage(Outage.ERRORS);
        Answer answer = told();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json().path("message").asString()).isEqualTo("PROVIDER_UNAVAILABLE");
        PROVIDER.faults().outage(Outage.NONE);
        isPaidOnce();
    }

    /** The event has no more of it than its hash, for it names the payer. */
    @Test
    void auditorsReadTheReceiptThatAnEventNames() {
        paid();
        PaymentCaptured captured = awaitPublished(PaymentCaptured.class);
        assertThat(captured.toString()).doesNotContain("openid").doesNotContain(PAYER);
        String path = "/api/v1/evidence/";
        for (String reader : List.of("auditor", "operator")) {
            Answer answer = service.get(path + captured.receipt(), reader);
            assertThat(answer.status()).isEqualTo(200);
            String receipt = answer.response().body();
            assertThat(Sha256.hex(receipt.getBytes(StandardCharsets.UTF_8))).isEqualTo(captured.receipt());
            assertThat(receipt).contains(number, captured.transactionId(), PAYER);
        }
        assertThat(service.get(path + captured.receipt(), "li").reason()).isEqualTo("FORBIDDEN");
        assertThat(service.get(path + "0".repeat(64), "auditor").reason()).isEqualTo("EVIDENCE_NOT_FOUND");
        assertThat(service.get(path + "0".repeat(63), "auditor").reason()).isEqualTo("MALFORMED_PARAMETER");
        assertThat(service.get(path + captured.receipt().toUpperCase(Locale.ROOT), "auditor")
                        .reason())
                .isEqualTo("MALFORMED_PARAMETER");
    }

    @Test
    void whatIsAskedForAgainIsCapturedOnceAndKeptOnce() {
        paid();
        String again =
                ((Paid) service.bean(Receipts.class).ask(payment)).capture().receipt();
        isPaidOnce();
        assertThat(read().json().path("captures").get(0).path("receipt").asString())
                .isNotEqualTo(again);
        assertThat(service.get("/api/v1/evidence/" + again, "auditor").status()).isEqualTo(404);
    }

    /** So that whoever must have both mostly finds the receipt when the event comes. */
    @Test
    void theReceiptIsWithTheBrokerBeforeTheEventThatNamesIt() {
        paid();
        PaymentCaptured captured = awaitPublished(PaymentCaptured.class);
        ConsumerRecord<String, byte[]> told = evidenceTold(captured.receipt()).getFirst();
        assertThat(Sha256.hex(told.value())).isEqualTo(captured.receipt());
        assertThat(SignedAnswer.parse(told.value()).sha256().hex()).isEqualTo(captured.receipt());
        ConsumerRecord<String, byte[]> event = service.records("payment.events.v1").stream()
                .filter(record -> new String(record.value(), StandardCharsets.UTF_8).contains(captured.receipt()))
                .findFirst()
                .orElseThrow();
        assertThat(told.timestamp()).isLessThanOrEqualTo(event.timestamp());
        await().until(() -> untold() == 0);
    }

    /** As if we ended when the receipt was sent and that was not noted yet. */
    @Test
    void aReceiptIsToldAgainUntilThatIsNotedAndItsEventOnlyThen() {
        JdbcClient jdbc = service.bean(JdbcClient.class);
        await().until(() -> untold() == 0);
        jdbc.sql("alter table evidence add constraint crash check (not coalesce(told, false)) not valid")
                .update();
        String receipt;
        try {
            paid();
            receipt = read().json().path("captures").get(0).path("receipt").asString();
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(evidenceTold(receipt)).hasSizeGreaterThan(1));
            assertThat(published(PaymentCaptured.class)).isEmpty();
        } finally {
            jdbc.sql("alter table evidence drop constraint crash").update();
        }
        assertThat(awaitPublished(PaymentCaptured.class).receipt()).isEqualTo(receipt);
        assertThat(evidenceTold(receipt))
                .allSatisfy(told -> assertThat(Sha256.hex(told.value())).isEqualTo(receipt));
        assertThat(untold()).isZero();
    }

    @Test
    void theSameReceiptIsKeptAndToldOnce() {
        paid();
        String receipt = awaitPublished(PaymentCaptured.class).receipt();
        await().until(() -> untold() == 0);
        byte[] content = service.bean(Evidence.class).find(receipt).orElseThrow();
        service.bean(Evidence.class).keep(content);
        assertThat(untold()).isZero();
        assertThat(evidenceTold(receipt)).hasSize(1);
    }

    @Test
    void whatNobodyWouldTakeIsNotKept() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> service.bean(Evidence.class).keep(new byte[EvidenceRecords.LARGEST + 1]));
    }

    private static List<ConsumerRecord<String, byte[]>> evidenceTold(String sha256) {
        return service.records(Topics.EVIDENCE).stream()
                .filter(record -> record.key().equals(sha256))
                .toList();
    }

    private static long untold() {
        return service.bean(JdbcClient.class)
                .sql("select count(*) from evidence where not told")
                .query(Long.class)
                .single();
    }

    private static Answer callback(Map<String, String> headers, String body) {
        HttpRequest.Builder request = service.request("/callbacks/wechatpay", null)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return service.send(request.build());
    }

    private static double notifications(String outcome) {
        return service.bean(MeterRegistry.class)
                .counter("jiucang.payment.notifications", "outcome", outcome)
                .count();
    }

    @Test
    void aWrongAmountClosesThePaymentAndGoesBack() {
        placed();
        PROVIDER.pay(opened(), Pay.IN_FULL.charging(1));
        assertThat(awaitPublished(PaymentClosed.class).reason()).isEqualTo(ClosingReason.WRONG_AMOUNT);
        assertThat(awaitPublished(RefundCompleted.class).amount()).isEqualTo(Money.cny(1));
        assertThat(published(RefundRequested.class).getFirst().reason()).isEqualTo(RefundReason.WRONG_AMOUNT);
        assertThat(published(SaleRecorded.class)).isEmpty();
        assertThat(statement()).containsExactly(1L, -1L);
    }

    @Test
    void aSecondChargeGoesBack() {
        placed();
        paid();
        PROVIDER.pay(number, Pay.IN_FULL.onceMore());
        awaitPublished(RefundCompleted.class);
        assertThat(published(RefundRequested.class).getFirst().reason()).isEqualTo(RefundReason.DUPLICATE_PAYMENT);
        awaitAllDelivered();
        assertThat(published(SaleRecorded.class)).hasSize(1);
        assertThat(published(RefundCompleted.class)).hasSize(1);
        assertThat(statement()).containsExactly(PRICE.minorUnits(), PRICE.minorUnits(), -PRICE.minorUnits());
    }

    @Test
    void moneyThatComesAfterTheOrderWasCancelledGoesBack() {
        placed();
        String codeUrl = opened();
        cancelled();
        assertThat(awaitPublished(PaymentClosed.class).reason()).isEqualTo(ClosingReason.ORDER_CANCELLED);
        assertThat(open().reason()).isEqualTo("PAYMENT_CLOSED");
        PROVIDER.pay(codeUrl, Pay.IN_FULL.evenAfterClosing());
        awaitPublished(RefundCompleted.class);
        assertThat(published(RefundRequested.class).getFirst().reason()).isEqualTo(RefundReason.LATE_PAYMENT);
        assertThat(published(SaleRecorded.class)).isEmpty();
        assertThat(statement()).containsExactly(PRICE.minorUnits(), -PRICE.minorUnits());
    }

    /** S8: and nothing before that. */
    @Test
    void moneyGoesBackOnceTheLedgerHasItsReturn() {
        placed();
        String codeUrl = opened();
        cancelled();
        service.ledger().anchorOnly(event -> !event.getType().equals(EventTypes.typeOf(ReceiptReturned.class)));
        try {
            PROVIDER.pay(codeUrl, Pay.IN_FULL.evenAfterClosing());
            ReceiptReturned returned = awaitPublished(ReceiptReturned.class);
            assertThat(returned.reason()).isEqualTo(ReturnReason.LATE);
            assertThat(returned.amount()).isEqualTo(PRICE);
            assertThat(returned.tokens()).isEmpty();
            awaitLaterIsTaken();
            assertThat(published(RefundRequested.class)).isEmpty();
        } finally {
            service.ledger().anchorOnly(event -> true);
        }
        awaitPublished(RefundCompleted.class);
        assertThat(statement()).containsExactly(PRICE.minorUnits(), -PRICE.minorUnits());
    }

    /** What another payment of ours comes to takes effect: so has what was anchored before it. */
    private static void awaitLaterIsTaken() {
        PaymentServiceIT later = new PaymentServiceIT();
        later.placed();
        later.paid();
        PaymentCaptured captured = later.awaitPublished(PaymentCaptured.class);
        service.awaitLaw(state -> state.accounts().values().stream()
                .anyMatch(account -> account.receipt().transactionId().equals(captured.transactionId())));
    }

    /** With payment-service's own key, beside it: what never came, what was sold, and once more what went back. */
    @Test
    void whoeverHasItsKeyGetsNothingPaidBack() {
        PaymentServiceIT buyer = new PaymentServiceIT();
        buyer.placed();
        buyer.paid();
        PaymentCaptured sold = buyer.awaitPublished(PaymentCaptured.class);
        placed();
        String codeUrl = opened();
        cancelled();
        PROVIDER.pay(codeUrl, Pay.IN_FULL.evenAfterClosing());
        awaitPublished(RefundCompleted.class);
        ReceiptReturned genuine = awaitPublished(ReceiptReturned.class);

        byte[] invented = ("no receipt " + payment).getBytes(StandardCharsets.UTF_8);
        service.publish(EvidenceRecords.toRecord(invented));
        CloudEvent neverCame = service.publish(
                new PaymentCaptured(payment, order, PRICE, "T-" + payment, Instant.now(), Sha256.hex(invented)),
                payment);
        Ruled ruled = awaitRuled(neverCame);
        assertThat(ruled.ruling()).isInstanceOf(Ruling.Voided.class);
        List<CloudEvent> thefts = List.of(
                forged(genuine, payment, order, cite(ruled), "T-" + payment),
                forged(genuine, payment, order, genuine.payment(), genuine.transactionId()),
                forged(genuine, buyer.payment, buyer.order, cite(buyer.capturedAt(sold)), sold.transactionId()),
                forged(genuine, new PaymentId(Ids.next()), order, genuine.payment(), genuine.transactionId()));

        thefts.forEach(theft -> await().atMost(Duration.ofSeconds(20)).until(() -> service.hasTaken(theft)));
        assertThat(thefts.subList(0, 2))
                .allSatisfy(theft -> assertThat(awaitRuled(theft).ruling()).isInstanceOf(Ruling.Voided.class));
        assertThat(service.published(RefundRequested.class).stream()
                        .filter(refund -> Set.of(payment, buyer.payment).contains(refund.paymentId())))
                .extracting(RefundRequested::refundId)
                .containsExactly(genuine.refundId());
        assertThat(statement()).containsExactly(PRICE.minorUnits(), -PRICE.minorUnits());
        assertThat(buyer.statement()).containsExactly(PRICE.minorUnits());
    }

    private static CloudEvent forged(
            ReceiptReturned genuine, PaymentId payment, OrderId order, Cite at, String transactionId) {
        ReceiptReturned forged = new ReceiptReturned(
                payment,
                order,
                new RefundId(Ids.next()),
                at,
                transactionId,
                genuine.reason(),
                genuine.amount(),
                List.of(),
                List.of());
        return service.publish(forged, payment);
    }

    private static Cite cite(Ruled ruled) {
        return new Cite(ruled.at().index(), ruled.at().leaf().hex());
    }

    private Ruled capturedAt(PaymentCaptured captured) {
        return service.published().stream()
                .filter(event -> event.domainEvent().equals(captured))
                .map(event -> awaitRuled(Hash.of(event.leafHash())))
                .findFirst()
                .orElseThrow();
    }

    private static Ruled awaitRuled(CloudEvent event) {
        return awaitRuled(Hash.of(SignedEvents.leafHash(SignedEvents.dsseMaterial(event))));
    }

    private static Ruled awaitRuled(Hash leaf) {
        LawReader law = service.bean(LawReader.class);
        await().atMost(Duration.ofSeconds(20)).until(() -> law.ruled(leaf).isPresent());
        return law.ruled(leaf).orElseThrow();
    }

    @Test
    void eachCaseOfASaleThatIsUndoneGivesBackItsPriceOnce() {
        Sold sold = sold();
        // It names both, one of them in vain.
        service.sales()
                .undo(
                        sold,
                        sold.tokens(),
                        service.sales().refuse(sold, sold.tokens().subList(0, 1)));
        assertThat(awaitPublished(RefundCompleted.class).amount()).isEqualTo(PRICE_OF_ONE);
        ReceiptReturned returned = awaitPublished(ReceiptReturned.class);
        assertThat(returned.reason()).isEqualTo(ReturnReason.CASES_ENDED);
        assertThat(returned.tokens()).containsExactly(sold.tokens().getFirst());

        // With payment-service's own key, beside it.
        CloudEvent again = service.publish(
                new ReceiptReturned(
                        payment,
                        order,
                        new RefundId(Ids.next()),
                        returned.payment(),
                        returned.transactionId(),
                        returned.reason(),
                        returned.amount(),
                        returned.tokens(),
                        returned.ends()),
                payment);
        assertThat(awaitRuled(again).ruling()).isInstanceOf(Ruling.Voided.class);
        await().atMost(Duration.ofSeconds(20)).until(() -> service.hasTaken(again));
        assertThat(published(RefundRequested.class))
                .extracting(RefundRequested::refundId)
                .containsExactly(returned.refundId());

        undone(sold, sold.tokens().subList(1, 2));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(published(RefundCompleted.class))
                        .extracting(RefundCompleted::amount)
                        .containsExactly(PRICE_OF_ONE, PRICE_OF_ONE));
        assertThat(statement())
                .containsExactly(PRICE.minorUnits(), -PRICE_OF_ONE.minorUnits(), -PRICE_OF_ONE.minorUnits());
    }

    @Test
    void aSaleThatIsUndoneWholeGivesAllBack() {
        Sold sold = sold();
        String word = TestPlatform.deviceOf(LI).speaking().orderCancellation(order.value());
        service.sales()
                .undo(
                        sold,
                        sold.tokens(),
                        service.sales().tell(new OrderCancelled(order, word), order),
                        service.sales().keep(sold, sold.tokens()));
        awaitPublished(RefundCompleted.class);
        assertThat(awaitPublished(ReceiptReturned.class).tokens()).containsExactlyElementsOf(sold.tokens());
        assertThat(published(RefundRequested.class).getFirst().reason()).isEqualTo(RefundReason.CASES_WITHDRAWN);
        assertThat(statement()).containsExactly(PRICE.minorUnits(), -PRICE.minorUnits());
    }

    /** However early token-service says so: the ledger, as it is read here, may not have the capture yet. */
    @Test
    void aPaidOrderThatGetsNoSaleGivesAllBack() {
        placed();
        service.ledger().anchorOnly(event -> !event.getType().equals(EventTypes.typeOf(PaymentCaptured.class)));
        try {
            paid();
            saleRefused();
            awaitParked(VAULT.value());
            assertThat(published(ReceiptReturned.class)).isEmpty();
        } finally {
            service.ledger().anchorOnly(event -> true);
        }
        awaitPublished(RefundCompleted.class);
        ReceiptReturned returned = awaitPublished(ReceiptReturned.class);
        assertThat(returned.reason()).isEqualTo(ReturnReason.ORDER_ENDED);
        assertThat(returned.tokens()).isEmpty();
        assertThat(published(RefundRequested.class).getFirst().reason()).isEqualTo(RefundReason.ORDER_CANCELLED);
        assertThat(statement()).containsExactly(PRICE.minorUnits(), -PRICE.minorUnits());
    }

    private static void awaitParked(String key) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(service.get("/api/v1/operator/parked-events", "operator")
                                .json()
                                .path("items"))
                        .anySatisfy(
                                item -> assertThat(item.path("key").asString()).isEqualTo(key)));
    }

    /** With order-service's key, and with token-service's. */
    @Test
    void nobodysMereWordPaysBackWhatWasSold() {
        Sold sold = sold();
        service.publish(
                new RefundDue(order, payment, new RefundId(Ids.next()), PRICE, 2, EndReason.RELEASE_REFUSED), order);
        service.publish(new OrderEnded(order, PLAN, VAULT, EndReason.BUYER), order);
        CloudEvent overdue = service.publish(new PaymentOverdue(order), order);
        CloudEvent undone = service.publish(service.sales().undoing(sold, sold.tokens(), sold.at()), VAULT);
        CloudEvent refused = service.publish(new SaleRefused(VAULT, order, "S7: its buyer had cancelled"), VAULT);

        Stream.of(overdue, undone, refused)
                .forEach(theft -> await().atMost(Duration.ofSeconds(20)).until(() -> service.hasTaken(theft)));
        awaitLaterIsTaken();
        assertThat(published(ReceiptReturned.class)).isEmpty();
        assertThat(published(RefundRequested.class)).isEmpty();
        isPaidOnce();
    }

    @Test
    void aCancelledPaymentIsClosedAtTheProvider() {
        opened();
        PROVIDER.faults().outage(Outage.ERRORS);
        cancelled();
        PROVIDER.faults().outage(Outage.NONE);
        awaitClosedAtProvider();
    }

    private void awaitClosedAtProvider() {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(PROVIDER.tradeState(number)).isEqualTo("CLOSED"));
    }

    /** The payer paid, the notification was lost, and the order was cancelled before we asked. */
    @Test
    void whatWasPaidBeforeItCouldBeClosedGoesBack() {
        placed();
        String codeUrl = opened();
        PROVIDER.faults().outage(Outage.ERRORS);
        PROVIDER.pay(codeUrl, Pay.IN_FULL.notified(0));
        cancelled();
        PROVIDER.faults().outage(Outage.NONE);
        awaitPublished(RefundCompleted.class);
        assertThat(published(RefundRequested.class).getFirst().reason()).isEqualTo(RefundReason.LATE_PAYMENT);
    }

    @Test
    void aPaymentWhoseNotificationIsLostIsFoundByAsking() {
        PROVIDER.pay(opened(), Pay.IN_FULL.notified(0));
        assertThat(awaitPublished(SaleRecorded.class).amount()).isEqualTo(PRICE);
    }

    @ParameterizedTest
    @CsvSource({"ERRORS", "SILENCE"})
    void anOutageOfTheProviderChangesNothing(Outage outage) {
        confirmed();
        PROVIDER.faults().outage(outage);
        String key = Ids.next();
        Map<String, String> request = Map.of("orderId", order.value());
        Answer answer = service.post("/api/v1/payments", request, LI, key);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.reason()).isEqualTo("PROVIDER_UNAVAILABLE");
        assertThat(answer.response().headers().firstValue("Retry-After")).hasValue("5");
        assertThat(read().json().path("status").asString()).isEqualTo("DUE");
        PROVIDER.faults().outage(Outage.NONE);
        assertThat(service.post("/api/v1/payments", request, LI, key).status()).isEqualTo(201);
    }

    @Test
    void aShortOutageIsWaitedOut() throws Exception {
        confirmed();
        PROVIDER.faults().outage(Outage.ERRORS);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> opening = threads.submit(() -> open());
            await().during(Duration.ofMillis(500)).until(() -> !opening.isDone());
            PROVIDER.faults().outage(Outage.NONE);
            assertThat(opening.get().status()).isEqualTo(201);
        }
    }

    /** More than any pool has connections, at a provider that takes its time and will not be hurried. */
    @Test
    void manyBuyersAtOnceAreServedOrToldWhenToAskAgain() throws Exception {
        String paidMeanwhile = opened();
        List<PaymentServiceIT> buyers = confirmed(72);
        PROVIDER.faults().latency(Duration.ofMillis(200));
        PROVIDER.faults().callsPerSecond(8);
        List<PaymentServiceIT> toldToWait = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> answers = new ArrayList<>();
            buyers.forEach(buyer -> answers.add(threads.submit(() -> buyer.open())));
            PROVIDER.pay(paidMeanwhile, Pay.IN_FULL);
            awaitStatus("PAID");
            assertThat(answers).as("who waits keeps nobody's callback").anyMatch(answer -> !answer.isDone());
            for (int i = 0; i < buyers.size(); i++) {
                Answer answer = answers.get(i).get();
                if (answer.status() != 201) {
                    assertThat(answer.reason()).isEqualTo("PROVIDER_BUSY");
                    assertThat(answer.response().headers().firstValue("Retry-After"))
                            .hasValue("5");
                    toldToWait.add(buyers.get(i));
                }
            }
        }
        assertThat(toldToWait).isNotEmpty().hasSizeLessThan(buyers.size());
        PROVIDER.faults().latency(Duration.ZERO);
        PROVIDER.faults().callsPerSecond(Integer.MAX_VALUE);
        for (PaymentServiceIT buyer : toldToWait) {
            assertThat(buyer.open().status()).isEqualTo(201);
        }
        service.connections(16);
        buyers.forEach(buyer -> PROVIDER.pay(buyer.number, Pay.IN_FULL));
        buyers.forEach(PaymentServiceIT::isPaidOnce);
    }

    private void isPaidOnce() {
        JsonNode end = awaitStatus("PAID");
        assertThat(end.path("captures")).hasSize(1);
        assertThat(end.path("refunds")).isEmpty();
        assertThat(statement()).containsExactly(PRICE.minorUnits());
    }

    @Test
    void manyCallbacksAtOnceAreEachCapturedOnce() throws Exception {
        service.connections(16);
        List<PaymentServiceIT> buyers = confirmed(32);
        for (PaymentServiceIT buyer : buyers) {
            assertThat(buyer.open().status()).isEqualTo(201);
        }
        try (var threads = Executors.newFixedThreadPool(buyers.size())) {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> payers = new ArrayList<>();
            for (PaymentServiceIT buyer : buyers) {
                payers.add(threads.submit(() -> {
                    start.await();
                    return PROVIDER.pay(buyer.number, Pay.IN_FULL.notified(2));
                }));
            }
            start.countDown();
            for (Future<?> payer : payers) {
                payer.get();
            }
            buyers.forEach(PaymentServiceIT::isPaidOnce);
            awaitAllDelivered();
        }
        buyers.forEach(PaymentServiceIT::isPaidOnce);
        Set<PaymentId> ours = buyers.stream().map(buyer -> buyer.payment).collect(Collectors.toSet());
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(service.published(SaleRecorded.class).stream()
                                .map(SaleRecorded::paymentId)
                                .filter(ours::contains))
                        .containsExactlyInAnyOrderElementsOf(ours));
    }

    /** Each a payment of its own, due. */
    private static List<PaymentServiceIT> confirmed(int number) {
        List<PaymentServiceIT> all =
                Stream.generate(PaymentServiceIT::new).limit(number).toList();
        all.forEach(buyer -> service.publish(buyer.confirmation(), buyer.order));
        all.forEach(buyer -> buyer.awaitStatus("DUE"));
        return all;
    }

    @Test
    void aNotificationOfARefundThatIsNotOursChangesNothing() {
        placed();
        String transactionId = paid();
        PROVIDER.faults().outage(Outage.ERRORS);
        saleRefused();
        RefundId refund = awaitPublished(RefundRequested.class).refundId();
        double before = notifications("not_ours");
        SignedMessage message = PROVIDER.refundNotification(
                new StatementLine(
                        Instant.now(),
                        transactionId,
                        number,
                        Optional.of(WeChatPayForm.number(refund.value())),
                        PRICE.minorUnits() - 1),
                PRICE.minorUnits());
        assertThat(callback(message.headers(), message.body()).status()).isEqualTo(401);
        assertThat(notifications("not_ours")).isEqualTo(before + 1);
        assertThat(read().json().path("refunds").get(0).path("status").asString())
                .isEqualTo("REQUESTED");
    }

    @Test
    void aRefundSurvivesAnOutageAndARestart() {
        placed();
        String transactionId = paid();
        PROVIDER.faults().outage(Outage.ERRORS);
        saleRefused();
        RefundId refund = awaitPublished(RefundRequested.class).refundId();
        service.stop();
        PROVIDER.faults().outage(Outage.NONE);
        service.start();
        awaitPublished(RefundCompleted.class);
        assertThat(published(RefundRequested.class))
                .containsExactly(new RefundRequested(
                        payment, order, refund, PRICE, RefundReason.ORDER_CANCELLED, transactionId));
        awaitAllDelivered();
        assertThat(published(RefundCompleted.class)).hasSize(1);
        assertThat(statement()).containsExactly(PRICE.minorUnits(), -PRICE.minorUnits());
    }

    @Test
    void aRefusedRefundWaitsForAnOperator() {
        Sold sold = sold();
        PROVIDER.faults().refundFailure(RefundFailure.NOT_ENOUGH);
        undone(sold, sold.tokens().subList(0, 1));
        RefundFailed refusal = awaitPublished(RefundFailed.class);
        assertThat(refusal.providerReason()).isEqualTo("NOT_ENOUGH");
        RefundId refund = refusal.refundId();
        JsonNode failed =
                service.get("/api/v1/refunds?status=FAILED", "operator").json();
        assertThat(failed.path("items"))
                .anySatisfy(item -> assertThat(item.path("refundId").asString()).isEqualTo(refund.value()));

        String retry = "/api/v1/refunds/" + refund + "/retry";
        assertThat(service.post(retry, "", LI).reason()).isEqualTo("FORBIDDEN");
        PROVIDER.faults().refundFailure(RefundFailure.NONE);
        assertThat(service.post(retry, "", "operator").status()).isEqualTo(202);
        RefundCompleted completed = awaitPublished(RefundCompleted.class);
        assertThat(completed).isEqualTo(new RefundCompleted(payment, order, refund, PRICE_OF_ONE));
        assertThat(service.post(retry, "", "operator").reason()).isEqualTo("REFUND_NOT_FAILED");
        assertThat(published(RefundRequested.class).getFirst().reason()).isEqualTo(RefundReason.CASES_WITHDRAWN);
        assertThat(statement()).containsExactly(PRICE.minorUnits(), -PRICE_OF_ONE.minorUnits());
    }

    /** Stored and thanked for, but not yet told to Kafka when the process ends. */
    @Test
    void aSaleThatWasNotYetPublishedIsPublishedAfterARestart() {
        String codeUrl = opened();
        awaitPublished(PaymentOpened.class);
        service.bean("outboxRelay", SmartLifecycle.class).stop();
        PROVIDER.pay(codeUrl, Pay.IN_FULL);
        awaitAllDelivered();
        assertThat(published(SaleRecorded.class)).isEmpty();
        service.stop();
        service.start();
        awaitPublished(SaleRecorded.class);
        assertThat(published(SaleRecorded.class)).hasSize(1);
    }

    /** I4. Money of which no notification came is found in the file even if nobody asks for its payment any more. */
    @Test
    void theBooksAreComparedWithTheProvidersFile() {
        Sold sold = sold();
        String transactionId = awaitPublished(PaymentCaptured.class).transactionId();
        undone(sold, sold.tokens().subList(0, 1));
        awaitPublished(RefundCompleted.class);
        PaymentServiceIT late = new PaymentServiceIT();
        String codeUrl = late.opened();
        late.cancelled();
        late.awaitClosedAtProvider();
        String lost = PROVIDER.pay(codeUrl, Pay.IN_FULL.evenAfterClosing().notified(0));
        LocalDate today = LocalDate.now(ZoneOffset.ofHours(8));
        JsonNode report =
                service.get("/api/v1/reconciliation?date=" + today, "auditor").json();
        assertThat(report.path("matched").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(discrepancy(report, lost).path("theirs").path("minorUnits").asLong())
                .isEqualTo(PRICE.minorUnits());
        assertThat(discrepancy(report, lost).has("ours")).isFalse();
        assertThat(discrepancy(report, transactionId).isMissingNode()).isTrue();

        service.bean(CommandGateway.class)
                .sendAndWait(new RecordCapture(
                        payment, new Capture("ours-" + payment, PRICE, Instant.now(), "0".repeat(64))));
        report = service.get("/api/v1/reconciliation?date=" + today, "auditor").json();
        assertThat(discrepancy(report, "ours-" + payment)
                        .path("ours")
                        .path("minorUnits")
                        .asLong())
                .isEqualTo(PRICE.minorUnits());

        PROVIDER.faults().outage(Outage.ERRORS);
        String path = "/api/v1/reconciliation?date=";
        assertThat(service.get(path + today, "auditor").reason()).isEqualTo("PROVIDER_UNAVAILABLE");
        assertThat(service.get(path + "x", "auditor").reason()).isEqualTo("MALFORMED_PARAMETER");
        assertThat(service.get(path + "-999999999-01-01", "auditor").reason()).isEqualTo("MALFORMED_PARAMETER");
        assertThat(service.get(path + today, LI).reason()).isEqualTo("FORBIDDEN");
    }

    private static JsonNode discrepancy(JsonNode report, String id) {
        for (JsonNode discrepancy : report.path("discrepancies")) {
            if (discrepancy.path("id").asString().equals(id)) {
                return discrepancy;
            }
        }
        return report.path("discrepancies").path("none");
    }

    @Test
    void somebodyElsesPaymentIsNotFound() {
        opened();
        assertThat(service.post("/api/v1/payments", Map.of("orderId", order.value()), WANG)
                        .reason())
                .isEqualTo("PAYMENT_NOT_FOUND");
        assertThat(service.get("/api/v1/payments/" + payment, "li").reason()).isEqualTo("WALLET_TOKEN_NEEDED");
        Answer foreign = service.get("/api/v1/payments/" + payment, WANG);
        assertThat(foreign.status()).isEqualTo(404);
        assertThat(foreign.reason()).isEqualTo("PAYMENT_NOT_FOUND");
        assertThat(service.get("/api/v1/payments/" + payment, "auditor").status())
                .isEqualTo(200);
    }

    @Test
    void anOrderNotYetConfirmedIsNotDue() {
        Answer answer = open();
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.reason()).isEqualTo("PAYMENT_NOT_FOUND");
    }

    @Test
    void itsBuyersCancellationClosesThePayment() {
        placed();
        confirmed();

        // Who has order-service's key has no buyer's.
        String stranger = TestPlatform.deviceOf(WANG).speaking().orderCancellation(order.value());
        CloudEvent forged = service.publish(new OrderCancelled(order, stranger), order);
        await().atMost(Duration.ofSeconds(20)).until(() -> service.hasTaken(forged));
        awaitStatus("DUE");

        String word = TestPlatform.deviceOf(LI).speaking().orderCancellation(order.value());
        service.publish(new OrderCancelled(order, word), order);

        awaitStatus("CLOSED");
        assertThat(awaitPublished(PaymentClosed.class).reason()).isEqualTo(ClosingReason.ORDER_CANCELLED);
        assertThat(open().reason()).isEqualTo("PAYMENT_CLOSED");
    }

    @Test
    void aCancellationOfAnOrderThatWasNeverConfirmedConcernsNoPayment() {
        service.publish(new OrderCancelled(order, "statement"), order);
        confirmed();
    }

    @Test
    void badRequestsGetTheirReasonAndChangeNothing() {
        confirmed();
        String path = "/api/v1/payments";
        assertThat(service.post(path, "{", LI).reason()).isEqualTo("MALFORMED_BODY");
        assertThat(service.post(path, Map.of("orderId", "x"), LI).reason()).isEqualTo("MALFORMED_BODY");
        assertThat(service.post(path, Map.of("orderId", order.value(), "amount", 1), LI)
                        .reason())
                .isEqualTo("MALFORMED_BODY");
        assertThat(service.post(path, Map.of(), LI).reason()).isEqualTo("MALFORMED_BODY");
        assertThat(service.post(path, Map.of("orderId", order.value()), "winery")
                        .reason())
                .isEqualTo("FORBIDDEN");
        assertThat(service.post(path, Map.of("orderId", order.value()), null).status())
                .isEqualTo(401);
        assertThat(service.get(path + "/x", LI).reason()).isEqualTo("MALFORMED_PARAMETER");
        assertThat(service.get(path, LI).reason()).isEqualTo("FORBIDDEN");
        assertThat(service.get(path + "?cursor=x", "operator").reason()).isEqualTo("MALFORMED_CURSOR");
        assertThat(service.get(path + "?status=x", "operator").reason()).isEqualTo("MALFORMED_PARAMETER");
        assertThat(service.get(path + "?limit=0", "operator").reason()).isEqualTo("MALFORMED_PARAMETER");
        assertThat(service.get("/api/v1/refunds", "auditor").reason()).isEqualTo("FORBIDDEN");
        assertThat(service.post("/api/v1/refunds/" + Ids.next() + "/retry", "", "operator")
                        .reason())
                .isEqualTo("REFUND_NOT_FOUND");
        assertThat(read().json().path("status").asString()).isEqualTo("DUE");
    }

    @Test
    void paymentsAreListedPageByPage() {
        confirmed();
        List<String> ids = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page =
                    service.get("/api/v1/payments?limit=2" + cursor, "operator").json();
            page.path("items").forEach(item -> ids.add(item.path("paymentId").asString()));
            cursor = page.path("next").isString()
                    ? "&cursor=" + page.path("next").asString()
                    : "";
        } while (!cursor.isEmpty());
        assertThat(ids).doesNotHaveDuplicates().endsWith(payment.value());
    }

    @Test
    void aForgedOrExpiredConfirmationNeverTakesEffect() {
        EventSigner stranger = service.platform().impostor("order");
        long quarantined = service.quarantined();
        service.publish(service.platform().signed(confirmation(), order.value(), stranger, Instant.now()));
        PaymentServiceIT expired = new PaymentServiceIT();
        service.publish(service.platform()
                .signed(
                        expired.confirmation(),
                        expired.order.value(),
                        service.platform().expiredSigner("order"),
                        Instant.now()));
        PaymentServiceIT other = new PaymentServiceIT();
        other.confirmed();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(service.quarantined()).isEqualTo(quarantined + 2));
        assertThat(read().status()).isEqualTo(404);
        assertThat(expired.read().status()).isEqualTo(404);
    }

    /** The same capture and cancellation from everywhere at once: one of them wins. */
    @Test
    void captureAndCancellationNeverBothWin() throws Exception {
        service.connections(16);
        CommandGateway commands = service.bean(CommandGateway.class);
        try (var threads = Executors.newFixedThreadPool(64)) {
            for (int round = 0; round < 3; round++) {
                OrderId raced = new OrderId(Ids.next());
                PaymentId id = new PaymentId(Ids.next());
                commands.sendAndWait(new ExpectPayment(
                        id,
                        raced,
                        LI,
                        PLAN,
                        VAULT,
                        SERIALS,
                        PRICE,
                        Instant.now().plusSeconds(600)));
                race(threads, commands, id);
                JsonNode end = service.get("/api/v1/payments/" + id, "operator").json();
                assertThat(end.path("captures")).hasSize(1);
                service.awaitPublished(
                        PaymentCaptured.class, event -> event.paymentId().equals(id));
                await().atMost(Duration.ofSeconds(20))
                        .untilAsserted(() -> assertThat(outcomes(id)).hasSize(1));
            }
        }
    }

    private static void race(ExecutorService threads, CommandGateway commands, PaymentId id) throws Exception {
        Capture capture = new Capture("RACE-" + id, PRICE, Instant.now(), "0".repeat(64));
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> contenders = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            PaymentCommand command = i % 2 == 0 ? new RecordCapture(id, capture) : new ClosePayment(id);
            contenders.add(threads.submit(() -> {
                start.await();
                return commands.sendAndWait(command);
            }));
        }
        start.countDown();
        for (Future<?> contender : contenders) {
            contender.get();
        }
    }

    private static List<PaymentEvent> outcomes(PaymentId id) {
        List<PaymentEvent> outcomes = new ArrayList<>();
        outcomes.addAll(service.published(SaleRecorded.class));
        outcomes.addAll(service.published(PaymentClosed.class));
        return outcomes.stream().filter(event -> event.paymentId().equals(id)).toList();
    }
}
