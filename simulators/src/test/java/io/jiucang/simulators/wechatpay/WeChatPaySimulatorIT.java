package io.jiucang.simulators.wechatpay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jiucang.simulators.KeyFiles;
import io.jiucang.simulators.LoopbackServer;
import io.jiucang.simulators.wechatpay.SigningMerchant.Heard;
import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class WeChatPaySimulatorIT {

    private static final String NO = "0199a1b2c3d47e5f8a9b0c1d2e3f4a5b";
    private static final String ORDER = "/v3/pay/transactions/out-trade-no/" + NO;
    private static final String REFUNDS = "/v3/refund/domestic/refunds";

    @TempDir
    Path directory;

    private WeChatPaySimulator simulator;
    private SigningMerchant merchant;
    private LoopbackServer shop;
    private final List<LoopbackServer.Request> told = new CopyOnWriteArrayList<>();
    private volatile int answer = 204;

    @BeforeEach
    void start() {
        shop = LoopbackServer.start(0, request -> {
            told.add(request);
            return new LoopbackServer.Answer(answer, Map.of(), "");
        });
        startSimulator();
    }

    private void startSimulator() {
        simulator = WeChatPaySimulator.start(directory, 0, Timing.QUICK, Clock.systemUTC());
        merchant = SigningMerchant.of(simulator);
    }

    @AfterEach
    void stop() {
        stopSimulator();
        shop.close();
    }

    private void stopSimulator() {
        merchant.close();
        simulator.close();
    }

    private Map<String, Object> order() {
        var order = new HashMap<String, Object>();
        order.put("appid", simulator.merchant().appId());
        order.put("mchid", simulator.merchant().id());
        order.put("description", "汾酒 青花30");
        order.put("out_trade_no", NO);
        order.put("notify_url", shop.url() + "/notify");
        order.put("amount", Map.of("total", 118_800, "currency", "CNY"));
        return order;
    }

    private Heard prepay(Map<String, Object> order) throws Exception {
        return merchant.post("/v3/pay/transactions/native", order);
    }

    private Heard close() throws Exception {
        return merchant.post(
                ORDER + "/close", Map.of("mchid", simulator.merchant().id()));
    }

    private JsonNode query() throws Exception {
        return merchant.get(ORDER + "?mchid=" + simulator.merchant().id()).body();
    }

    private Heard refund(String outRefundNo, String transactionId, long refund, long total) throws Exception {
        return merchant.post(
                REFUNDS,
                Map.of(
                        "out_refund_no",
                        outRefundNo,
                        "transaction_id",
                        transactionId,
                        "notify_url",
                        shop.url() + "/notify",
                        "amount",
                        Map.of("refund", refund, "total", total, "currency", "CNY")));
    }

    private JsonNode resourceOf(LoopbackServer.Request notification) throws Exception {
        return JsonMapper.shared()
                .readTree(open(JsonMapper.shared().readTree(notification.body()).path("resource")));
    }

    private String open(JsonNode resource) throws Exception {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(simulator.merchant().apiV3Key().getBytes(UTF_8), "AES"),
                new GCMParameterSpec(128, resource.path("nonce").asString().getBytes(UTF_8)));
        cipher.updateAAD(resource.path("associated_data").asString().getBytes(UTF_8));
        return new String(
                cipher.doFinal(
                        Base64.getDecoder().decode(resource.path("ciphertext").asString())),
                UTF_8);
    }

    @Test
    void takesAPaymentAndTellsTheMerchant() throws Exception {
        Heard prepaid = prepay(order());
        assertThat(prepaid.status()).isEqualTo(200);
        assertThat(prepaid.signed()).isTrue();
        String codeUrl = prepaid.body().path("code_url").asString();
        assertThat(codeUrl).startsWith("weixin://wxpay/bizpayurl?pr=");
        assertThat(query().path("trade_state").asString()).isEqualTo("NOTPAY");

        String transactionId = simulator.pay(codeUrl, Pay.IN_FULL);

        JsonNode paid = query();
        assertThat(paid.path("trade_state").asString()).isEqualTo("SUCCESS");
        assertThat(paid.path("transaction_id").asString())
                .isEqualTo(transactionId)
                .hasSize(28);
        await().until(() -> simulator.undelivered() == 0);
        assertThat(told).hasSize(1);
        JsonNode envelope = JsonMapper.shared().readTree(told.getFirst().body());
        assertThat(envelope.path("event_type").asString()).isEqualTo("TRANSACTION.SUCCESS");
        assertThat(envelope.path("resource_type").asString()).isEqualTo("encrypt-resource");
        assertThat(resourceOf(told.getFirst())).isEqualTo(paid);
    }

    @Test
    void refusesARequestNobodySigned() throws Exception {
        Heard heard = merchant.send("GET", ORDER, "", "Bearer token");
        assertThat(heard.status()).isEqualTo(401);
        assertThat(heard.code()).isEqualTo("SIGN_ERROR");
    }

    @Test
    void refusesARequestSignedByAnotherKey() throws Exception {
        try (var thief = new SigningMerchant(
                simulator.baseUrl(),
                simulator.merchant(),
                KeyFiles.newRsaKeyPair().getPrivate())) {
            Heard heard = thief.post("/v3/pay/transactions/native", order());
            assertThat(heard.status()).isEqualTo(401);
            assertThat(heard.code()).isEqualTo("SIGN_ERROR");
        }
        assertThat(merchant.get(ORDER + "?mchid=" + simulator.merchant().id()).code())
                .isEqualTo("ORDER_NOT_EXIST");
    }

    @ParameterizedTest
    @ValueSource(ints = {-6, 6})
    void refusesASignatureOlderOrYoungerThanFiveMinutes(int minutes) throws Exception {
        Heard heard = merchant.call(
                "GET", ORDER + "?mchid=1900000109", "", Instant.now().plus(Duration.ofMinutes(minutes)));
        assertThat(heard.code()).isEqualTo("SIGN_ERROR");
    }

    /** So that whoever checks the signature alone believes it. */
    @ParameterizedTest
    @EnumSource(Faults.Mixup.class)
    void signsAnAnswerHoweverWrongItIs(Faults.Mixup mixup) throws Exception {
        prepay(order());
        simulator.pay(NO, Pay.IN_FULL.notified(0));
        var asked = order();
        asked.put("out_trade_no", "ASKED-FOR");
        prepay(asked);
        simulator.pay("ASKED-FOR", Pay.IN_FULL.notified(0));
        String query = "/v3/pay/transactions/out-trade-no/ASKED-FOR?mchid="
                + simulator.merchant().id();
        String right = merchant.get(query).text();
        simulator.faults().mixup(mixup);
        Heard heard = merchant.get(query);
        assertThat(heard.signed()).isTrue();
        assertThat(heard.text().equals(right))
                .isEqualTo(mixup == Faults.Mixup.NONE || mixup == Faults.Mixup.OTHER_AMOUNT);
    }

    @Test
    void signsWhatItAnswersUnlessAnImpostorDoes() throws Exception {
        assertThat(merchant.get("/v3/certificates").signed()).isTrue();
        simulator.faults().impostor(true);
        assertThat(merchant.get("/v3/certificates").signed()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "appid, wxother, APPID_MCHID_NOT_MATCH",
        "mchid, 1900000999, MCH_NOT_EXISTS",
        "out_trade_no, '含汉字的单号', PARAM_ERROR",
        "out_trade_no, 0199a1b2c3d47e5f8a9b0c1d2e3f4a5b0, PARAM_ERROR",
        "description, '', PARAM_ERROR",
        "notify_url, ftp://localhost/notify, PARAM_ERROR",
        "notify_url, http://localhost/notify?a=b, PARAM_ERROR",
        "time_expire, tomorrow, PARAM_ERROR",
        "time_expire, 2020-01-01T00:00:00+08:00, PARAM_ERROR",
        "amount, 100, PARAM_ERROR"
    })
    void refusesAnOrderThatIsNotWellFormed(String field, String value, String code) throws Exception {
        var order = order();
        order.put(field, value);
        assertThat(prepay(order).code()).isEqualTo(code);
    }

    @Test
    void anOrderIsIdempotentByItsNumber() throws Exception {
        JsonNode first = prepay(order()).body();
        assertThat(prepay(order()).body()).isEqualTo(first);
        var dearer = order();
        dearer.put("amount", Map.of("total", 118_801, "currency", "CNY"));
        Heard refused = prepay(dearer);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.code()).isEqualTo("OUT_TRADE_NO_USED");
    }

    @Test
    void aClosedOrderCannotBePaidAndAPaidOneCannotBeClosed() throws Exception {
        prepay(order());
        assertThat(close().status()).isEqualTo(204);
        assertThat(query().path("trade_state").asString()).isEqualTo("CLOSED");
        assertThat(prepay(order()).code()).isEqualTo("ORDER_CLOSED");
        assertThatThrownBy(() -> simulator.pay(NO, Pay.IN_FULL))
                .isInstanceOfSatisfying(
                        WeChatPayError.class, error -> assertThat(error.code()).isEqualTo("ORDER_CLOSED"));

        simulator.pay(NO, Pay.IN_FULL.evenAfterClosing());
        assertThat(close().code()).isEqualTo("ORDERPAID");
        assertThat(prepay(order()).code()).isEqualTo("ORDERPAID");
    }

    @Test
    void anOrderExpires() throws Exception {
        var order = order();
        order.put("time_expire", Protocol.time(Instant.now().plusSeconds(2)));
        assertThat(prepay(order).status()).isEqualTo(200);
        await().until(() -> query().path("trade_state").asString().equals("CLOSED"));
        assertThatThrownBy(() -> simulator.pay(NO, Pay.IN_FULL)).isInstanceOf(WeChatPayError.class);
    }

    @Test
    void resendsUntilTheMerchantAcknowledges() throws Exception {
        answer = 500;
        prepay(order());
        simulator.pay(NO, Pay.IN_FULL);
        await().until(() -> told.size() >= 3);
        assertThat(simulator.undelivered()).isEqualTo(1);
        answer = 200;
        await().until(() -> simulator.undelivered() == 0);
        assertThat(told)
                .extracting(LoopbackServer.Request::body)
                .containsOnly(told.getFirst().body());
        assertThat(told)
                .extracting(request -> request.header("Wechatpay-Nonce"))
                .doesNotHaveDuplicates();
    }

    @Test
    void aRestartKeepsKeysOrdersAndWhatTheMerchantHasNotHeard() throws Exception {
        answer = 500;
        Merchant before = simulator.merchant();
        prepay(order());
        simulator.pay(NO, Pay.IN_FULL);
        JsonNode paid = query();
        await().until(() -> !told.isEmpty());
        stopSimulator();
        // What a kill in the middle of a line leaves.
        Files.writeString(directory.resolve("journal.jsonl"), "{\"entry\":\"ord", StandardOpenOption.APPEND);

        answer = 204;
        startSimulator();

        assertThat(simulator.merchant()).isEqualTo(before);
        assertThat(query()).isEqualTo(paid);
        await().until(() -> simulator.undelivered() == 0);
        stopSimulator();
        startSimulator();
        assertThat(query()).isEqualTo(paid);
        assertThat(simulator.undelivered()).isZero();
    }

    @Test
    void refundsOnceAndNeverMoreThanWasPaid() throws Exception {
        prepay(order());
        String transactionId = simulator.pay(NO, Pay.IN_FULL.notified(0));
        assertThat(refund("R1", transactionId, 100_000, 118_801).code()).isEqualTo("INVALID_REQUEST");
        assertThat(refund("R1", "4200000000000000000000000000", 1, 118_800).code())
                .isEqualTo("RESOURCE_NOT_EXISTS");
        assertThat(refund("R1", transactionId, 100_000, 118_800)
                        .body()
                        .path("status")
                        .asString())
                .isEqualTo("PROCESSING");
        assertThat(refund("R1", transactionId, 100_000, 118_800).status()).isEqualTo(200);
        assertThat(refund("R1", transactionId, 99_999, 118_800).code()).isEqualTo("INVALID_REQUEST");
        assertThat(refund("R2", transactionId, 18_801, 118_800).code()).isEqualTo("INVALID_REQUEST");
        assertThat(refund("R2", transactionId, 18_800, 118_800).status()).isEqualTo(200);

        await().until(() -> told.size() == 2);
        await().until(() ->
                merchant.get(REFUNDS + "/R1").body().path("status").asString().equals("SUCCESS"));
        assertThat(query().path("trade_state").asString()).isEqualTo("REFUND");
        assertThat(resourceOf(told.getFirst()).path("refund_status").asString()).isEqualTo("SUCCESS");
        assertThat(simulator.statement())
                .extracting(StatementLine::amount)
                .containsExactlyInAnyOrder(118_800L, 100_000L, 18_800L);
    }

    @Test
    void failsRefundsOnDemand() throws Exception {
        prepay(order());
        String transactionId = simulator.pay(NO, Pay.IN_FULL.notified(0));
        simulator.faults().refundFailure(Faults.RefundFailure.NOT_ENOUGH);
        assertThat(refund("R1", transactionId, 118_800, 118_800).code()).isEqualTo("NOT_ENOUGH");
        simulator.faults().refundFailure(Faults.RefundFailure.ABNORMAL);
        assertThat(refund("R1", transactionId, 118_800, 118_800).status()).isEqualTo(200);
        await().until(() -> told.size() == 1);
        assertThat(JsonMapper.shared()
                        .readTree(told.getFirst().body())
                        .path("event_type")
                        .asString())
                .isEqualTo("REFUND.ABNORMAL");
        assertThat(simulator.statement()).hasSize(1);
    }

    @Test
    void thePayersPhoneAlsoSpeaksHttp() throws Exception {
        String codeUrl = prepay(order()).body().path("code_url").asString();
        String code = codeUrl.substring(codeUrl.indexOf('=') + 1);
        HttpResponse<String> paid =
                phone("POST", "/simulator/payments/" + code + "/pay", "{\"amount\":1,\"notifications\":2}");
        assertThat(paid.statusCode()).isEqualTo(200);
        await().until(() -> told.size() == 2);
        assertThat(resourceOf(told.getFirst()).path("amount").path("total").asLong())
                .isEqualTo(1);
        assertThat(phone("POST", "/simulator/payments/" + code + "/pay", "").statusCode())
                .isEqualTo(400);
        assertThat(phone("POST", "/simulator/payments/" + NO + "/pay", "{\"again\":true}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(phone("POST", "/simulator/payments/nothing/pay", "").statusCode())
                .isEqualTo(404);
        assertThat(phone("POST", "/simulator/payments/" + NO + "/notification", "{\"tampering\":\"FORGED\"}")
                        .body())
                .isEqualTo("{\"status\":204}");
        assertThat(phone("GET", "/simulator/statement", "").body()).contains(NO);
        assertThat(phone("PUT", "/simulator/faults", "{\"outage\":\"ERRORS\"}").body())
                .contains("\"outage\":\"ERRORS\"");
        assertThat(close().code()).isEqualTo("SYSTEM_ERROR");
    }

    private HttpResponse<String> phone(String method, String path, String body) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(simulator.baseUrl().resolve(path))
                    .method(method, HttpRequest.BodyPublishers.ofString(body))
                    .build();
            return http.send(request, BodyHandlers.ofString());
        }
    }

    @Test
    void aPayerMayTakeTime() throws Exception {
        prepay(order());
        simulator.payLater(NO, Pay.IN_FULL, Duration.ofMillis(100));
        await().until(() -> told.size() == 1);
        assertThat(query().path("trade_state").asString()).isEqualTo("SUCCESS");
    }

    @Test
    void theCertificateOpensWithTheApiV3Key() throws Exception {
        JsonNode entry = merchant.get("/v3/certificates").body().path("data").path(0);
        var certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(
                        open(entry.path("encrypt_certificate")).getBytes(UTF_8)));
        assertThat(certificate.getPublicKey().getEncoded())
                .isEqualTo(
                        KeyFiles.content(Files.readString(simulator.merchant().platformPublicKey())));
        assertThat(entry.path("serial_no").asString())
                .isEqualTo(Keys.serial(certificate))
                .hasSize(40);
    }

    @Test
    void theTradeBillHasTheHashItWasAnnouncedWith() throws Exception {
        String today = LocalDate.now(Protocol.BEIJING).toString();
        assertThat(merchant.get("/v3/bill/tradebill?bill_date=" + today).code()).isEqualTo("NO_STATEMENT_EXIST");
        prepay(order());
        String transactionId = simulator.pay(NO, Pay.IN_FULL);
        JsonNode bill = merchant.get("/v3/bill/tradebill?bill_date=" + today).body();
        String url = bill.path("download_url").asString();
        String text = merchant.get(url.substring(url.indexOf("/v3/"))).text();
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8))))
                .isEqualTo(bill.path("hash_value").asString());
        List<String> lines = text.lines().toList();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(1).split(",", -1))
                .hasSameSizeAs(lines.get(0).split(",", -1))
                .contains("`" + transactionId, "`" + NO, "`1188.00");
        assertThat(lines.get(3)).isEqualTo("`1,`1188.00,`0.00,`0.00,`0.00000,`1188.00,`0.00");
    }

    @Test
    void onlyTheOwnerMayReadTheSecrets() throws Exception {
        for (String secret : List.of("merchant.key.pem", "platform.key.pem", "api-v3.key")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(secret))))
                    .isEqualTo("rw-------");
        }
        assertThat(simulator.merchant().apiV3Key()).hasSize(32);
    }
}
