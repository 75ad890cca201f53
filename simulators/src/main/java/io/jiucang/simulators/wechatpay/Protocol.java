package io.jiucang.simulators.wechatpay;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** The JSON of API v3: what comes in may lack anything, what goes out leaves out what it has not. */
final class Protocol {

    static final ZoneOffset BEIJING = ZoneOffset.ofHours(8);

    static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .disable(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private Protocol() {}

    static String time(Instant instant) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                OffsetDateTime.ofInstant(instant.truncatedTo(ChronoUnit.SECONDS), BEIJING));
    }

    record Prepay(
            @Nullable String appid,
            @Nullable String mchid,
            @Nullable String description,
            @Nullable String outTradeNo,
            @Nullable String timeExpire,
            @Nullable String attach,
            @Nullable String notifyUrl,
            @Nullable Amount amount) {}

    record Amount(
            @Nullable Long total,
            @Nullable Long refund,
            @Nullable String currency) {}

    record Prepaid(String codeUrl) {}

    record Close(@Nullable String mchid) {}

    record Transaction(
            String appid,
            String mchid,
            String outTradeNo,
            @Nullable String transactionId,
            @Nullable String tradeType,
            String tradeState,
            String tradeStateDesc,
            @Nullable String bankType,
            @Nullable String attach,
            @Nullable String successTime,
            @Nullable Payer payer,
            TransactionAmount amount) {

        Transaction of(String appid, String mchid, String outTradeNo) {
            return new Transaction(
                    appid,
                    mchid,
                    outTradeNo,
                    transactionId,
                    tradeType,
                    tradeState,
                    tradeStateDesc,
                    bankType,
                    attach,
                    successTime,
                    payer,
                    amount);
        }
    }

    record Payer(String openid) {}

    record TransactionAmount(
            long total,
            @Nullable Long payerTotal,
            String currency,
            @Nullable String payerCurrency) {}

    record CreateRefund(
            @Nullable String transactionId,
            @Nullable String outTradeNo,
            @Nullable String outRefundNo,
            @Nullable String reason,
            @Nullable String notifyUrl,
            @Nullable Amount amount) {}

    record Refund(
            String refundId,
            String outRefundNo,
            String transactionId,
            String outTradeNo,
            String channel,
            String userReceivedAccount,
            @Nullable String successTime,
            String createTime,
            String status,
            String fundsAccount,
            RefundAmount amount) {}

    record RefundAmount(
            long total,
            long refund,
            long payerTotal,
            long payerRefund,
            long settlementRefund,
            long settlementTotal,
            long discountRefund,
            String currency) {}

    record RefundNotice(
            String mchid,
            String outTradeNo,
            String transactionId,
            String outRefundNo,
            String refundId,
            String refundStatus,
            @Nullable String successTime,
            String userReceivedAccount,
            RefundNoticeAmount amount) {}

    record RefundNoticeAmount(long total, long refund, long payerTotal, long payerRefund) {}

    record Notification(
            String id, String createTime, String resourceType, String eventType, String summary, Resource resource) {}

    record Resource(
            @Nullable String originalType, String algorithm, String ciphertext, String associatedData, String nonce) {}

    record Certificates(List<Certificate> data) {}

    record Certificate(String serialNo, String effectiveTime, String expireTime, Resource encryptCertificate) {}

    record Bill(String hashType, String hashValue, String downloadUrl) {}

    record Failure(String code, String message) {}
}
