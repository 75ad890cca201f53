package io.jiucang.payment;

import io.jiucang.events.value.Money;
import io.jiucang.payment.PaymentProvider.RefundStatus;
import io.jiucang.payment.PaymentProvider.Refusal;
import io.jiucang.payment.PaymentProvider.Refused;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Currency;
import org.jspecify.annotations.Nullable;

/** How WeChat Pay writes amounts, numbers, times and states. */
final class WeChatPayForm {

    static final ZoneOffset BEIJING = ZoneOffset.ofHours(8);
    static final Currency CNY = Currency.getInstance("CNY");

    private WeChatPayForm() {}

    static int priceInFen(Money money) {
        long fen = fen(money);
        if (fen > Integer.MAX_VALUE) {
            throw new Refused(Refusal.OTHER, "AMOUNT_TOO_LARGE", "WeChat Pay does not take " + money, null);
        }
        return (int) fen;
    }

    static long fen(Money money) {
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
    static String rfc3339(Instant instant) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                OffsetDateTime.ofInstant(instant.truncatedTo(ChronoUnit.SECONDS), BEIJING));
    }

    static Instant instant(@Nullable String rfc3339) {
        if (rfc3339 == null) {
            throw new IllegalArgumentException("the time is missing");
        }
        return OffsetDateTime.parse(rfc3339).toInstant();
    }

    static String atMost(int characters, String text) {
        return text.codePointCount(0, text.length()) <= characters
                ? text
                : text.substring(0, text.offsetByCodePoints(0, characters));
    }

    static RefundStatus refundStatus(String state, @Nullable String successTime) {
        return switch (state) {
            case "PROCESSING" -> new RefundStatus.Processing();
            case "SUCCESS" -> new RefundStatus.Succeeded(instant(successTime));
            case "ABNORMAL", "CLOSED" -> new RefundStatus.Failed(state);
            default -> throw new IllegalArgumentException("no such refund state: " + state);
        };
    }
}
