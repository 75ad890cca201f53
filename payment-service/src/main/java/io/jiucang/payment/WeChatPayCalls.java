package io.jiucang.payment;

import com.wechat.pay.java.core.exception.ServiceException;
import io.jiucang.payment.PaymentProvider.Refusal;
import io.jiucang.payment.PaymentProvider.Refused;
import io.jiucang.payment.PaymentProvider.Unavailable;
import java.util.function.Supplier;

/** What it means when a call of WeChat Pay's library fails. */
final class WeChatPayCalls {

    static final int TOO_MANY_REQUESTS = 429;
    static final int NOT_FOUND = 404;
    private static final int UNAUTHORIZED = 401;

    private WeChatPayCalls() {}

    static <T> T orIfNotFound(T otherwise, Supplier<T> call) {
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
    static <T> T call(Supplier<T> call) {
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
}
