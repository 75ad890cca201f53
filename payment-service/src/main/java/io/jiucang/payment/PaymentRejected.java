package io.jiucang.payment;

import static org.springframework.http.HttpStatus.BAD_GATEWAY;
import static org.springframework.http.HttpStatus.CONFLICT;
import static org.springframework.http.HttpStatus.NOT_FOUND;
import static org.springframework.http.HttpStatus.SERVICE_UNAVAILABLE;

import io.jiucang.starter.Rejection;
import io.jiucang.starter.RejectionReason;
import org.springframework.http.HttpStatus;

/** A payment or refund cannot take this step. */
final class PaymentRejected extends Rejection {

    enum Reason implements RejectionReason {
        PAYMENT_NOT_FOUND(NOT_FOUND),
        PAYMENT_OVERDUE(CONFLICT),
        PAYMENT_CLOSED(CONFLICT),
        PAYMENT_ALREADY_MADE(CONFLICT),
        PAYMENT_NOT_MADE(CONFLICT),
        REFUND_NOT_FOUND(NOT_FOUND),
        REFUND_NOT_FAILED(CONFLICT),
        REFUND_EXCEEDS_PAYMENT(CONFLICT),
        PROVIDER_REFUSED(BAD_GATEWAY),
        PROVIDER_UNAVAILABLE(SERVICE_UNAVAILABLE);

        private final HttpStatus status;

        Reason(HttpStatus status) {
            this.status = status;
        }

        @Override
        public HttpStatus status() {
            return status;
        }
    }

    PaymentRejected(Reason reason, String detail) {
        super(reason, detail);
    }
}
