package io.jiucang.payment;

import static io.jiucang.payment.WeChatPayForm.CNY;
import static io.jiucang.payment.WeChatPayForm.uuid;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.wechat.pay.java.core.RSAPublicKeyConfig;
import com.wechat.pay.java.core.cipher.AeadCipher;
import com.wechat.pay.java.core.cipher.Verifier;
import com.wechat.pay.java.core.exception.DecryptionException;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.payment.PaymentProvider.Notification;
import io.jiucang.payment.PaymentProvider.Notification.Captured;
import io.jiucang.payment.PaymentProvider.Notification.Refunded;
import io.jiucang.payment.PaymentProvider.NotificationRejected;
import io.jiucang.payment.PaymentProvider.RefundTerms;
import io.jiucang.payment.PaymentProvider.Rejection;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what WeChat Pay posts to us: signed, and sealed under the APIv3 key. */
final class WeChatPayNotices {

    private static final Duration SIGNATURE_LIFETIME = Duration.ofMinutes(5);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final WeChatPaySettings settings;
    private final Clock clock;
    private final Verifier verifier;
    private final AeadCipher cipher;
    private final String signType;
    private final String cipherType;

    WeChatPayNotices(WeChatPaySettings settings, Clock clock, RSAPublicKeyConfig config) {
        this.settings = settings;
        this.clock = clock;
        verifier = config.createVerifier();
        cipher = config.createAeadCipher();
        signType = config.getSignType();
        cipherType = config.getCipherType();
    }

    /** As {@link PaymentProvider#parse}. */
    Notification parse(Map<String, String> headers, String body) {
        verify(headers, body);
        try {
            JsonNode notification = JSON.readTree(body);
            JsonNode resource = open(notification.required("resource"));
            String id = text(notification, "id");
            String type = text(notification, "event_type");
            requireOurs(resource, "mchid", settings.merchantId());
            return switch (type) {
                case "TRANSACTION.SUCCESS" -> {
                    requireOurs(resource, "appid", settings.appId());
                    yield captured(id, resource);
                }
                case "REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED" -> refunded(id, type, resource);
                default -> throw malformed("unknown event_type " + type, null);
            };
        } catch (JacksonException | IllegalArgumentException | DateTimeException | DecryptionException e) {
            throw malformed("the notification cannot be read", e);
        }
    }

    private static void requireOurs(JsonNode resource, String field, String ours) {
        if (!text(resource, field).equals(ours)) {
            throw new NotificationRejected(
                    Rejection.NOT_OURS,
                    "for " + field + " " + resource.path(field).asString(),
                    null);
        }
    }

    /** The library's own parser leaves the time to its caller, so a notification once overheard would be good for ever. */
    private void verify(Map<String, String> headers, String body) {
        var byName = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        byName.putAll(headers);
        String timestamp = required(byName, "Wechatpay-Timestamp");
        String message = timestamp + "\n" + required(byName, "Wechatpay-Nonce") + "\n" + body + "\n";
        String serial = required(byName, "Wechatpay-Serial");
        String signature = required(byName, "Wechatpay-Signature");
        if (!byName.getOrDefault("Wechatpay-Signature-Type", signType).equals(signType)
                || !serial.equals(verifier.getSerialNumber())) {
            throw new NotificationRejected(Rejection.UNKNOWN_KEY, "signed with unknown key " + serial, null);
        }
        if (!isRecent(timestamp)) {
            throw new NotificationRejected(
                    Rejection.STALE, "signed at " + timestamp + ", more than five minutes from now", null);
        }
        if (!isSigned(serial, message, signature)) {
            throw new NotificationRejected(Rejection.FORGED, "not signed by WeChat Pay", null);
        }
    }

    private boolean isSigned(String serial, String message, String signature) {
        try {
            return verifier.verify(serial, message, signature);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private boolean isRecent(String timestamp) {
        try {
            Instant signed = Instant.ofEpochSecond(Long.parseLong(timestamp));
            return Duration.between(signed, clock.instant()).abs().compareTo(SIGNATURE_LIFETIME) <= 0;
        } catch (NumberFormatException | DateTimeException | ArithmeticException e) {
            throw malformed("Wechatpay-Timestamp is not a time", e);
        }
    }

    private JsonNode open(JsonNode sealed) {
        if (!text(sealed, "algorithm").equals(cipherType)) {
            throw malformed("the resource is not sealed with " + cipherType, null);
        }
        return JSON.readTree(cipher.decrypt(
                sealed.path("associated_data").asString("").getBytes(UTF_8),
                text(sealed, "nonce").getBytes(UTF_8),
                Base64.getDecoder().decode(text(sealed, "ciphertext"))));
    }

    /** Of a capture only what to ask for: the signature covers what is sealed, so it convinces nobody else. */
    private static Captured captured(String id, JsonNode transaction) {
        String state = text(transaction, "trade_state");
        if (!state.equals("SUCCESS")) {
            throw malformed("a capture in state " + state, null);
        }
        return new Captured(
                id, new PaymentId(uuid(text(transaction, "out_trade_no"))), text(transaction, "transaction_id"));
    }

    /** Of a refund WeChat Pay names no currency: it has but one. */
    private static Refunded refunded(String id, String type, JsonNode refund) {
        String state = text(refund, "refund_status");
        if (!type.equals("REFUND." + state)) {
            throw malformed(type + " of a refund in state " + state, null);
        }
        JsonNode amount = refund.required("amount");
        return new Refunded(
                id,
                new RefundId(uuid(text(refund, "out_refund_no"))),
                new PaymentId(uuid(text(refund, "out_trade_no"))),
                new RefundTerms(
                        text(refund, "transaction_id"),
                        new Money(CNY, amount.required("refund").longValue()),
                        new Money(CNY, amount.required("total").longValue())),
                WeChatPayForm.refundStatus(state, refund.path("success_time").asString(null)));
    }

    /** Jackson reads a null as a null string. */
    private static String text(JsonNode object, String field) {
        JsonNode value = object.required(field);
        if (!value.isString()) {
            throw new IllegalArgumentException(field + " is not a string");
        }
        return value.stringValue();
    }

    private static String required(Map<String, String> headers, String name) {
        String value = headers.get(name);
        if (value == null) {
            throw malformed(name + " is missing", null);
        }
        return value;
    }

    private static NotificationRejected malformed(String message, @Nullable Throwable cause) {
        return new NotificationRejected(Rejection.MALFORMED, message, cause);
    }
}
