package io.jiucang.simulators.wechatpay;

import static io.jiucang.simulators.wechatpay.Protocol.BEIJING;
import static io.jiucang.simulators.wechatpay.Protocol.time;

import io.jiucang.simulators.wechatpay.Book.Capture;
import io.jiucang.simulators.wechatpay.Book.Notification;
import io.jiucang.simulators.wechatpay.Book.Order;
import io.jiucang.simulators.wechatpay.Book.Refund;
import io.jiucang.simulators.wechatpay.Book.RefundStatus;
import java.net.URI;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** WeChat Pay's rules for orders, charges and refunds. Its lock makes each decision and its record one step. */
final class Cashier {

    private static final Pattern OUT_TRADE_NO = Pattern.compile("[0-9A-Za-z_\\-|*]{6,32}");
    private static final Pattern OUT_REFUND_NO = Pattern.compile("[0-9A-Za-z_\\-|*@]{1,64}");
    private static final int LONGEST_DESCRIPTION = 127;
    private static final int LONGEST_ATTACHMENT = 128;
    private static final int LONGEST_URL = 255;
    private static final int LONGEST_REASON = 80;
    /** A code_url is good for two hours. */
    private static final Duration CODE_LIFETIME = Duration.ofHours(2);

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyyMMdd").withZone(BEIJING);
    private static final String PAYER = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

    private final Book book;
    private final Keys keys;
    private final Clock clock;

    Cashier(Book book, Keys keys, Clock clock) {
        this.book = book;
        this.keys = keys;
        this.clock = clock;
    }

    /** What the payer's phone did, and what the merchant must now be told. */
    record Paid(Capture capture, List<Notification> notifications) {}

    synchronized Protocol.Prepaid prepay(Protocol.Prepay request) {
        requireOurs(request.appid(), request.mchid());
        String outTradeNo = require("out_trade_no", request.outTradeNo(), OUT_TRADE_NO);
        String description = require("description", request.description(), 1, LONGEST_DESCRIPTION);
        String attach = request.attach() == null ? null : require("attach", request.attach(), 0, LONGEST_ATTACHMENT);
        String notifyUrl = requireNotifyUrl(request.notifyUrl());
        long total = requireAmount("amount.total", request.amount(), Protocol.Amount::total);
        Instant now = clock.instant();
        Optional<Instant> asked = Optional.ofNullable(request.timeExpire()).map(Cashier::instant);
        if (asked.isPresent() && !asked.get().isAfter(now)) {
            throw parameter("time_expire is in the past");
        }

        Optional<Order> known = book.order(outTradeNo);
        if (known.isEmpty()) {
            var order = new Order(
                    outTradeNo,
                    description,
                    attach,
                    notifyUrl,
                    total,
                    asked.orElse(now.plus(CODE_LIFETIME)),
                    Keys.random(9),
                    false);
            book.put(List.of(order));
            return prepaid(order);
        }
        Order order = known.get();
        boolean same = order.total() == total
                && order.description().equals(description)
                && Objects.equals(order.attach(), attach)
                && order.notifyUrl().equals(notifyUrl)
                && (asked.isEmpty() || asked.get().equals(order.expiresAt()));
        if (!same) {
            throw new WeChatPayError(403, "OUT_TRADE_NO_USED", "商户订单号重复");
        }
        requirePayable(order);
        return prepaid(order);
    }

    private static Protocol.Prepaid prepaid(Order order) {
        return new Protocol.Prepaid("weixin://wxpay/bizpayurl?pr=" + order.code());
    }

    synchronized void close(String outTradeNo, Protocol.Close request) {
        requireOurs(keys.merchant().appId(), request.mchid());
        Order order = requireOrder(outTradeNo);
        requirePayable(order);
        book.put(List.of(order.close()));
    }

    /** @throws WeChatPayError if the order cannot be paid any more */
    private void requirePayable(Order order) {
        if (!book.capturesOf(order.outTradeNo()).isEmpty()) {
            throw new WeChatPayError(400, "ORDERPAID", "该订单已支付");
        }
        if (isClosed(order)) {
            throw new WeChatPayError(400, "ORDER_CLOSED", "该订单已关闭");
        }
    }

    private boolean isClosed(Order order) {
        return order.closed() || !order.expiresAt().isAfter(clock.instant());
    }

    synchronized Protocol.Transaction query(String outTradeNo) {
        return transaction(requireOrder(outTradeNo));
    }

    synchronized Protocol.Transaction queryById(String transactionId) {
        Capture capture = book.capture(transactionId).orElseThrow(Cashier::noSuchOrder);
        return transaction(requireOrder(capture.outTradeNo()), capture);
    }

    /** @throws WeChatPayError if no other is paid */
    synchronized Protocol.Transaction paidOtherThan(String outTradeNo) {
        return book.captures().stream()
                .filter(capture -> !capture.outTradeNo().equals(outTradeNo))
                .map(capture -> transaction(requireOrder(capture.outTradeNo()), capture, "SUCCESS", "支付成功"))
                .findFirst()
                .orElseThrow(Cashier::noSuchOrder);
    }

    synchronized List<Protocol.Transaction> transactions() {
        return book.orders().stream().map(this::transaction).toList();
    }

    private Protocol.Transaction transaction(Order order) {
        return book.capturesOf(order.outTradeNo()).stream()
                .findFirst()
                .map(capture -> transaction(order, capture))
                .orElseGet(() -> unpaid(order));
    }

    private Protocol.Transaction unpaid(Order order) {
        boolean closed = isClosed(order);
        return new Protocol.Transaction(
                keys.merchant().appId(),
                keys.merchant().id(),
                order.outTradeNo(),
                null,
                null,
                closed ? "CLOSED" : "NOTPAY",
                closed ? "订单已关闭" : "订单未支付",
                null,
                order.attach(),
                null,
                null,
                new Protocol.TransactionAmount(order.total(), null, "CNY", null));
    }

    private Protocol.Transaction transaction(Order order, Capture capture) {
        boolean refunded = book.refunds().stream()
                .anyMatch(refund -> refund.transactionId().equals(capture.transactionId()));
        return transaction(order, capture, refunded ? "REFUND" : "SUCCESS", refunded ? "订单发生过退款" : "支付成功");
    }

    private Protocol.Transaction transaction(Order order, Capture capture, String state, String description) {
        return new Protocol.Transaction(
                keys.merchant().appId(),
                keys.merchant().id(),
                order.outTradeNo(),
                capture.transactionId(),
                "NATIVE",
                state,
                description,
                "OTHERS",
                order.attach(),
                time(capture.at()),
                new Protocol.Payer(capture.openid()),
                new Protocol.TransactionAmount(capture.total(), capture.total(), "CNY", "CNY"));
    }

    /** @param reference an out_trade_no, a code_url, or the code at its end */
    synchronized Paid pay(String reference, Pay how) {
        Order order = find(reference);
        boolean paid = !book.capturesOf(order.outTradeNo()).isEmpty();
        if (paid && !how.again()) {
            throw new WeChatPayError(400, "ORDERPAID", "该订单已支付");
        }
        if (!paid && isClosed(order) && !how.afterClosing()) {
            throw new WeChatPayError(400, "ORDER_CLOSED", "该订单已关闭");
        }
        Capture capture = charge(order, how.amount().orElse(order.total()));
        var entries = new ArrayList<Book.Entry>();
        entries.add(capture);
        String body = capturedBody(order, capture, Tampering.NONE);
        List<Notification> notifications = Stream.generate(() -> notification(order.notifyUrl(), body))
                .limit(how.notifications())
                .toList();
        entries.addAll(notifications);
        book.put(entries);
        return new Paid(capture, notifications);
    }

    private Capture charge(Order order, long total) {
        Instant now = clock.instant();
        String transactionId = "4200001234" + DAY.format(now) + Keys.randomDigits(10);
        return new Capture(transactionId, order.outTradeNo(), PAYER, total, now);
    }

    synchronized Order find(String reference) {
        String code = reference.substring(reference.lastIndexOf('=') + 1);
        return book.orders().stream()
                .filter(order ->
                        order.outTradeNo().equals(reference) || order.code().equals(code))
                .findFirst()
                .orElseThrow(Cashier::noSuchOrder);
    }

    /** The body of a notification that this order was paid, even if it was not: what a forger would send. */
    synchronized String capturedBody(Order order, Tampering tampering) {
        return capturedBody(
                order,
                book.capturesOf(order.outTradeNo()).stream().findFirst().orElseGet(() -> charge(order, order.total())),
                tampering);
    }

    private String capturedBody(Order order, Capture capture, Tampering tampering) {
        Protocol.Transaction paid = transaction(order, capture, "SUCCESS", "支付成功");
        return body(
                "TRANSACTION.SUCCESS",
                "支付成功",
                "transaction",
                paid.of(
                        tampering == Tampering.OTHER_APP ? "wx0000000000000000" : paid.appid(),
                        tampering == Tampering.OTHER_MERCHANT ? "1900000000" : paid.mchid(),
                        paid.outTradeNo()));
    }

    private String body(String eventType, String summary, String originalType, Object resource) {
        return Protocol.JSON.writeValueAsString(new Protocol.Notification(
                UUID.randomUUID().toString(),
                time(clock.instant()),
                "encrypt-resource",
                eventType,
                summary,
                keys.seal(originalType, originalType, Protocol.JSON.writeValueAsString(resource))));
    }

    private static Notification notification(String url, String body) {
        return new Notification(UUID.randomUUID().toString(), url, body, 0, false);
    }

    synchronized Refund refund(Protocol.CreateRefund request) {
        String outRefundNo = require("out_refund_no", request.outRefundNo(), OUT_REFUND_NO);
        String reason = request.reason() == null ? null : require("reason", request.reason(), 0, LONGEST_REASON);
        String notifyUrl = request.notifyUrl() == null ? null : requireNotifyUrl(request.notifyUrl());
        long total = requireAmount("amount.total", request.amount(), Protocol.Amount::total);
        long amount = requireAmount("amount.refund", request.amount(), Protocol.Amount::refund);
        Capture capture = requireCapture(request);

        Optional<Refund> known = book.refund(outRefundNo);
        if (known.isPresent()) {
            Refund refund = known.get();
            if (refund.refund() != amount
                    || refund.total() != total
                    || !refund.transactionId().equals(capture.transactionId())) {
                throw invalid("订单金额或退款金额与之前请求不一致，请核实后再试");
            }
            return refund;
        }
        if (total != capture.total()) {
            throw invalid("订单金额与原支付金额不一致");
        }
        long refunded = book.refunds().stream()
                .filter(refund -> refund.transactionId().equals(capture.transactionId())
                        && refund.status() != RefundStatus.CLOSED)
                .mapToLong(Refund::refund)
                .sum();
        if (amount > total - refunded) {
            throw invalid(refunded == total ? "订单已全额退款" : "退款金额大于可退金额");
        }
        var refund = new Refund(
                "50300" + DAY.format(clock.instant()) + Keys.randomDigits(15),
                outRefundNo,
                capture.transactionId(),
                capture.outTradeNo(),
                reason,
                notifyUrl,
                amount,
                total,
                RefundStatus.PROCESSING,
                clock.instant(),
                null);
        book.put(List.of(refund));
        return refund;
    }

    private Capture requireCapture(Protocol.CreateRefund request) {
        String transactionId = request.transactionId();
        String outTradeNo = request.outTradeNo();
        if (transactionId == null && outTradeNo == null) {
            throw parameter("transaction_id or out_trade_no is required");
        }
        Optional<Capture> capture = transactionId != null
                ? book.capture(transactionId)
                : book.capturesOf(Objects.requireNonNull(outTradeNo)).stream().findFirst();
        return capture.filter(found -> outTradeNo == null || found.outTradeNo().equals(outTradeNo))
                .orElseThrow(() -> new WeChatPayError(404, "RESOURCE_NOT_EXISTS", "订单不存在"));
    }

    synchronized Refund refundByNo(String outRefundNo) {
        return book.refund(outRefundNo).orElseThrow(() -> new WeChatPayError(404, "RESOURCE_NOT_EXISTS", "退款单不存在"));
    }

    synchronized List<Refund> refundsInProgress() {
        return book.refunds().stream()
                .filter(refund -> refund.status() == RefundStatus.PROCESSING)
                .toList();
    }

    /** @return what the merchant must now be told; nothing if the refund had ended before */
    synchronized List<Notification> endRefund(String outRefundNo, RefundStatus status) {
        Refund current = refundByNo(outRefundNo);
        if (current.status() != RefundStatus.PROCESSING) {
            return List.of();
        }
        Refund refund = current.end(status, clock.instant());
        var entries = new ArrayList<Book.Entry>();
        entries.add(refund);
        String url = refund.notifyUrl();
        List<Notification> notifications = url == null ? List.of() : List.of(notification(url, refundedBody(refund)));
        entries.addAll(notifications);
        book.put(entries);
        return notifications;
    }

    private String refundedBody(Refund refund) {
        String summary = switch (refund.status()) {
            case SUCCESS -> "退款成功";
            case ABNORMAL -> "退款异常";
            case CLOSED -> "退款关闭";
            case PROCESSING -> throw new IllegalStateException("this refund has not ended");
        };
        return body(
                "REFUND." + refund.status(),
                summary,
                "refund",
                new Protocol.RefundNotice(
                        keys.merchant().id(),
                        refund.outTradeNo(),
                        refund.transactionId(),
                        refund.outRefundNo(),
                        refund.refundId(),
                        refund.status().name(),
                        refund.succeededAt() == null ? null : time(refund.succeededAt()),
                        "支付用户零钱",
                        new Protocol.RefundNoticeAmount(
                                refund.total(), refund.refund(), refund.total(), refund.refund())));
    }

    String refundedBody(StatementLine refund, long total) {
        return refundedBody(new Refund(
                "50300" + DAY.format(refund.at()) + Keys.randomDigits(15),
                refund.outRefundNo().orElseThrow(),
                refund.transactionId(),
                refund.outTradeNo(),
                null,
                null,
                refund.amount(),
                total,
                RefundStatus.SUCCESS,
                refund.at(),
                refund.at()));
    }

    synchronized List<StatementLine> statement() {
        Stream<StatementLine> in = book.captures().stream()
                .map(capture -> new StatementLine(
                        capture.at(),
                        capture.transactionId(),
                        capture.outTradeNo(),
                        Optional.empty(),
                        capture.total()));
        Stream<StatementLine> out = book.refunds().stream()
                .flatMap(refund -> Stream.ofNullable(refund.succeededAt())
                        .map(at -> new StatementLine(
                                at,
                                refund.transactionId(),
                                refund.outTradeNo(),
                                Optional.of(refund.outRefundNo()),
                                refund.refund())));
        return Stream.concat(in, out)
                .sorted(Comparator.comparing(StatementLine::at))
                .toList();
    }

    private void requireOurs(@Nullable String appId, @Nullable String merchantId) {
        if (!keys.merchant().id().equals(merchantId)) {
            throw new WeChatPayError(400, "MCH_NOT_EXISTS", "商户号不存在");
        }
        if (!keys.merchant().appId().equals(appId)) {
            throw new WeChatPayError(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配");
        }
    }

    private Order requireOrder(String outTradeNo) {
        return book.order(outTradeNo).orElseThrow(Cashier::noSuchOrder);
    }

    private static String require(String field, @Nullable String value, Pattern form) {
        if (value == null || !form.matcher(value).matches()) {
            throw parameter(field + " must match " + form);
        }
        return value;
    }

    private static String require(String field, @Nullable String value, int shortest, int longest) {
        if (value == null || value.length() < shortest || value.length() > longest) {
            throw parameter(field + " must have " + shortest + " to " + longest + " characters");
        }
        return value;
    }

    /** As documented, except that plain http is accepted: the demo's merchant sits on this machine. */
    private static String requireNotifyUrl(@Nullable String value) {
        String url = require("notify_url", value, 1, LONGEST_URL);
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null && uri.getScheme().matches("https?") && uri.getQuery() == null) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            throw parameter("notify_url is not a URL");
        }
        throw parameter("notify_url must be an absolute http(s) URL without a query");
    }

    private static long requireAmount(
            String field, Protocol.@Nullable Amount amount, Function<Protocol.Amount, @Nullable Long> part) {
        Long fen = amount == null ? null : part.apply(amount);
        if (amount == null || fen == null || fen < 1) {
            throw parameter(field + " must be a positive number of fen");
        }
        if (amount.currency() != null && !amount.currency().equals("CNY")) {
            throw parameter("amount.currency must be CNY");
        }
        return fen;
    }

    private static Instant instant(String rfc3339) {
        try {
            return OffsetDateTime.parse(rfc3339).toInstant();
        } catch (DateTimeException e) {
            throw parameter("time_expire is not an RFC 3339 time");
        }
    }

    static WeChatPayError parameter(String message) {
        return new WeChatPayError(400, "PARAM_ERROR", message);
    }

    private static WeChatPayError invalid(String message) {
        return new WeChatPayError(400, "INVALID_REQUEST", message);
    }

    private static WeChatPayError noSuchOrder() {
        return new WeChatPayError(404, "ORDER_NOT_EXIST", "订单不存在");
    }
}
