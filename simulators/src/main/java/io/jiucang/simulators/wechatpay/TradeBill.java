package io.jiucang.simulators.wechatpay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** The trade bill 交易账单 of one day in Beijing, of type ALL: amounts in yuan, every value behind a backtick. */
record TradeBill(String text) {

    private static final String COLUMNS = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
            + "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
    private static final String TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(Protocol.BEIJING);
    private static final String ZERO = "0.00";
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    static TradeBill of(LocalDate day, Book book, Merchant merchant) {
        List<Book.Capture> captures = book.captures().stream()
                .filter(capture -> day.equals(LocalDate.ofInstant(capture.at(), Protocol.BEIJING)))
                .toList();
        List<Book.Refund> refunds = book.refunds().stream()
                .filter(refund -> refund.succeededAt() != null
                        && day.equals(LocalDate.ofInstant(refund.succeededAt(), Protocol.BEIJING)))
                .toList();
        if (captures.isEmpty() && refunds.isEmpty()) {
            throw new WeChatPayError(400, "NO_STATEMENT_EXIST", "账单文件不存在");
        }
        var bill = new StringBuilder(BYTE_ORDER_MARK).append(COLUMNS).append("\r\n");
        for (Book.Capture capture : captures) {
            bill.append(row(
                    TIME.format(capture.at()),
                    merchant.appId(),
                    merchant.id(),
                    "0",
                    "",
                    capture.transactionId(),
                    capture.outTradeNo(),
                    capture.openid(),
                    "NATIVE",
                    "SUCCESS",
                    "OTHERS",
                    "CNY",
                    yuan(capture.total()),
                    ZERO,
                    "0",
                    "0",
                    ZERO,
                    ZERO,
                    "",
                    "",
                    description(book, capture.outTradeNo()),
                    "",
                    "0.00000",
                    "0.00%",
                    yuan(capture.total()),
                    ZERO,
                    ""));
        }
        for (Book.Refund refund : refunds) {
            bill.append(row(
                    TIME.format(refund.succeededAt()),
                    merchant.appId(),
                    merchant.id(),
                    "0",
                    "",
                    refund.transactionId(),
                    refund.outTradeNo(),
                    book.capture(refund.transactionId())
                            .map(Book.Capture::openid)
                            .orElseThrow(),
                    "NATIVE",
                    "REFUND",
                    "OTHERS",
                    "CNY",
                    ZERO,
                    ZERO,
                    refund.refundId(),
                    refund.outRefundNo(),
                    yuan(refund.refund()),
                    ZERO,
                    "ORIGINAL",
                    "SUCCESS",
                    description(book, refund.outTradeNo()),
                    "",
                    "0.00000",
                    "0.00%",
                    ZERO,
                    yuan(refund.refund()),
                    ""));
        }
        String in = yuan(captures.stream().mapToLong(Book.Capture::total).sum());
        String out = yuan(refunds.stream().mapToLong(Book.Refund::refund).sum());
        bill.append(TOTALS).append("\r\n");
        bill.append(row(Integer.toString(captures.size() + refunds.size()), in, out, ZERO, "0.00000", in, out));
        return new TradeBill(bill.toString());
    }

    String sha1() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String description(Book book, String outTradeNo) {
        return book.order(outTradeNo).orElseThrow().description().replace(',', ' ');
    }

    private static String row(String... values) {
        return Arrays.stream(values).map(value -> "`" + value).collect(Collectors.joining(",", "", "\r\n"));
    }

    private static String yuan(long fen) {
        return BigDecimal.valueOf(fen, 2).toPlainString();
    }
}
