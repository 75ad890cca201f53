package io.jiucang.payment;

import static io.jiucang.payment.WeChatPayCalls.call;
import static io.jiucang.payment.WeChatPayCalls.orIfNotFound;
import static io.jiucang.payment.WeChatPayForm.BEIJING;
import static io.jiucang.payment.WeChatPayForm.atMost;
import static io.jiucang.payment.WeChatPayForm.fen;
import static io.jiucang.payment.WeChatPayForm.number;
import static io.jiucang.payment.WeChatPayForm.priceInFen;
import static io.jiucang.payment.WeChatPayForm.rfc3339;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.wechat.pay.java.core.RSAPublicKeyConfig;
import com.wechat.pay.java.core.http.DefaultHttpClientBuilder;
import com.wechat.pay.java.core.http.HttpClient;
import com.wechat.pay.java.core.util.PemUtil;
import com.wechat.pay.java.service.billdownload.BillDownloadServiceExtension;
import com.wechat.pay.java.service.billdownload.DigestBillEntity;
import com.wechat.pay.java.service.billdownload.model.BillType;
import com.wechat.pay.java.service.billdownload.model.GetTradeBillRequest;
import com.wechat.pay.java.service.payments.nativepay.NativePayService;
import com.wechat.pay.java.service.payments.nativepay.model.Amount;
import com.wechat.pay.java.service.payments.nativepay.model.CloseOrderRequest;
import com.wechat.pay.java.service.payments.nativepay.model.PrepayRequest;
import com.wechat.pay.java.service.refund.RefundService;
import com.wechat.pay.java.service.refund.model.AmountReq;
import com.wechat.pay.java.service.refund.model.CreateRequest;
import com.wechat.pay.java.service.refund.model.QueryByOutRefundNoRequest;
import com.wechat.pay.java.service.refund.model.Refund;
import io.jiucang.events.value.Base64Url;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.title.receipt.ProviderKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** WeChat Pay API v3, Native payment: yuan only, in fen; its public key mode. */
final class WeChatPay implements PaymentProvider {

    private static final int LONGEST_DESCRIPTION = 127;
    private static final int LONGEST_REASON = 80;

    private final WeChatPaySettings settings;
    private final WeChatPayQuery query;
    private final WeChatPayNotices notices;
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
                        .build(),
                key(settings));
    }

    private static ProviderKey key(WeChatPaySettings settings) {
        return new ProviderKey(
                settings.platformPublicKeyId(),
                Base64Url.encode(PemUtil.loadPublicKeyFromPath(
                                settings.platformPublicKey().toString())
                        .getEncoded()));
    }

    /**
     * @param config the keys, whatever the settings say about their files
     * @param key WeChat Pay's, once more: as the law reads receipts by it
     */
    WeChatPay(WeChatPaySettings settings, Clock clock, RSAPublicKeyConfig config, ProviderKey key) {
        this.settings = settings;
        OkHttpClient client = WeChatPayHttp.client(settings);
        query = new WeChatPayQuery(settings, client, config.createCredential(), key);
        notices = new WeChatPayNotices(settings, clock, config);
        HttpClient http = new DefaultHttpClientBuilder()
                .config(config)
                .okHttpClient(client)
                .enableRetryMultiDomain()
                .build();
        payments = new NativePayService.Builder().httpClient(http).build();
        refunds = new RefundService.Builder().httpClient(http).build();
        bills = new BillDownloadServiceExtension.Builder()
                .httpClient(http)
                .decryptor(config.createDecryptor())
                .build();
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
        return query.byNumber(number(id.value()));
    }

    @Override
    public PaymentStatus query(PaymentId id, String transactionId) {
        return query.byTransaction(transactionId, number(id.value()));
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
        return WeChatPayForm.refundStatus(refund.getStatus().name(), refund.getSuccessTime());
    }

    private static void requireAnswer(String field, Object asked, @Nullable Object answered) {
        if (!asked.equals(answered)) {
            throw new IllegalStateException("asked for " + field + " " + asked + ", answered for " + answered);
        }
    }

    @Override
    public Notification parse(Map<String, String> headers, String body) {
        return notices.parse(headers, body);
    }
}
