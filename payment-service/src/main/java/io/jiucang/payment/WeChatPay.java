package io.jiucang.payment;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.wechat.pay.java.core.RSAPublicKeyConfig;
import com.wechat.pay.java.core.cipher.AeadCipher;
import com.wechat.pay.java.core.cipher.Verifier;
import com.wechat.pay.java.core.exception.DecryptionException;
import com.wechat.pay.java.core.exception.ServiceException;
import com.wechat.pay.java.core.http.DefaultHttpClientBuilder;
import com.wechat.pay.java.core.http.HttpClient;
import com.wechat.pay.java.service.billdownload.BillDownloadServiceExtension;
import com.wechat.pay.java.service.billdownload.DigestBillEntity;
import com.wechat.pay.java.service.billdownload.model.BillType;
import com.wechat.pay.java.service.billdownload.model.GetTradeBillRequest;
import com.wechat.pay.java.service.payments.model.Transaction;
import com.wechat.pay.java.service.payments.model.TransactionAmount;
import com.wechat.pay.java.service.payments.nativepay.NativePayService;
import com.wechat.pay.java.service.payments.nativepay.model.Amount;
import com.wechat.pay.java.service.payments.nativepay.model.CloseOrderRequest;
import com.wechat.pay.java.service.payments.nativepay.model.PrepayRequest;
import com.wechat.pay.java.service.payments.nativepay.model.QueryOrderByOutTradeNoRequest;
import com.wechat.pay.java.service.refund.RefundService;
import com.wechat.pay.java.service.refund.model.AmountReq;
import com.wechat.pay.java.service.refund.model.CreateRequest;
import com.wechat.pay.java.service.refund.model.QueryByOutRefundNoRequest;
import com.wechat.pay.java.service.refund.model.Refund;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.payment.PaymentProvider.Notification.Captured;
import io.jiucang.payment.PaymentProvider.Notification.Refunded;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import okhttp3.ConnectionPool;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** WeChat Pay API v3, Native payment: yuan only, in fen; its public key mode. */
final class WeChatPay implements PaymentProvider {

    private static final ZoneOffset BEIJING = ZoneOffset.ofHours(8);
    private static final Currency CNY = Currency.getInstance("CNY");
    private static final Duration SIGNATURE_LIFETIME = Duration.ofMinutes(5);
    private static final int LONGEST_DESCRIPTION = 127;
    private static final int LONGEST_REASON = 80;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final WeChatPaySettings settings;
    private final Clock clock;
    private final Verifier verifier;
    private final AeadCipher cipher;
    private final String signType;
    private final String cipherType;
    private final NativePayService payments;
    private final RefundService refunds;
    private final BillDownloadServiceExtension bills;

    WeChatPay(WeChatPaySettings settings, Clock clock) {
        this(
                settings,
                clock,
                new RSAPublicKeyConfig.Builder()
                        .merchantId(settings.merchantId())
                        .merchantSerialNumber(settings.merchantSerial())
                        .privateKeyFromPath(settings.privateKey().toString())
                        .apiV3Key(settings.apiV3Key())
                        .publicKeyId(settings.platformPublicKeyId())
                        .publicKeyFromPath(settings.platformPublicKey().toString())
                        .build());
    }

    /** @param config the keys, whatever the settings say about their files */
    WeChatPay(WeChatPaySettings settings, Clock clock, RSAPublicKeyConfig config) {
        this.settings = settings;
        this.clock = clock;
        verifier = config.createVerifier();
        cipher = config.createAeadCipher();
        signType = config.getSignType();
        cipherType = config.getCipherType();
        HttpClient http = new DefaultHttpClientBuilder()
                .config(config)
                .okHttpClient(okHttpClient(settings))
                .enableRetryMultiDomain()
                .build();
        payments = new NativePayService.Builder().httpClient(http).build();
        refunds = new RefundService.Builder().httpClient(http).build();
        bills = new BillDownloadServiceExtension.Builder()
                .httpClient(http)
                .decryptor(config.createDecryptor())
                .build();
    }

    static OkHttpClient okHttpClient(WeChatPaySettings settings) {
        var builder = new OkHttpClient.Builder()
                // WeChat Pay hangs up after eight idle seconds; we do so first.
                .connectionPool(new ConnectionPool(5, 7, TimeUnit.SECONDS))
                .callTimeout(settings.timeout())
                .connectTimeout(settings.timeout())
                .readTimeout(settings.timeout())
                .writeTimeout(settings.timeout())
                .addInterceptor(WeChatPay::withHeadersAsTheLibraryReadsThem);
        URI baseUrl = settings.baseUrl();
        if (baseUrl != null) {
            builder.addInterceptor(chain -> chain.proceed(chain.request()
                    .newBuilder()
                    .url(redirected(chain.request().url(), baseUrl))
                    .build()));
        }
        return builder.build();
    }

    /** The signature covers path and query, so only these must stay. */
    private static HttpUrl redirected(HttpUrl url, URI baseUrl) {
        HttpUrl base = HttpUrl.get(baseUrl.toString());
        return url.newBuilder()
                .scheme(base.scheme())
                .host(base.host())
                .port(base.port())
                .build();
    }

    /** The library looks header names up by exact case, but HTTP/2 and some proxies hand them over in lower case. */
    private static Response withHeadersAsTheLibraryReadsThem(Interceptor.Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        var builder = response.newBuilder();
        for (String name : List.of(
                "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature", "Request-ID")) {
            String value = response.header(name);
            if (value != null) {
                builder.removeHeader(name).header(name, value);
            }
        }
        return builder.build();
    }

    @Override
    public String name() {
        return "wechatpay";
    }

    @Override
    public Prepared open(PaymentId id, Money amount, String description, Instant payBy) {
        var price = new Amount();
        price.setTotal(priceInFen(amount));
        price.setCurrency("CNY");
        var request = new PrepayRequest();
        request.setAppid(settings.appId());
        request.setMchid(settings.merchantId());
        request.setDescription(atMost(LONGEST_DESCRIPTION, description));
        request.setOutTradeNo(number(id.value()));
        request.setTimeExpire(rfc3339(payBy));
        request.setNotifyUrl(settings.notifyUrl().toString());
        request.setAmount(price);
        return call(() -> new Prepared(payments.prepay(request).getCodeUrl()));
    }

    @Override
    public void close(PaymentId id) {
        var request = new CloseOrderRequest();
        request.setMchid(settings.merchantId());
        request.setOutTradeNo(number(id.value()));
        try {
            call(() -> {
                payments.closeOrder(request);
                return true;
            });
        } catch (Refused e) {
            switch (e.reason()) {
                case CLOSED, NOT_FOUND -> {}
                case ALREADY_PAID, CONFLICT, OTHER -> throw e;
            }
        }
    }

    @Override
    public PaymentStatus query(PaymentId id) {
        var request = new QueryOrderByOutTradeNoRequest();
        request.setMchid(settings.merchantId());
        request.setOutTradeNo(number(id.value()));
        return orIfNotFound(new PaymentStatus.Unknown(), () -> status(id, payments.queryOrderByOutTradeNo(request)));
    }

    /** Signed is what the answer says, but not to what question. */
    private PaymentStatus status(PaymentId id, Transaction transaction) {
        requireAnswer("appid", settings.appId(), transaction.getAppid());
        requireAnswer("mchid", settings.merchantId(), transaction.getMchid());
        requireAnswer("out_trade_no", number(id.value()), transaction.getOutTradeNo());
        return switch (transaction.getTradeState()) {
            case SUCCESS, REFUND -> {
                TransactionAmount amount = transaction.getAmount();
                yield new PaymentStatus.Paid(new Capture(
                        transaction.getTransactionId(),
                        new Money(Currency.getInstance(amount.getCurrency()), amount.getTotal()),
                        instant(transaction.getSuccessTime())));
            }
            case NOTPAY, USERPAYING, ACCEPT -> new PaymentStatus.Unpaid();
            case CLOSED, REVOKED, PAYERROR -> new PaymentStatus.Closed();
        };
    }

    @Override
    public RefundStatus refund(RefundId id, PaymentId paymentId, RefundTerms terms, String reason) {
        var amount = new AmountReq();
        amount.setRefund(fen(terms.refund()));
        amount.setTotal(fen(terms.total()));
        amount.setCurrency("CNY");
        var request = new CreateRequest();
        request.setTransactionId(terms.transactionId());
        request.setOutTradeNo(number(paymentId.value()));
        request.setOutRefundNo(number(id.value()));
        request.setReason(atMost(LONGEST_REASON, reason));
        request.setNotifyUrl(settings.notifyUrl().toString());
        request.setAmount(amount);
        return call(() -> status(id, paymentId, terms, refunds.create(request)));
    }

    @Override
    public Optional<RefundStatus> refundStatus(RefundId id, PaymentId paymentId, RefundTerms terms) {
        var request = new QueryByOutRefundNoRequest();
        request.setOutRefundNo(number(id.value()));
        return orIfNotFound(
                Optional.empty(), () -> Optional.of(status(id, paymentId, terms, refunds.queryByOutRefundNo(request))));
    }

    @Override
    public ZoneId zone() {
        return BEIJING;
    }

    @Override
    public List<StatementEntry> statement(LocalDate day) {
        var request = new GetTradeBillRequest();
        request.setBillDate(day.toString());
        request.setBillType(BillType.ALL);
        try {
            return call(() -> TradeBill.read(download(request)));
        } catch (Refused e) {
            if (e.providerCode().equals("NO_STATEMENT_EXIST")) {
                return List.of();
            }
            throw new Unavailable("WeChat Pay has no bill of " + day + ": " + e.getMessage(), e);
        }
    }

    /** The bill comes unsigned; its hash came signed. */
    private String download(GetTradeBillRequest request) {
        DigestBillEntity bill = bills.getTradeBill(request);
        try (InputStream content = bill.getInputStream()) {
            String text = new String(content.readAllBytes(), UTF_8);
            if (!bill.verifyHash()) {
                throw new IllegalStateException("the bill is not the one its hash is of");
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RefundStatus status(RefundId id, PaymentId paymentId, RefundTerms terms, Refund refund) {
        requireAnswer("out_refund_no", number(id.value()), refund.getOutRefundNo());
        requireAnswer("out_trade_no", number(paymentId.value()), refund.getOutTradeNo());
        requireAnswer("transaction_id", terms.transactionId(), refund.getTransactionId());
        requireAnswer("amount.currency", "CNY", refund.getAmount().getCurrency());
        requireAnswer("amount.refund", fen(terms.refund()), refund.getAmount().getRefund());
        requireAnswer("amount.total", fen(terms.total()), refund.getAmount().getTotal());
        return status(refund.getStatus().name(), refund.getSuccessTime());
    }

    private static RefundStatus status(String state, @Nullable String successTime) {
        return switch (state) {
            case "PROCESSING" -> new RefundStatus.Processing();
            case "SUCCESS" -> new RefundStatus.Succeeded(instant(successTime));
            case "ABNORMAL", "CLOSED" -> new RefundStatus.Failed(state);
            default -> throw new IllegalArgumentException("no such refund state: " + state);
        };
    }

    private static void requireAnswer(String field, Object asked, @Nullable Object answered) {
        if (!asked.equals(answered)) {
            throw new IllegalStateException("asked for " + field + " " + asked + ", answered for " + answered);
        }
    }

    private static <T> T orIfNotFound(T otherwise, Supplier<T> call) {
        try {
            return call(call);
        } catch (Refused e) {
            if (e.reason() == Refusal.NOT_FOUND) {
                return otherwise;
            }
            throw e;
        }
    }

    /**
     * The library throws its own exceptions, but also Gson's on an error page and NullPointerExceptions where a header or field
     * is missing. Whatever it is, the provider's decision did not reach us, unless it is a refusal.
     */
    private static <T> T call(Supplier<T> call) {
        try {
            return call.get();
        } catch (ServiceException e) {
            throw e.getErrorCode() == null || isPassing(e.getHttpStatusCode())
                    ? new Unavailable(
                            "WeChat Pay answers " + e.getHttpStatusCode(),
                            e.getHttpStatusCode() == TOO_MANY_REQUESTS,
                            e)
                    : new Refused(reason(e), e.getErrorCode(), String.valueOf(e.getErrorMessage()), e);
        } catch (RuntimeException e) {
            throw new Unavailable("no answer of WeChat Pay that can be trusted", e);
        }
    }

    /** A bad signature is a fault of our set-up, or of our clock: it says nothing about the payment. */
    private static boolean isPassing(int httpStatus) {
        return httpStatus >= 500 || httpStatus == TOO_MANY_REQUESTS || httpStatus == UNAUTHORIZED;
    }

    private static Refusal reason(ServiceException e) {
        if (e.getHttpStatusCode() == NOT_FOUND) {
            return Refusal.NOT_FOUND;
        }
        return switch (e.getErrorCode()) {
            case "ORDERPAID", "ORDER_PAID" -> Refusal.ALREADY_PAID;
            case "ORDER_CLOSED", "ORDERCLOSED" -> Refusal.CLOSED;
            case "OUT_TRADE_NO_USED" -> Refusal.CONFLICT;
            default -> Refusal.OTHER;
        };
    }

    @Override
    public Notification parse(Map<String, String> headers, String body) {
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

    private static Captured captured(String id, JsonNode transaction) {
        String state = text(transaction, "trade_state");
        if (!state.equals("SUCCESS")) {
            throw malformed("a capture in state " + state, null);
        }
        JsonNode amount = transaction.required("amount");
        return new Captured(
                id,
                new PaymentId(uuid(text(transaction, "out_trade_no"))),
                new Capture(
                        text(transaction, "transaction_id"),
                        new Money(
                                Currency.getInstance(text(amount, "currency")),
                                amount.required("total").longValue()),
                        instant(text(transaction, "success_time"))));
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
                status(state, refund.path("success_time").asString(null)));
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

    private static int priceInFen(Money money) {
        long fen = fen(money);
        if (fen > Integer.MAX_VALUE) {
            throw new Refused(Refusal.OTHER, "AMOUNT_TOO_LARGE", "WeChat Pay does not take " + money, null);
        }
        return (int) fen;
    }

    private static long fen(Money money) {
        if (!money.currency().equals(CNY)) {
            throw new Refused(Refusal.OTHER, "CURRENCY_NOT_TAKEN", "WeChat Pay takes CNY, not " + money, null);
        }
        return money.minorUnits();
    }

    /** An out_trade_no has 32 characters at most: exactly a UUID's digits. */
    static String number(String uuid) {
        return uuid.replace("-", "");
    }

    /** @throws IllegalArgumentException if these are not 32 characters; PaymentId and RefundId check the rest */
    static String uuid(String number) {
        if (number.length() != 32) {
            throw new IllegalArgumentException("not a number of ours: " + number);
        }
        return String.join(
                "-",
                number.substring(0, 8),
                number.substring(8, 12),
                number.substring(12, 16),
                number.substring(16, 20),
                number.substring(20));
    }

    /** WeChat Pay wants whole seconds and a numeric offset. */
    private static String rfc3339(Instant instant) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                OffsetDateTime.ofInstant(instant.truncatedTo(ChronoUnit.SECONDS), BEIJING));
    }

    private static Instant instant(@Nullable String rfc3339) {
        if (rfc3339 == null) {
            throw new IllegalArgumentException("the time is missing");
        }
        return OffsetDateTime.parse(rfc3339).toInstant();
    }

    private static String atMost(int characters, String text) {
        return text.codePointCount(0, text.length()) <= characters
                ? text
                : text.substring(0, text.offsetByCodePoints(0, characters));
    }
}
