package io.jiucang.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.wechat.pay.java.core.RSAAutoCertificateConfig;
import com.wechat.pay.java.core.RSAPublicKeyConfig;
import com.wechat.pay.java.core.exception.ValidationException;
import com.wechat.pay.java.core.http.DefaultHttpClientBuilder;
import com.wechat.pay.java.service.billdownload.BillDownloadServiceExtension;
import com.wechat.pay.java.service.billdownload.model.BillType;
import com.wechat.pay.java.service.billdownload.model.GetTradeBillRequest;
import com.wechat.pay.java.service.payments.model.Transaction;
import com.wechat.pay.java.service.payments.nativepay.NativePayService;
import com.wechat.pay.java.service.payments.nativepay.model.QueryOrderByOutTradeNoRequest;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.Sha256;
import io.jiucang.payment.PaymentProvider.Notification;
import io.jiucang.payment.PaymentProvider.Notification.Captured;
import io.jiucang.payment.PaymentProvider.Notification.Refunded;
import io.jiucang.payment.PaymentProvider.NotificationRejected;
import io.jiucang.payment.PaymentProvider.PaymentStatus;
import io.jiucang.payment.PaymentProvider.PaymentStatus.NoReceipt;
import io.jiucang.payment.PaymentProvider.PaymentStatus.Paid;
import io.jiucang.payment.PaymentProvider.RefundStatus;
import io.jiucang.payment.PaymentProvider.RefundTerms;
import io.jiucang.payment.PaymentProvider.Refusal;
import io.jiucang.payment.PaymentProvider.Refused;
import io.jiucang.payment.PaymentProvider.Rejection;
import io.jiucang.payment.PaymentProvider.Unavailable;
import io.jiucang.simulators.KeyFiles;
import io.jiucang.simulators.LoopbackServer;
import io.jiucang.simulators.LoopbackServer.Answer;
import io.jiucang.simulators.LoopbackServer.Request;
import io.jiucang.simulators.wechatpay.Faults;
import io.jiucang.simulators.wechatpay.Merchant;
import io.jiucang.simulators.wechatpay.Pay;
import io.jiucang.simulators.wechatpay.Tampering;
import io.jiucang.simulators.wechatpay.Timing;
import io.jiucang.simulators.wechatpay.WeChatPayError;
import io.jiucang.simulators.wechatpay.WeChatPaySimulator;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WeChatPayIT {

    private static final Money PRICE = Money.cny(118_800);
    private static final String LATER = "the platform withdrew the cases";

    @TempDir
    Path directory;

    private final PaymentId payment = new PaymentId(Ids.next());
    private final RefundId refund = new RefundId(Ids.next());
    private final List<Request> received = new CopyOnWriteArrayList<>();
    private final List<Notification> believed = new CopyOnWriteArrayList<>();
    private final List<Rejection> rejected = new CopyOnWriteArrayList<>();
    private final Instant payBy = Instant.now().plus(Duration.ofMinutes(30));
    private WeChatPaySimulator simulator;
    private LoopbackServer shop;
    private WeChatPay weChatPay;

    @BeforeEach
    void start() {
        simulator = WeChatPaySimulator.start(directory, 0, Timing.QUICK, Clock.systemUTC());
        shop = LoopbackServer.start(0, this::notified);
        weChatPay = new WeChatPay(settings(simulator.merchant()), Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        simulator.close();
        shop.close();
    }

    private WeChatPaySettings settings(Merchant merchant) {
        return new WeChatPaySettings(
                merchant.id(),
                merchant.appId(),
                merchant.certificateSerial(),
                merchant.privateKey(),
                merchant.apiV3Key(),
                merchant.platformPublicKeyId(),
                merchant.platformPublicKey(),
                URI.create(shop.url() + "/notify"),
                simulator.baseUrl(),
                Duration.ofSeconds(1));
    }

    private Answer notified(Request request) {
        received.add(request);
        try {
            believed.add(weChatPay.parse(headers(request), request.body()));
            return new Answer(204, Map.of(), "");
        } catch (NotificationRejected e) {
            rejected.add(e.reason());
            return new Answer(401, Map.of(), "");
        }
    }

    private static Map<String, String> headers(Request request) {
        var headers = new HashMap<String, String>();
        request.headers().forEach((name, values) -> headers.put(name, values.getFirst()));
        return headers;
    }

    private String open() {
        return weChatPay.open(payment, PRICE, "汾酒 青花30, 2 cases", payBy).codeUrl();
    }

    private String paid() {
        open();
        return simulator.pay(WeChatPayForm.number(payment.value()), Pay.IN_FULL.notified(0));
    }

    private static String captured(PaymentStatus status) {
        return ((Paid) status).capture().transactionId();
    }

    private static RefundTerms whole(String transactionId) {
        return new RefundTerms(transactionId, PRICE, PRICE);
    }

    @Test
    void isPaidAndTold() {
        String codeUrl = open();
        assertThat(codeUrl).startsWith("weixin://wxpay/");
        assertThat(weChatPay.query(payment)).isEqualTo(new NoReceipt("NOT_SUCCESS"));

        String transactionId = simulator.pay(codeUrl, Pay.IN_FULL.notified(2));

        await().until(() -> believed.size() == 2);
        assertThat(believed.get(0)).isEqualTo(believed.get(1));
        var told = (Captured) believed.getFirst();
        assertThat(told.paymentId()).isEqualTo(payment);
        assertThat(told.transactionId()).isEqualTo(transactionId);
        Paid paid = (Paid) weChatPay.query(payment);
        assertThat(paid.capture().amount()).isEqualTo(PRICE);
        assertThat(paid.capture().transactionId()).isEqualTo(transactionId);
        assertThat(paid.capture().receipt()).isEqualTo(Sha256.hex(paid.answer().bytes()));
    }

    @Test
    void opensOnceHoweverOftenItIsAsked() {
        assertThat(open()).isEqualTo(open());
        assertRefused(Refusal.CONFLICT, () -> weChatPay.open(payment, Money.cny(1), "汾酒", payBy));
        assertThat(weChatPay.query(new PaymentId(Ids.next()))).isEqualTo(new NoReceipt("UNKNOWN"));
    }

    @Test
    void tellsWhatWasReallyPaid() {
        open();
        simulator.pay(
                WeChatPayForm.number(payment.value()), Pay.IN_FULL.charging(1).notified(0));
        Paid paid = (Paid) weChatPay.query(payment);
        assertThat(paid.capture().amount()).isEqualTo(Money.cny(1));
    }

    @ParameterizedTest
    @CsvSource({
        "FORGED, FORGED",
        "ALTERED, FORGED",
        "STALE, STALE",
        "UNKNOWN_KEY, UNKNOWN_KEY",
        "OTHER_APP, NOT_OURS",
        "OTHER_MERCHANT, NOT_OURS"
    })
    void refusesAnAttackersNotification(Tampering tampering, Rejection reason) throws Exception {
        open();
        assertThat(simulator.sendNotification(WeChatPayForm.number(payment.value()), tampering))
                .isEqualTo(401);
        assertThat(rejected).containsExactly(reason);
        assertThat(believed).isEmpty();
        assertThat(weChatPay.query(payment)).isEqualTo(new NoReceipt("NOT_SUCCESS"));
    }

    @Test
    void refusesAReplaySixMinutesLater() {
        String codeUrl = open();
        simulator.pay(codeUrl, Pay.IN_FULL);
        await().until(() -> believed.size() == 1);
        var later =
                new WeChatPay(settings(simulator.merchant()), Clock.offset(Clock.systemUTC(), Duration.ofMinutes(6)));
        Request overheard = received.getFirst();
        assertThat(catchThrowableOfType(
                                NotificationRejected.class, () -> later.parse(headers(overheard), overheard.body()))
                        .reason())
                .isEqualTo(Rejection.STALE);
    }

    @Test
    void onceClosedNobodyCanPay() {
        String codeUrl = open();
        weChatPay.close(payment);
        weChatPay.close(payment);
        assertThat(weChatPay.query(payment)).isEqualTo(new NoReceipt("NOT_SUCCESS"));
        assertThatThrownBy(() -> simulator.pay(codeUrl, Pay.IN_FULL)).isInstanceOf(WeChatPayError.class);
        assertRefused(Refusal.CLOSED, this::open);
        weChatPay.close(new PaymentId(Ids.next()));
    }

    @Test
    void cannotCloseWhatIsPaid() {
        paid();
        assertRefused(Refusal.ALREADY_PAID, () -> weChatPay.close(payment));
        assertRefused(Refusal.ALREADY_PAID, this::open);
    }

    @Test
    void hearsOfMoneyThatComesAfterClosing() {
        open();
        weChatPay.close(payment);
        simulator.pay(WeChatPayForm.number(payment.value()), Pay.IN_FULL.evenAfterClosing());
        await().until(() -> believed.size() == 1);
        assertThat(weChatPay.query(payment)).isInstanceOf(Paid.class);
    }

    @Test
    void refundsOnceHoweverOftenItIsAsked() {
        String transactionId = paid();
        assertThat(weChatPay.refundStatus(refund, payment, whole(transactionId)))
                .isEmpty();
        assertThat(weChatPay.refund(refund, payment, whole(transactionId), LATER))
                .isEqualTo(new RefundStatus.Processing());
        await().until(() -> believed.size() == 1);
        var told = (Refunded) believed.getFirst();
        assertThat(told.refundId()).isEqualTo(refund);
        assertThat(told.paymentId()).isEqualTo(payment);
        assertThat(told.status()).isInstanceOf(RefundStatus.Succeeded.class);
        assertThat(weChatPay.refundStatus(refund, payment, whole(transactionId)))
                .contains(told.status());
        assertThat(weChatPay.refund(refund, payment, whole(transactionId), LATER))
                .isEqualTo(told.status());
        assertThat(simulator.statement()).hasSize(2);
        assertRefused(
                Refusal.OTHER,
                () -> weChatPay.refund(
                        new RefundId(Ids.next()), payment, new RefundTerms(transactionId, Money.cny(1), PRICE), LATER));
    }

    @Test
    void refundsASecondChargeOfTheSamePayment() {
        String first = paid();
        String second = simulator.pay(WeChatPayForm.number(payment.value()), Pay.IN_FULL.onceMore());
        assertThat(second).isNotEqualTo(first);
        await().until(() -> believed.size() == 1);
        assertThat(((Captured) believed.getFirst()).transactionId()).isEqualTo(second);
        assertThat(captured(weChatPay.query(payment))).isEqualTo(first);
        assertThat(captured(weChatPay.query(payment, second))).isEqualTo(second);
        assertThat(weChatPay.refund(refund, payment, whole(second), "charged twice"))
                .isEqualTo(new RefundStatus.Processing());
    }

    @ParameterizedTest
    @EnumSource(names = {"ABNORMAL", "CLOSED"})
    void tellsThatARefundFailed(Faults.RefundFailure failure) {
        String transactionId = paid();
        simulator.faults().refundFailure(failure);
        weChatPay.refund(refund, payment, whole(transactionId), LATER);
        await().until(() -> believed.size() == 1);
        assertThat(((Refunded) believed.getFirst()).status()).isEqualTo(new RefundStatus.Failed(failure.name()));
        assertThat(weChatPay.refundStatus(refund, payment, whole(transactionId)))
                .contains(new RefundStatus.Failed(failure.name()));
    }

    @Test
    void refusesWhatCannotBeRefunded() {
        String transactionId = paid();
        assertRefused(
                Refusal.NOT_FOUND,
                () -> weChatPay.refund(refund, payment, whole("4200000000000000000000000000"), LATER));
        simulator.faults().refundFailure(Faults.RefundFailure.NOT_ENOUGH);
        Refused refused =
                assertRefused(Refusal.OTHER, () -> weChatPay.refund(refund, payment, whole(transactionId), LATER));
        assertThat(refused.providerCode()).isEqualTo("NOT_ENOUGH");
    }

    @Test
    void anOutageIsNoRefusal() {
        simulator.faults().outage(Faults.Outage.ERRORS);
        assertUnavailable(this::open);
        assertUnavailable(() -> weChatPay.query(payment));
        assertUnavailable(() -> weChatPay.close(payment));
        assertUnavailable(() -> weChatPay.refundStatus(refund, payment, whole("4200")));
        simulator.faults().outage(Faults.Outage.NONE);
        assertThat(weChatPay.query(payment)).isEqualTo(new NoReceipt("UNKNOWN"));
    }

    @Test
    void whatWasDoneWithoutAnAnswerIsNotDoneTwice() {
        String transactionId = paid();
        simulator.faults().outage(Faults.Outage.SILENCE);
        assertUnavailable(() -> weChatPay.refund(refund, payment, whole(transactionId), LATER));
        simulator.faults().outage(Faults.Outage.NONE);
        weChatPay.refund(refund, payment, whole(transactionId), LATER);
        await().until(() -> simulator.statement().size() == 2);
        assertThat(simulator.statement().getLast().amount()).isEqualTo(PRICE.minorUnits());
    }

    @Test
    void aDeadProviderOrAnErrorPageIsAnOutage() {
        try (var proxy = LoopbackServer.start(
                0, request -> new Answer(502, Map.of("Content-Type", "text/html"), "<h1>Bad Gateway</h1>"))) {
            var behindProxy = new WeChatPay(at(proxy.url()), Clock.systemUTC());
            assertUnavailable(() -> behindProxy.query(payment));
        }
        simulator.close();
        assertUnavailable(this::open);
        simulator = WeChatPaySimulator.start(directory, 0, Timing.QUICK, Clock.systemUTC());
    }

    private WeChatPaySettings at(URI baseUrl) {
        WeChatPaySettings known = settings(simulator.merchant());
        return new WeChatPaySettings(
                known.merchantId(),
                known.appId(),
                known.merchantSerial(),
                known.privateKey(),
                known.apiV3Key(),
                known.platformPublicKeyId(),
                known.platformPublicKey(),
                known.notifyUrl(),
                baseUrl,
                known.timeout());
    }

    @Test
    void doesNotBelieveAnImpostor() {
        paid();
        simulator.faults().impostor(true);
        assertThat(weChatPay.query(payment)).isEqualTo(new NoReceipt("NOT_SIGNED"));
        Unavailable unavailable =
                assertUnavailable(() -> weChatPay.open(new PaymentId(Ids.next()), PRICE, "汾酒", payBy));
        assertThat(unavailable).hasCauseInstanceOf(ValidationException.class);
        simulator.faults().impostor(false);
        assertThat(weChatPay.query(payment)).isInstanceOf(Paid.class);
    }

    /** Rightly signed, but the answer to another question: the signature covers no question. */
    @EveryMixup
    void noOtherAnswerIsAReceipt(Faults.Mixup mixup, String reason) {
        PaymentId other = new PaymentId(Ids.next());
        weChatPay.open(other, PRICE, "汾酒", payBy);
        simulator.pay(WeChatPayForm.number(other.value()), Pay.IN_FULL.notified(0));
        String transactionId = paid();
        simulator.faults().mixup(mixup);
        assertThat(weChatPay.query(payment)).isEqualTo(new NoReceipt(reason));
        assertThat(weChatPay.query(payment, transactionId)).isEqualTo(new NoReceipt(reason));
    }

    @ParameterizedTest
    @EnumSource(names = {"OTHER_NUMBER", "OTHER_AMOUNT"})
    void doesNotBelieveAnAnswerAboutAnotherRefund(Faults.Mixup mixup) {
        String transactionId = paid();
        simulator.faults().mixup(mixup);
        assertUnavailable(() -> weChatPay.refund(refund, payment, whole(transactionId), LATER));
        assertUnavailable(() -> weChatPay.refundStatus(refund, payment, whole(transactionId)));
    }

    @Test
    void tellsThatItIsAskedTooOften() {
        simulator.faults().callsPerSecond(0);
        assertThat(assertUnavailable(this::open).isBusy()).isTrue();
        simulator.faults().callsPerSecond(Integer.MAX_VALUE);
        simulator.faults().outage(Faults.Outage.ERRORS);
        assertThat(assertUnavailable(this::open).isBusy()).isFalse();
    }

    @Test
    void withTheWrongPlatformKeyNothingIsBelieved() throws Exception {
        open();
        Path otherKey = directory.resolve("other.public.pem");
        Files.writeString(
                otherKey,
                KeyFiles.pem("PUBLIC KEY", KeyFiles.newRsaKeyPair().getPublic().getEncoded()));
        weChatPay = new WeChatPay(settings(withKeys(simulator.merchant().privateKey(), otherKey)), Clock.systemUTC());
        assertThat(weChatPay.query(payment)).isEqualTo(new NoReceipt("NOT_SIGNED"));
        assertThat(simulator.sendNotification(WeChatPayForm.number(payment.value()), Tampering.NONE))
                .isEqualTo(401);
        assertThat(rejected).containsExactly(Rejection.FORGED);
    }

    @Test
    void aWrongMerchantKeyIsNoVerdictOnThePayment() {
        Path otherKey = directory.resolve("other.key.pem");
        KeyFiles.rsa(otherKey);
        weChatPay = new WeChatPay(
                settings(withKeys(otherKey, simulator.merchant().platformPublicKey())), Clock.systemUTC());
        assertUnavailable(this::open);
    }

    private Merchant withKeys(Path privateKey, Path platformPublicKey) {
        Merchant merchant = simulator.merchant();
        return new Merchant(
                merchant.id(),
                merchant.appId(),
                merchant.certificateSerial(),
                privateKey,
                merchant.apiV3Key(),
                merchant.platformPublicKeyId(),
                platformPublicKey);
    }

    /** The simulator is as good as what the official library makes of it, beyond what the adapter needs. */
    @Test
    void theLibraryReadsCertificatesAndBill() throws Exception {
        String transactionId = paid();
        WeChatPaySettings settings = settings(simulator.merchant());
        var http = new DefaultHttpClientBuilder().okHttpClient(WeChatPayHttp.client(settings));
        var byCertificate = new RSAAutoCertificateConfig.Builder()
                .merchantId(settings.merchantId())
                .merchantSerialNumber(settings.merchantSerial())
                .privateKeyFromPath(settings.privateKey().toString())
                .apiV3Key(settings.apiV3Key())
                .httpClientBuilder(http)
                .build();
        var query = new QueryOrderByOutTradeNoRequest();
        query.setMchid(settings.merchantId());
        query.setOutTradeNo(WeChatPayForm.number(payment.value()));
        Transaction transaction = new NativePayService.Builder()
                .httpClient(http.newInstance().config(byCertificate).build())
                .build()
                .queryOrderByOutTradeNo(query);
        assertThat(transaction.getTransactionId()).isEqualTo(transactionId);

        var byPublicKey = new RSAPublicKeyConfig.Builder()
                .merchantId(settings.merchantId())
                .merchantSerialNumber(settings.merchantSerial())
                .privateKeyFromPath(settings.privateKey().toString())
                .apiV3Key(settings.apiV3Key())
                .publicKeyId(settings.platformPublicKeyId())
                .publicKeyFromPath(settings.platformPublicKey().toString())
                .build();
        var request = new GetTradeBillRequest();
        request.setBillDate(LocalDate.now(ZoneOffset.ofHours(8)).toString());
        request.setBillType(BillType.ALL);
        var bill = new BillDownloadServiceExtension.Builder()
                .httpClient(http.newInstance().config(byPublicKey).build())
                .decryptor(byPublicKey.createDecryptor())
                .build()
                .getTradeBill(request);
        String text = new String(bill.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bill.verifyHash()).isTrue();
        assertThat(text).contains(transactionId, "`1188.00");
    }

    private static Refused assertRefused(Refusal reason, ThrowingCallable call) {
        Refused refused = catchThrowableOfType(Refused.class, call);
        assertThat(refused.reason()).isEqualTo(reason);
        return refused;
    }

    private static Unavailable assertUnavailable(ThrowingCallable call) {
        Unavailable unavailable = catchThrowableOfType(Unavailable.class, call);
        assertThat(unavailable).isNotNull();
        return unavailable;
    }
}
