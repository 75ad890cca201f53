package io.jiucang.payment;

import static io.jiucang.payment.WeChatPayFixtures.API_V3_KEY;
import static io.jiucang.payment.WeChatPayFixtures.KEY;
import static io.jiucang.payment.WeChatPayFixtures.PAYMENT;
import static io.jiucang.payment.WeChatPayFixtures.SETTINGS;
import static io.jiucang.payment.WeChatPayFixtures.signed;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jiucang.events.value.Money;
import io.jiucang.events.value.RefundId;
import io.jiucang.payment.PaymentProvider.Notification.Captured;
import io.jiucang.payment.PaymentProvider.Notification.Refunded;
import io.jiucang.payment.PaymentProvider.NotificationRejected;
import io.jiucang.payment.PaymentProvider.RefundStatus;
import io.jiucang.payment.PaymentProvider.RefundTerms;
import io.jiucang.payment.PaymentProvider.Refused;
import io.jiucang.payment.PaymentProvider.Rejection;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Currency;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The notification as the documentation has it, made here from scratch: nothing of the simulator's is believed. */
class WeChatPayTest {

    private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
    private static final String SEAL_NONCE = "fdasflkja484";
    private static final RefundId REFUND = new RefundId("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c");
    private static final String TRANSACTION = """
            {"mchid":"1900000109","appid":"wxd678efh567hg6787","out_trade_no":"0199a1b2c3d47e5f8a9b0c1d2e3f4a5b",
             "transaction_id":"4200001234202611221234567890","trade_state":"SUCCESS"}""";
    private static final String REFUNDED = """
            {"mchid":"1900000109","out_trade_no":"0199a1b2c3d47e5f8a9b0c1d2e3f4a5b","out_refund_no":"0199a1b2c3d47e5f8a9b0c1d2e3f4a5c",
             "transaction_id":"4200001234202611221234567890","refund_status":"%s","success_time":"2026-11-22T15:59:58+08:00","amount":{"total":118800,"refund":118800}}""";

    private static final RefundTerms TERMS =
            new RefundTerms("4200001234202611221234567890", Money.cny(118_800), Money.cny(118_800));

    private final WeChatPay weChatPay =
            new WeChatPay(SETTINGS, Clock.fixed(NOW, ZoneOffset.UTC), WeChatPayFixtures.config(), KEY);

    @Property
    void aUuidAndItsNumberAreOneToOne(@ForAll long high, @ForAll long low) {
        String uuid = new UUID(high, low).toString();
        assertThat(WeChatPayForm.number(uuid)).matches("[0-9a-f]{32}");
        assertThat(WeChatPayForm.uuid(WeChatPayForm.number(uuid))).isEqualTo(uuid);
    }

    @Example
    void readsACapture() {
        assertThat(parse("TRANSACTION.SUCCESS", TRANSACTION))
                .isEqualTo(new Captured("EV-1", PAYMENT, "4200001234202611221234567890"));
    }

    @Example
    void readsARefundThatEndedWellOrBadly() {
        assertThat(parse("REFUND.SUCCESS", REFUNDED.formatted("SUCCESS")))
                .isEqualTo(new Refunded(
                        "EV-1",
                        REFUND,
                        PAYMENT,
                        TERMS,
                        new RefundStatus.Succeeded(Instant.parse("2026-11-22T07:59:58Z"))));
        assertThat(parse("REFUND.ABNORMAL", REFUNDED.formatted("ABNORMAL")))
                .isEqualTo(new Refunded("EV-1", REFUND, PAYMENT, TERMS, new RefundStatus.Failed("ABNORMAL")));
    }

    @Example
    void readsHeaderNamesInAnyCase() {
        String body = body("TRANSACTION.SUCCESS", TRANSACTION);
        var headers = new HashMap<String, String>();
        signed(body, NOW).forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
        assertThat(weChatPay.parse(headers, body).notificationId()).isEqualTo("EV-1");
    }

    @Property(tries = 200)
    void refusesANotificationWithOneCharacterChanged(
            @ForAll @IntRange(max = 3) int part, @ForAll @IntRange(max = 10_000) int position) {
        String body = body("TRANSACTION.SUCCESS", TRANSACTION);
        var headers = new HashMap<>(signed(body, NOW));
        if (part == 0) {
            body = changed(body, position);
        } else {
            String name = new String[] {"Wechatpay-Nonce", "Wechatpay-Timestamp", "Wechatpay-Signature"}[part - 1];
            headers.compute(name, (key, value) -> changed(String.valueOf(value), position));
        }
        String altered = body;
        assertThatThrownBy(() -> weChatPay.parse(headers, altered)).isInstanceOf(NotificationRejected.class);
    }

    /** Changes no character of a signature's last four: these hold bits that Base64 ignores. */
    private static String changed(String text, int position) {
        int at = position % Math.max(1, text.length() - 4);
        char other = text.charAt(at) == '1' ? '2' : '1';
        return text.substring(0, at) + other + text.substring(at + 1);
    }

    @Property(tries = 500)
    void whateverIsRightlySignedIsReadOrMalformed(@ForAll String body) {
        assertMalformed(body);
    }

    @Property(tries = 500)
    void whateverIsRightlySealedIsReadOrMalformed(@ForAll String resource) {
        assertMalformed(body("TRANSACTION.SUCCESS", resource));
        assertMalformed(body(resource.replaceAll("[\"\\\\\\p{Cntrl}]", ""), TRANSACTION));
    }

    @Property
    void everyFieldOfACaptureMustBeThereAndRight(
            @ForAll @IntRange(max = 4) int field, @ForAll @IntRange(max = 3) int kind) {
        String name = new String[] {
                    "\"mchid\":\"1900000109\"",
                    "\"appid\":\"wxd678efh567hg6787\"",
                    "\"out_trade_no\":\"0199a1b2c3d47e5f8a9b0c1d2e3f4a5b\"",
                    "\"transaction_id\":\"4200001234202611221234567890\"",
                    "\"trade_state\":\"SUCCESS\""
                }
                [field];
        String key = name.substring(0, name.indexOf(':'));
        String wrong = new String[] {key + ":null", key + ":{}", key + ":[1]", "\"other\":1"}[kind];
        assertMalformed(body("TRANSACTION.SUCCESS", TRANSACTION.replace(name, wrong)));
    }

    @Example
    void refusesWhatIsSealedForSomebodyElse() {
        assertReason(Rejection.NOT_OURS, body("TRANSACTION.SUCCESS", TRANSACTION.replace("1900000109", "1900000110")));
        assertReason(Rejection.NOT_OURS, body("TRANSACTION.SUCCESS", TRANSACTION.replace("wxd678", "wxd679")));
        assertReason(
                Rejection.NOT_OURS,
                body("REFUND.SUCCESS", REFUNDED.formatted("SUCCESS").replace("1900000109", "1900000110")));
        assertMalformed(body("TRANSACTION.SUCCESS", TRANSACTION).replace(SEAL_NONCE, "fdasflkja485"));
    }

    @Example
    void refusesStatesAndTypesItDoesNotKnow() {
        assertMalformed(body(
                "TRANSACTION.SUCCESS", TRANSACTION.replace("\"trade_state\":\"SUCCESS", "\"trade_state\":\"NOTPAY")));
        assertMalformed(body("REFUND.SUCCESS", REFUNDED.formatted("PERHAPS")));
        assertMalformed(body("REFUND.SUCCESS", REFUNDED.formatted("ABNORMAL")));
        assertMalformed(
                body("REFUND.SUCCESS", REFUNDED.formatted("SUCCESS").replace("\"total\":118800", "\"total\":\"x\"")));
        assertMalformed(body("COUPON.USE", TRANSACTION));
    }

    @Example
    void isGoodForFiveMinutesEitherWay() {
        String body = body("TRANSACTION.SUCCESS", TRANSACTION);
        for (int seconds : new int[] {-300, 300}) {
            assertThatCode(() -> weChatPay.parse(signed(body, NOW.plusSeconds(seconds)), body))
                    .doesNotThrowAnyException();
        }
        for (int seconds : new int[] {-301, 301}) {
            assertThat(reason(signed(body, NOW.plusSeconds(seconds)), body)).isEqualTo(Rejection.STALE);
        }
    }

    @Example
    void refusesMissingHeadersAndUnknownKeys() {
        String body = body("TRANSACTION.SUCCESS", TRANSACTION);
        for (String name :
                new String[] {"Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"}) {
            var headers = new HashMap<>(signed(body, NOW));
            headers.remove(name);
            assertThat(reason(headers, body)).isEqualTo(Rejection.MALFORMED);
        }
        for (String name : new String[] {"Wechatpay-Serial", "Wechatpay-Signature-Type"}) {
            var headers = new HashMap<>(signed(body, NOW));
            headers.put(name, "another");
            assertThat(reason(headers, body)).isEqualTo(Rejection.UNKNOWN_KEY);
        }
        var probe = new HashMap<>(signed(body, NOW));
        probe.put("Wechatpay-Signature", "WECHATPAY/SIGNTEST/" + probe.get("Wechatpay-Signature"));
        assertThat(reason(probe, body)).isEqualTo(Rejection.FORGED);
        var garbage = new HashMap<>(signed(body, NOW));
        garbage.put("Wechatpay-Signature", "not base64");
        assertThat(reason(garbage, body)).isEqualTo(Rejection.FORGED);
        var never = new HashMap<>(signed(body, NOW));
        never.put("Wechatpay-Timestamp", Long.toString(Long.MAX_VALUE));
        assertThat(reason(never, body)).isEqualTo(Rejection.MALFORMED);
    }

    @Example
    void takesYuanOnlyAndNotTooMany() {
        assertRefused("CURRENCY_NOT_TAKEN", new Money(Currency.getInstance("USD"), 1));
        assertRefused("AMOUNT_TOO_LARGE", Money.cny(1L + Integer.MAX_VALUE));
    }

    private void assertRefused(String code, Money price) {
        assertThat(catchThrowableOfType(Refused.class, () -> weChatPay.open(PAYMENT, price, "Fenjiu", NOW))
                        .providerCode())
                .isEqualTo(code);
    }

    @Example
    void doesNotPrintItsKey() {
        assertThat(SETTINGS.toString()).doesNotContain(API_V3_KEY);
    }

    private PaymentProvider.Notification parse(String type, String resource) {
        String body = body(type, resource);
        return weChatPay.parse(signed(body, NOW), body);
    }

    private void assertMalformed(String body) {
        assertReason(Rejection.MALFORMED, body);
    }

    private void assertReason(Rejection reason, String body) {
        assertThat(reason(signed(body, NOW), body)).isEqualTo(reason);
    }

    private Rejection reason(Map<String, String> headers, String body) {
        return catchThrowableOfType(NotificationRejected.class, () -> weChatPay.parse(headers, body))
                .reason();
    }

    private static String body(String type, String resource) {
        return """
                {"id":"EV-1","event_type":"%s","resource_type":"encrypt-resource","resource":{"algorithm":"AEAD_AES_256_GCM",
                 "original_type":"transaction","associated_data":"transaction","nonce":"%s","ciphertext":"%s"}}""".formatted(type, SEAL_NONCE, seal(resource));
    }

    private static String seal(String plaintext) {
        try {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(API_V3_KEY.getBytes(UTF_8), "AES"),
                    new GCMParameterSpec(128, SEAL_NONCE.getBytes(UTF_8)));
            cipher.updateAAD("transaction".getBytes(UTF_8));
            return Base64.getEncoder().encodeToString(cipher.doFinal(plaintext.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
