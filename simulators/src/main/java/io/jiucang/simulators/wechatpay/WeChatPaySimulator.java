package io.jiucang.simulators.wechatpay;

import static io.jiucang.simulators.wechatpay.Protocol.JSON;

import io.jiucang.simulators.LoopbackServer;
import io.jiucang.simulators.LoopbackServer.Answer;
import io.jiucang.simulators.LoopbackServer.Request;
import io.jiucang.simulators.wechatpay.Book.Order;
import io.jiucang.simulators.wechatpay.Book.Refund;
import io.jiucang.simulators.wechatpay.Book.RefundStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * WeChat Pay API v3 for one merchant: Native payment, refunds, notifications, certificates and the trade bill; and, under
 * {@code /simulator}, the payer's phone and everything that can go wrong. Keys and state stay in its directory.
 */
public final class WeChatPaySimulator implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(WeChatPaySimulator.class.getName());
    private static final Duration STALE = Duration.ofMinutes(6);

    private final Keys keys;
    private final Book book;
    private final Cashier cashier;
    private final Notifier notifier;
    private final Faults faults = new Faults();
    private final Clock clock;
    private final Duration refundTime;
    private final ApiV3 api;
    private final LoopbackServer server;

    private WeChatPaySimulator(Path directory, int port, Timing timing, Clock clock) {
        this.clock = clock;
        refundTime = timing.refund();
        keys = new Keys(directory, clock);
        book = new Book(directory.resolve("journal.jsonl"));
        cashier = new Cashier(book, keys, clock);
        notifier = new Notifier(book, keys, timing.resend(), clock);
        api = new ApiV3(keys, book, cashier, faults, clock, this::endLater);
        server = LoopbackServer.start(port, this::handle);
        notifier.deliver(book.unsettledNotifications());
        cashier.refundsInProgress().forEach(this::endLater);
    }

    /**
     * @param directory keeps keys and journal; what is in it is taken up again
     * @param port 0 for any free one
     */
    public static WeChatPaySimulator start(Path directory, int port, Timing timing, Clock clock) {
        return new WeChatPaySimulator(directory, port, timing, clock);
    }

    public URI baseUrl() {
        return server.url();
    }

    public Merchant merchant() {
        return keys.merchant();
    }

    public Faults faults() {
        return faults;
    }

    /**
     * The payer pays.
     *
     * @param reference an out_trade_no, a code_url, or the code at its end
     * @return WeChat Pay's transaction_id
     * @throws WeChatPayError if there is no such order, or it is paid or closed and {@code how} does not insist
     */
    public String pay(String reference, Pay how) {
        Cashier.Paid paid = cashier.pay(reference, how);
        notifier.deliver(paid.notifications());
        return paid.capture().transactionId();
    }

    /** The payer pays after {@code delay}; if the order is closed by then, nothing happens. Forgotten on a restart. */
    public void payLater(String reference, Pay how, Duration delay) {
        cashier.find(reference);
        notifier.later(delay, () -> {
            try {
                pay(reference, how);
            } catch (WeChatPayError e) {
                LOG.log(System.Logger.Level.INFO, "the payer was refused: " + e.getMessage());
            }
        });
    }

    /** A notification that the order was paid, whether or not it was, as an attacker might send it. */
    public SignedMessage notification(String reference, Tampering tampering) {
        Order order = cashier.find(reference);
        String body = cashier.capturedBody(order, tampering);
        Instant now = clock.instant();
        return switch (tampering) {
            case NONE, OTHER_APP, OTHER_MERCHANT -> notifier.sign(body);
            case FORGED -> new SignedMessage(keys.forgedHeaders(keys.publicKeyId(), now, body), body);
            case UNKNOWN_KEY -> new SignedMessage(keys.forgedHeaders("PUB_KEY_ID_0000000000", now, body), body);
            case ALTERED -> {
                SignedMessage genuine = notifier.sign(body);
                yield new SignedMessage(genuine.headers(), body.replace("支付成功", "支付成功 "));
            }
            case STALE -> new SignedMessage(keys.signatureHeaders(keys.publicKeyId(), now.minus(STALE), body), body);
        };
    }

    /**
     * A notification that a refund succeeded, whether or not there is one, rightly signed.
     *
     * @param refund its amount and numbers
     * @param total of the payment it is a part of
     */
    public SignedMessage refundNotification(StatementLine refund, long total) {
        return notifier.sign(cashier.refundedBody(refund, total));
    }

    /** Sends {@link #notification} to the order's notify_url, once. @return the merchant's HTTP status */
    public int sendNotification(String reference, Tampering tampering) throws InterruptedException {
        try {
            return notifier.post(cashier.find(reference).notifyUrl(), notification(reference, tampering));
        } catch (IOException e) {
            throw new UncheckedIOException("the merchant does not answer", e);
        }
    }

    /** How many notifications are neither acknowledged nor given up. */
    public int undelivered() {
        return book.unsettledNotifications().size();
    }

    /** As a query by the merchant would tell it: {@code NOTPAY}, {@code SUCCESS}, {@code CLOSED} or {@code REFUND}. */
    public String tradeState(String outTradeNo) {
        return cashier.query(outTradeNo).tradeState();
    }

    /** How often the merchant has asked for this order, and was told. */
    public int queries(String outTradeNo) {
        return api.queries(outTradeNo);
    }

    /** All money that moved, oldest first. */
    public List<StatementLine> statement() {
        return cashier.statement();
    }

    private void endLater(Refund refund) {
        if (refund.status() != RefundStatus.PROCESSING) {
            return;
        }
        notifier.later(refundTime, () -> {
            RefundStatus end = switch (faults.refundFailure()) {
                case NONE, NOT_ENOUGH -> RefundStatus.SUCCESS;
                case ABNORMAL -> RefundStatus.ABNORMAL;
                case CLOSED -> RefundStatus.CLOSED;
            };
            notifier.deliver(cashier.endRefund(refund.outRefundNo(), end));
        });
    }

    private Answer handle(Request request) throws InterruptedException {
        if (request.target().getPath().startsWith("/simulator/")) {
            try {
                return ApiV3.json(200, simulate(request));
            } catch (WeChatPayError e) {
                return ApiV3.json(e.status(), new Protocol.Failure(e.code(), String.valueOf(e.getMessage())));
            } catch (JacksonException e) {
                return ApiV3.json(400, new Protocol.Failure("PARAM_ERROR", "the body is not the expected JSON"));
            }
        }
        return api.handle(request);
    }

    private record PayRequest(
            @Nullable Long amount,
            @Nullable Integer notifications,
            boolean afterClosing,
            boolean again,
            @Nullable Long delayMillis) {

        Pay how() {
            return new Pay(
                    amount == null ? OptionalLong.empty() : OptionalLong.of(amount),
                    notifications == null ? 1 : notifications,
                    afterClosing,
                    again);
        }
    }

    private record TamperRequest(Tampering tampering) {}

    private record FaultRequest(
            Faults.@Nullable Outage outage,
            Faults.@Nullable RefundFailure refundFailure,
            @Nullable Boolean impostor,
            Faults.@Nullable Mixup mixup,
            @Nullable Long latencyMillis,
            @Nullable Integer callsPerSecond) {}

    /** Each path is /simulator/payments[/reference[/what]], /simulator/faults or /simulator/statement. */
    private Object simulate(Request request) throws InterruptedException {
        String[] path =
                request.target().getPath().substring("/simulator/".length()).split("/", -1);
        String reference = path.length > 1 ? path[1] : "";
        String route = request.method() + " " + path[0] + (path.length > 2 ? "/" + path[2] : "");
        return switch (route) {
            case "GET payments" ->
                reference.isEmpty()
                        ? cashier.transactions()
                        : cashier.query(cashier.find(reference).outTradeNo());
            case "POST payments/pay" -> {
                var order = read(request, PayRequest.class);
                if (order.delayMillis() != null) {
                    payLater(reference, order.how(), Duration.ofMillis(order.delayMillis()));
                    yield Map.of("paying_in_millis", order.delayMillis());
                }
                yield Map.of("transaction_id", pay(reference, order.how()));
            }
            case "POST payments/notification" ->
                Map.of(
                        "status",
                        sendNotification(
                                reference, read(request, TamperRequest.class).tampering()));
            case "PUT faults" -> {
                var wanted = read(request, FaultRequest.class);
                if (wanted.outage() != null) {
                    faults.outage(wanted.outage());
                }
                if (wanted.refundFailure() != null) {
                    faults.refundFailure(wanted.refundFailure());
                }
                if (wanted.impostor() != null) {
                    faults.impostor(wanted.impostor());
                }
                if (wanted.mixup() != null) {
                    faults.mixup(wanted.mixup());
                }
                if (wanted.latencyMillis() != null) {
                    faults.latency(Duration.ofMillis(wanted.latencyMillis()));
                }
                if (wanted.callsPerSecond() != null) {
                    faults.callsPerSecond(wanted.callsPerSecond());
                }
                yield faultsNow();
            }
            case "GET faults" -> faultsNow();
            case "GET statement" -> statement();
            default -> throw new WeChatPayError(404, "NOT_FOUND", "没有这个接口");
        };
    }

    private Map<String, Object> faultsNow() {
        var now = new HashMap<String, Object>();
        now.put("outage", faults.outage());
        now.put("refund_failure", faults.refundFailure());
        now.put("impostor", faults.impostor());
        now.put("mixup", faults.mixup());
        now.put("latency_millis", faults.latency().toMillis());
        now.put("calls_per_second", faults.callsPerSecond());
        return now;
    }

    private static <T> T read(Request request, Class<T> type) {
        return JSON.readValue(request.body().isEmpty() ? "{}" : request.body(), type);
    }

    @Override
    public void close() {
        server.close();
        notifier.close();
        book.close();
    }
}
