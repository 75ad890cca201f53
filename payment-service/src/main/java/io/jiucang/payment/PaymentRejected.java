package io.jiucang.payment;

import static org.springframework.http.HttpStatus.BAD_GATEWAY;
import static org.springframework.http.HttpStatus.CONFLICT;
import static org.springframework.http.HttpStatus.NOT_FOUND;
import static org.springframework.http.HttpStatus.SERVICE_UNAVAILABLE;

import io.jiucang.starter.Rejection;
import io.jiucang.starter.RejectionReason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** A payment or refund cannot take this step. */
final class PaymentRejected extends Rejection {

    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    enum Reason implements RejectionReason {
        PAYMENT_NOT_FOUND(NOT_FOUND),
        PAYMENT_OVERDUE(CONFLICT),
        PAYMENT_CLOSED(CONFLICT),
        PAYMENT_ALREADY_MADE(CONFLICT),
        REFUND_NOT_FOUND(NOT_FOUND),
        REFUND_NOT_FAILED(CONFLICT),
        REFUND_EXCEEDS_PAYMENT(CONFLICT),
        RETURN_VOID(CONFLICT),
        PROVIDER_REFUSED(BAD_GATEWAY),
        PROVIDER_BUSY(SERVICE_UNAVAILABLE),
        PROVIDER_UNAVAILABLE(SERVICE_UNAVAILABLE);

        private final HttpStatus status;

        Reason(HttpStatus status) {
            this.status = status;
        }

        @Override
        public HttpStatus status() {
            return status;
        }

        @Override
        public @Nullable Duration retryAfter() {
            return status == SERVICE_UNAVAILABLE ? RETRY_AFTER : null;
        }
    }

    PaymentRejected(Reason reason, String detail) {
        super(reason, detail);
    }
}
