package io.jiucang.simulators.wechatpay;

import static io.jiucang.simulators.wechatpay.Protocol.JSON;
import static io.jiucang.simulators.wechatpay.Protocol.time;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;

import io.jiucang.simulators.KeyFiles;
import io.jiucang.simulators.LoopbackServer.Answer;
import io.jiucang.simulators.LoopbackServer.Request;
import io.jiucang.simulators.wechatpay.Book.Refund;
import io.jiucang.simulators.wechatpay.Faults.Mixup;
import io.jiucang.simulators.wechatpay.Faults.Outage;
import io.jiucang.simulators.wechatpay.Faults.RefundFailure;
import java.net.URLDecoder;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** The merchant's side of WeChat Pay: signed requests in, signed answers out. */
final class ApiV3 {

    private static final Duration AN_HOUR = Duration.ofHours(1);
    private static final Duration SIGNATURE_LIFETIME = Duration.ofMinutes(5);
    private static final Pattern CREDENTIAL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");
    private static final String OTHER = "0199a1b2c3d47e5f8a9b0c1d2e3f4a5b";
    private static final String BILL_PATH = "/v3/billdownload/file";

    private final Keys keys;
    private final Book book;
    private final Cashier cashier;
    private final Faults faults;
    private final Clock clock;
    private final Consumer<Refund> onRefund;
    private final Map<String, Integer> queries = new ConcurrentHashMap<>();
    private final List<Route> routes;

    /** @param onRefund told of each refund that was accepted, also when it is asked for again */
    ApiV3(Keys keys, Book book, Cashier cashier, Faults faults, Clock clock, Consumer<Refund> onRefund) {
        this.keys = keys;
        this.book = book;
        this.cashier = cashier;
        this.faults = faults;
        this.clock = clock;
        this.onRefund = onRefund;
        this.routes = List.of(
                new Route("POST", "/v3/pay/transactions/native", this::prepay),
                new Route("GET", "/v3/pay/transactions/id/([^/]+)", this::queryById),
                new Route("GET", "/v3/pay/transactions/out-trade-no/([^/]+)", this::query),
                new Route("POST", "/v3/pay/transactions/out-trade-no/([^/]+)/close", this::close),
                new Route("POST", "/v3/refund/domestic/refunds", this::refund),
                new Route("GET", "/v3/refund/domestic/refunds/([^/]+)", this::queryRefund),
                new Route("GET", "/v3/certificates", this::certificates),
                new Route("GET", "/v3/bill/tradebill", this::tradeBill));
    }

    private record Route(String method, Pattern path, Operation operation) {

        Route(String method, String path, Operation operation) {
            this(method, Pattern.compile(path), operation);
        }
    }

    @FunctionalInterface
    private interface Operation {
        /** @return what to answer, as JSON; empty for 204 No Content */
        Optional<Object> answer(Request request, MatchResult path);
    }

    Answer handle(Request request) throws InterruptedException {
        if (faults.outage() == Outage.ERRORS) {
            return signed(request, failure(new WeChatPayError(500, "SYSTEM_ERROR", "系统异常，请稍后重试")));
        }
        Thread.sleep(faults.latency());
        Answer answer;
        try {
            verify(request);
            if (faults.isTooMany(clock.instant())) {
                throw new WeChatPayError(429, "FREQUENCY_LIMITED", "频率超限，请降低请求接口频率");
            }
            if (request.target().getPath().equals(BILL_PATH)) {
                // The bill is the one answer that is not signed; its hash was.
                return new Answer(200, Map.of("Content-Type", "text/plain"), bill(request, "token"));
            }
            answer = route(request);
        } catch (WeChatPayError e) {
            answer = failure(e);
        } catch (JacksonException e) {
            answer = failure(Cashier.parameter("the body is not the expected JSON"));
        }
        if (faults.outage() == Outage.SILENCE) {
            faults.awaitEndOfSilence();
            return Answer.NONE;
        }
        return signed(request, answer);
    }

    private Answer route(Request request) {
        for (Route route : routes) {
            Matcher path = route.path().matcher(request.target().getPath());
            if (route.method().equals(request.method()) && path.matches()) {
                return route.operation()
                        .answer(request, path)
                        .map(body -> json(200, body))
                        .orElseGet(() -> new Answer(204, Map.of(), ""));
            }
        }
        throw new WeChatPayError(404, "NOT_FOUND", "没有这个接口");
    }

    /** @throws WeChatPayError unless the merchant signed this method, URL and body within the last five minutes */
    private void verify(Request request) {
        String authorization = request.header("Authorization");
        if (authorization == null || !authorization.startsWith(Keys.SCHEMA + " ")) {
            throw unsigned("Authorization must be of type " + Keys.SCHEMA);
        }
        Map<String, String> credential = CREDENTIAL
                .matcher(authorization.substring(Keys.SCHEMA.length()))
                .results()
                .collect(toMap(match -> match.group(1), match -> match.group(2), (first, second) -> ""));
        String timestamp = credential.getOrDefault("timestamp", "");
        if (!keys.merchant().id().equals(credential.get("mchid"))) {
            throw unsigned("unknown mchid");
        }
        if (!keys.merchant().certificateSerial().equals(credential.get("serial_no"))) {
            throw unsigned("unknown merchant certificate");
        }
        if (!isRecent(timestamp)) {
            throw unsigned("timestamp is not within five minutes");
        }
        String url = request.target().getRawPath()
                + (request.target().getRawQuery() == null
                        ? ""
                        : "?" + request.target().getRawQuery());
        String message = String.join(
                "\n", request.method(), url, timestamp, credential.getOrDefault("nonce_str", ""), request.body(), "");
        if (!keys.signedByMerchant(message, credential.getOrDefault("signature", ""))) {
            throw unsigned("签名错误，请检查后再试");
        }
    }

    private boolean isRecent(String timestamp) {
        try {
            Instant signed = Instant.ofEpochSecond(Long.parseLong(timestamp));
            return Duration.between(signed, clock.instant()).abs().compareTo(SIGNATURE_LIFETIME) <= 0;
        } catch (NumberFormatException | DateTimeException | ArithmeticException e) {
            return false;
        }
    }

    private static WeChatPayError unsigned(String message) {
        return new WeChatPayError(401, "SIGN_ERROR", message);
    }

    private Answer signed(Request request, Answer answer) {
        X509Certificate certificate = keys.platformCertificate();
        // A merchant that still uses platform certificates says so by the serial it sends.
        String serial = Keys.serial(certificate).equals(request.header("Wechatpay-Serial"))
                ? Keys.serial(certificate)
                : keys.publicKeyId();
        Instant at = faults.mixup() == Mixup.OTHER_ANSWER ? clock.instant().minus(AN_HOUR) : clock.instant();
        var headers = new LinkedHashMap<>(answer.headers());
        headers.putAll(
                faults.impostor()
                        ? keys.forgedHeaders(serial, at, answer.body())
                        : keys.signatureHeaders(serial, at, answer.body()));
        headers.put("Request-ID", Keys.random(32));
        return new Answer(answer.status(), headers, answer.body());
    }

    private static Answer failure(WeChatPayError error) {
        return json(error.status(), new Protocol.Failure(error.code(), String.valueOf(error.getMessage())));
    }

    static Answer json(int status, Object body) {
        return new Answer(
                status, Map.of("Content-Type", "application/json; charset=utf-8"), JSON.writeValueAsString(body));
    }

    private Optional<Object> prepay(Request request, MatchResult path) {
        return Optional.of(cashier.prepay(JSON.readValue(request.body(), Protocol.Prepay.class)));
    }

    private Optional<Object> query(Request request, MatchResult path) {
        requireMerchant(request);
        return Optional.of(answered(cashier.query(path.group(1))));
    }

    private Optional<Object> queryById(Request request, MatchResult path) {
        requireMerchant(request);
        return Optional.of(answered(cashier.queryById(path.group(1))));
    }

    int queries(String outTradeNo) {
        return queries.getOrDefault(outTradeNo, 0);
    }

    private Object answered(Protocol.Transaction transaction) {
        queries.merge(transaction.outTradeNo(), 1, Integer::sum);
        Mixup mixup = faults.mixup();
        ObjectNode answer = JSON.valueToTree(transaction);
        switch (mixup) {
            case NONE, OTHER_AMOUNT -> {}
            case OTHER_MERCHANT -> answer.put("mchid", OTHER);
            case OTHER_APP -> answer.put("appid", OTHER);
            case OTHER_NUMBER -> answer.put("out_trade_no", OTHER);
            case OTHER_CURRENCY -> answer.withObject("amount").put("currency", "HKD");
            case OTHER_ANSWER -> answer = JSON.valueToTree(cashier.paidOtherThan(transaction.outTradeNo()));
            case NOTPAY, CLOSED, REFUND -> answer.put("trade_state", mixup.name());
            case NAME_TWICE ->
                answer.putRawValue("trade_state", new RawValue("\"CLOSED\",\"trade_state\":\"SUCCESS\""));
            case UNKNOWN_MEMBER -> answer.put("sub_mchid", OTHER);
            case NOT_FOUND -> throw new WeChatPayError(404, "ORDER_NOT_EXIST", "订单不存在");
        }
        return answer;
    }

    private Optional<Object> close(Request request, MatchResult path) {
        cashier.close(path.group(1), JSON.readValue(request.body(), Protocol.Close.class));
        return Optional.empty();
    }

    private Optional<Object> refund(Request request, MatchResult path) {
        if (faults.refundFailure() == RefundFailure.NOT_ENOUGH) {
            throw new WeChatPayError(403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起");
        }
        Refund refund = cashier.refund(JSON.readValue(request.body(), Protocol.CreateRefund.class));
        onRefund.accept(refund);
        return Optional.of(view(refund));
    }

    private Optional<Object> queryRefund(Request request, MatchResult path) {
        return Optional.of(view(cashier.refundByNo(path.group(1))));
    }

    private Protocol.Refund view(Refund refund) {
        long amount = faults.mixup() == Mixup.OTHER_AMOUNT ? refund.refund() - 1 : refund.refund();
        return new Protocol.Refund(
                refund.refundId(),
                faults.mixup() == Mixup.OTHER_NUMBER ? OTHER : refund.outRefundNo(),
                refund.transactionId(),
                refund.outTradeNo(),
                "ORIGINAL",
                "支付用户零钱",
                refund.succeededAt() == null ? null : time(refund.succeededAt()),
                time(refund.createdAt()),
                refund.status().name(),
                "AVAILABLE",
                new Protocol.RefundAmount(
                        refund.total(), amount, refund.total(), amount, amount, refund.total(), 0, "CNY"));
    }

    private Optional<Object> certificates(Request request, MatchResult path) {
        X509Certificate certificate = keys.platformCertificate();
        try {
            return Optional.of(new Protocol.Certificates(List.of(new Protocol.Certificate(
                    Keys.serial(certificate),
                    time(certificate.getNotBefore().toInstant()),
                    time(certificate.getNotAfter().toInstant()),
                    keys.seal(null, "certificate", KeyFiles.pem("CERTIFICATE", certificate.getEncoded()))))));
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Optional<Object> tradeBill(Request request, MatchResult path) {
        Map<String, String> query = query(request);
        if (!query.getOrDefault("bill_type", "ALL").equals("ALL") || query.containsKey("tar_type")) {
            throw Cashier.parameter("the simulator has only the uncompressed bill of type ALL");
        }
        String day = query.getOrDefault("bill_date", "");
        TradeBill bill = TradeBill.of(day(day), book, keys.merchant());
        String host = request.header("Host");
        return Optional.of(new Protocol.Bill("SHA1", bill.sha1(), "http://" + host + BILL_PATH + "?token=" + day));
    }

    private String bill(Request request, String parameter) {
        return TradeBill.of(day(query(request).getOrDefault(parameter, "")), book, keys.merchant())
                .text();
    }

    private static LocalDate day(String value) {
        try {
            return LocalDate.parse(value);
        } catch (DateTimeException e) {
            throw Cashier.parameter("bill_date must be yyyy-MM-dd");
        }
    }

    private void requireMerchant(Request request) {
        if (!keys.merchant().id().equals(query(request).get("mchid"))) {
            throw new WeChatPayError(400, "MCH_NOT_EXISTS", "商户号不存在");
        }
    }

    private static Map<String, String> query(Request request) {
        String query = request.target().getRawQuery();
        return query == null
                ? Map.of()
                : Arrays.stream(query.split("&"))
                        .map(pair -> pair.split("=", 2))
                        .filter(pair -> pair.length == 2)
                        .collect(toMap(pair -> pair[0], pair -> URLDecoder.decode(pair[1], UTF_8), (a, b) -> a));
    }
}
