package io.jiucang.payment;

import static io.jiucang.payment.PaymentProvider.Movement.CAPTURE;
import static io.jiucang.payment.PaymentProvider.Movement.REFUND;

import io.jiucang.events.value.Money;
import io.jiucang.payment.PaymentProvider.StatementEntry;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Currency;
import java.util.List;

/**
 * WeChat Pay's trade bill 交易账单 of type ALL: a line of column names, a line for each capture and refund with each value
 * behind a backtick, and two lines of totals. Amounts are in yuan.
 */
final class TradeBill {

    private static final String TOTALS = "总交易单数";

    private TradeBill() {}

    /**
     * @throws IllegalArgumentException if it is not such a bill, whole
     * @throws ArithmeticException if an amount is not one in fen
     */
    static List<StatementEntry> read(String bill) {
        List<String> lines = bill.strip().replaceFirst("^\\uFEFF", "").lines().toList();
        int totals = lines.size() - 2;
        if (totals < 1 || !lines.get(totals).startsWith(TOTALS)) {
            throw new IllegalArgumentException("the bill has no totals: a part of it is missing");
        }
        List<String> columns = Arrays.asList(lines.getFirst().split(","));
        List<StatementEntry> entries = new ArrayList<>();
        for (String line : lines.subList(1, totals)) {
            entries.add(entry(new Row(columns, values(line))));
        }
        if (entries.size() != Integer.parseInt(values(lines.getLast()).getFirst())) {
            throw new IllegalArgumentException(
                    "the bill has " + entries.size() + " lines, but its totals say otherwise");
        }
        return entries;
    }

    private static List<String> values(String line) {
        if (!line.startsWith("`")) {
            throw new IllegalArgumentException("not a line of a bill: " + line);
        }
        return Arrays.asList(line.substring(1).split(",`", -1));
    }

    private static StatementEntry entry(Row row) {
        Currency currency = Currency.getInstance(row.get("货币种类"));
        String state = row.get("交易状态");
        return switch (state) {
            case "SUCCESS" -> new StatementEntry(CAPTURE, row.get("微信订单号"), money(currency, row.get("订单金额")));
            case "REFUND" ->
                new StatementEntry(REFUND, refundId(row.get("商户退款单号")), money(currency, row.get("申请退款金额")));
            default -> throw new IllegalArgumentException("unknown state " + state);
        };
    }

    private static String refundId(String number) {
        return number.matches("[0-9a-f]{32}") ? WeChatPayForm.uuid(number) : number;
    }

    private static Money money(Currency currency, String yuan) {
        return new Money(currency, new BigDecimal(yuan).movePointRight(2).longValueExact());
    }

    private record Row(List<String> columns, List<String> values) {
        String get(String column) {
            int index = columns.indexOf(column);
            if (index < 0 || index >= values.size()) {
                throw new IllegalArgumentException("the bill lacks " + column);
            }
            return values.get(index);
        }
    }
}
