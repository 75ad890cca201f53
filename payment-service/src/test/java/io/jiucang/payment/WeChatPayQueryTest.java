package io.jiucang.payment;

import static io.jiucang.payment.WeChatPayFixtures.KEY;
import static io.jiucang.payment.WeChatPayFixtures.PAYMENT;
import static io.jiucang.payment.WeChatPayFixtures.SETTINGS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jiucang.events.value.Money;
import io.jiucang.events.value.Sha256;
import io.jiucang.payment.PaymentProvider.Capture;
import io.jiucang.payment.PaymentProvider.PaymentStatus;
import io.jiucang.payment.PaymentProvider.PaymentStatus.NoReceipt;
import io.jiucang.payment.PaymentProvider.PaymentStatus.Paid;
import io.jiucang.payment.PaymentProvider.Unavailable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may come back when a payment is asked for, given to the port without a network. */
class WeChatPayQueryTest {

    private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
    private static final String NUMBER = WeChatPayForm.number(PAYMENT.value());
    private static final String TRANSACTION_ID = "4200001234202611221234567890";
    private static final String PAID = """
            {"amount":{"currency":"CNY","payer_currency":"CNY","payer_total":118800,"total":118800},"appid":"wxd678efh567hg6787",
             "attach":"","bank_type":"OTHERS","mchid":"1900000109","out_trade_no":"0199a1b2c3d47e5f8a9b0c1d2e3f4a5b",
             "payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},"promotion_detail":[],"success_time":"2026-11-22T15:59:58+08:00",
             "trade_state":"SUCCESS","trade_state_desc":"支付成功","trade_type":"NATIVE","transaction_id":"4200001234202611221234567890"}""";

    private final List<Request> asked = new ArrayList<>();

    private WeChatPayQuery answering(int status, Map<String, String> headers, String body) {
        OkHttpClient client = new OkHttpClient.Builder()
                .addInterceptor(chain -> {
                    asked.add(chain.request());
                    var answer = new Response.Builder()
                            .request(chain.request())
                            .protocol(Protocol.HTTP_1_1)
                            .code(status)
                            .message("")
                            .body(ResponseBody.create(body, MediaType.get("application/json")));
                    headers.forEach(answer::header);
                    return answer.build();
                })
                .build();
        return new WeChatPayQuery(SETTINGS, client, WeChatPayFixtures.config().createCredential(), KEY);
    }

    private WeChatPayQuery signed(String body) {
        return answering(200, WeChatPayFixtures.signed(body, NOW), body);
    }

    private static void assertNoReceipt(String reason, WeChatPayQuery query) {
        assertThat(query.byNumber(NUMBER)).isEqualTo(new NoReceipt(reason));
        assertThat(query.byTransaction(TRANSACTION_ID, NUMBER)).isEqualTo(new NoReceipt(reason));
    }

    @Test
    void whatIsPaidIsAReceipt() {
        Map<String, String> headers = WeChatPayFixtures.signed(PAID, NOW);
        PaymentStatus status = answering(200, headers, PAID).byNumber(NUMBER);
        String bytes = headers.get("Wechatpay-Serial") + "\n" + headers.get("Wechatpay-Timestamp") + "\n"
                + headers.get("Wechatpay-Nonce") + "\n" + PAID + "\n" + headers.get("Wechatpay-Signature") + "\n";
        assertThat(status).isInstanceOfSatisfying(Paid.class, paid -> {
            assertThat(paid.capture())
                    .isEqualTo(new Capture(
                            TRANSACTION_ID,
                            Money.cny(118_800),
                            Instant.parse("2026-11-22T07:59:58Z"),
                            Sha256.hex(bytes.getBytes(UTF_8))));
            assertThat(paid.answer().bytes()).isEqualTo(bytes.getBytes(UTF_8));
        });
    }

    @Test
    void asksByTheNumbersThatTheProviderKnows() {
        WeChatPayQuery query = signed(PAID);
        query.byNumber(NUMBER);
        query.byTransaction(TRANSACTION_ID, NUMBER);
        String path = "https://api.mch.weixin.qq.com/v3/pay/transactions/";
        assertThat(asked)
                .extracting(request -> request.url().toString())
                .containsExactly(
                        path + "out-trade-no/0199a1b2c3d47e5f8a9b0c1d2e3f4a5b?mchid=1900000109",
                        path + "id/4200001234202611221234567890?mchid=1900000109");
        assertThat(asked).allSatisfy(request -> {
            assertThat(request.header("Authorization")).startsWith("WECHATPAY2-SHA256-RSA2048 mchid=");
            assertThat(request.header("Wechatpay-Serial")).isEqualTo(WeChatPayFixtures.KEY_ID);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "trade_state":"SUCCESS" | "trade_state":"REFUND"    | NOT_SUCCESS
            "trade_state":"SUCCESS" | "trade_state":"CLOSED"    | NOT_SUCCESS
            "trade_state":"SUCCESS" | "trade_state":"NOTPAY"    | NOT_SUCCESS
            "trade_state":"SUCCESS" | "trade_state":"CLOSED","trade_state":"SUCCESS" | NOT_JSON
            "attach":""             | "sub_mchid":"1900000110"  | NOT_A_TRANSACTION
            1900000109              | 1900000110                | OTHER_PAYEE
            wxd678efh567hg6787      | wxd678efh567hg6788        | OTHER_APPID
            0199a1b2c3d47e5f8a9b0c1d2e3f4a5b | 0199a1b2c3d47e5f8a9b0c1d2e3f4a5c | OTHER_ORDER
            0199a1b2c3d47e5f8a9b0c1d2e3f4a5b | 0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b | OTHER_ORDER
            "currency":"CNY"        | "currency":"HKD"          | OTHER_CURRENCY
            "total":118800          | "total":0                 | NOT_A_TRANSACTION
            """)
    void everyOtherShapeIsNoReceipt(String from, String to, String reason) {
        assertThat(PAID).contains(from);
        assertNoReceipt(reason, signed(PAID.replace(from, to)));
    }

    @Test
    void aFalseSignatureIsNoReceipt() {
        assertNoReceipt(
                "NOT_SIGNED", answering(200, WeChatPayFixtures.signed(PAID, NOW, WeChatPayFixtures.keyPair()), PAID));
        assertNoReceipt("NOT_SIGNED", answering(200, WeChatPayFixtures.signed(PAID, NOW), PAID.replace("118800", "1")));
    }

    @Test
    void aCallbackIsNoReceipt() {
        assertNoReceipt(
                "NOT_A_TRANSACTION",
                signed(
                        "{\"id\":\"EV-1\",\"event_type\":\"TRANSACTION.SUCCESS\",\"resource\":{\"ciphertext\":\"AAAA\"}}"));
    }

    @Test
    void whatWasSaidOfAnotherOrderIsNoReceiptHoweverGenuine() {
        String other = PAID.replace("4a5b", "4a5c");
        assertNoReceipt(
                "OTHER_ORDER", answering(200, WeChatPayFixtures.signed(other, NOW.minusSeconds(86_400)), other));
    }

    @Test
    void whatTheProviderNeverHeardOfIsNoReceipt() {
        assertNoReceipt("UNKNOWN", answering(404, Map.of(), "{\"code\":\"ORDER_NOT_EXIST\"}"));
    }

    @Test
    void anotherChargeOfTheOrderIsNotTheOneAskedFor() {
        assertThat(signed(PAID).byTransaction("4200001234202611221234567891", NUMBER))
                .isEqualTo(new NoReceipt("OTHER_TRANSACTION"));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 429, 500, 502, 204})
    void everyOtherStatusSaysNothing(int status) {
        WeChatPayQuery query = answering(status, WeChatPayFixtures.signed(PAID, NOW), status == 204 ? "" : PAID);
        assertThat(unavailable(query).isBusy()).isEqualTo(status == 429);
    }

    @Test
    void whatIsNotSignedAtAllOrTooLongSaysNothing() {
        assertThat(unavailable(answering(200, Map.of(), PAID))).isNotNull();
        String endless = PAID + " ".repeat(16_384);
        assertThat(unavailable(signed(endless))).isNotNull();
    }

    private static Unavailable unavailable(WeChatPayQuery query) {
        return catchThrowableOfType(Unavailable.class, () -> query.byNumber(NUMBER));
    }
}
