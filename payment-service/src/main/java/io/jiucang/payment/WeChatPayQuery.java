package io.jiucang.payment;

import static io.jiucang.payment.WeChatPayForm.CNY;

import com.wechat.pay.java.core.auth.Credential;
import com.wechat.pay.java.core.http.okhttp.OkHttpMultiDomainInterceptor;
import io.jiucang.payment.PaymentProvider.Capture;
import io.jiucang.payment.PaymentProvider.PaymentStatus;
import io.jiucang.payment.PaymentProvider.PaymentStatus.NoReceipt;
import io.jiucang.payment.PaymentProvider.PaymentStatus.Paid;
import io.jiucang.payment.PaymentProvider.Unavailable;
import io.jiucang.title.receipt.ProviderKey;
import io.jiucang.title.receipt.Receipt;
import io.jiucang.title.receipt.ReceiptRefused;
import io.jiucang.title.receipt.SignedAnswer;
import java.io.IOException;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;

/**
 * Asks WeChat Pay for a transaction. The library would read the answer and throw away what makes it evidence, its bytes
 * with their signature; here they are kept, and judged by the law alone (S3).
 */
final class WeChatPayQuery {

    private static final HttpUrl TRANSACTIONS = HttpUrl.get("https://api.mch.weixin.qq.com/v3/pay/transactions");

    private final WeChatPaySettings settings;
    private final OkHttpClient client;
    private final Credential credential;
    private final ProviderKey key;

    WeChatPayQuery(WeChatPaySettings settings, OkHttpClient client, Credential credential, ProviderKey key) {
        this.settings = settings;
        this.client = client.newBuilder()
                .addInterceptor(new OkHttpMultiDomainInterceptor())
                .build();
        this.credential = credential;
        this.key = key;
    }

    PaymentStatus byNumber(String outTradeNo) {
        return ask("out-trade-no", outTradeNo)
                .map(answer -> read(answer, outTradeNo))
                .orElseGet(WeChatPayQuery::unknown);
    }

    PaymentStatus byTransaction(String transactionId, String outTradeNo) {
        PaymentStatus status =
                ask("id", transactionId).map(answer -> read(answer, outTradeNo)).orElseGet(WeChatPayQuery::unknown);
        return status instanceof Paid paid && !paid.capture().transactionId().equals(transactionId)
                ? new NoReceipt("OTHER_TRANSACTION")
                : status;
    }

    private static PaymentStatus unknown() {
        return new NoReceipt("UNKNOWN");
    }

    private PaymentStatus read(SignedAnswer answer, String outTradeNo) {
        try {
            Receipt receipt = Receipt.read(
                    answer, key, new Receipt.Expected(settings.appId(), settings.merchantId(), outTradeNo, CNY));
            return new Paid(
                    new Capture(
                            receipt.transactionId(),
                            receipt.amount(),
                            receipt.paidAt(),
                            answer.sha256().hex()),
                    answer);
        } catch (ReceiptRefused e) {
            return new NoReceipt(e.reason().name());
        }
    }

    /** @return empty if WeChat Pay has no such transaction */
    private Optional<SignedAnswer> ask(String by, String number) {
        HttpUrl url = TRANSACTIONS
                .newBuilder()
                .addPathSegment(by)
                .addPathSegment(number)
                .addQueryParameter("mchid", settings.merchantId())
                .build();
        Request request = new Request.Builder()
                .url(url)
                .header("Accept", "application/json")
                .header("Authorization", credential.getAuthorization(url.uri(), "GET", ""))
                // By which key it shall sign.
                .header("Wechatpay-Serial", key.serial())
                .build();
        try (Response response = client.newCall(request).execute()) {
            return switch (response.code()) {
                case 200 -> Optional.of(answer(response));
                case WeChatPayCalls.NOT_FOUND -> Optional.empty();
                default ->
                    throw new Unavailable(
                            "WeChat Pay answers " + response.code(),
                            response.code() == WeChatPayCalls.TOO_MANY_REQUESTS,
                            null);
            };
        } catch (IOException | IllegalArgumentException e) {
            throw new Unavailable("no answer of WeChat Pay that can be trusted", e);
        }
    }

    private static SignedAnswer answer(Response response) throws IOException {
        ResponseBody body = Objects.requireNonNull(response.body(), "of an executed call there always is one");
        return new SignedAnswer(
                header(response, "Wechatpay-Serial"),
                header(response, "Wechatpay-Timestamp"),
                header(response, "Wechatpay-Nonce"),
                body.byteStream().readNBytes(SignedAnswer.LONGEST_BODY + 1),
                Base64.getDecoder().decode(header(response, "Wechatpay-Signature")));
    }

    private static String header(Response response, String name) {
        String value = response.header(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }
}
