package io.jiucang.order;

import static org.springframework.http.HttpStatus.CONFLICT;
import static org.springframework.http.HttpStatus.FORBIDDEN;
import static org.springframework.http.HttpStatus.NOT_FOUND;
import static org.springframework.http.HttpStatus.TOO_MANY_REQUESTS;
import static org.springframework.http.HttpStatus.UNPROCESSABLE_CONTENT;

import io.jiucang.starter.Rejection;
import io.jiucang.starter.RejectionReason;
import org.springframework.http.HttpStatus;

/** An order cannot be placed, or cannot take this step. */
final class OrderRejected extends Rejection {

    enum Reason implements RejectionReason {
        PLAN_NOT_FOUND(NOT_FOUND),
        SALE_NOT_OPEN(CONFLICT),
        SALE_CLOSED(CONFLICT),
        QUANTITY_INVALID(UNPROCESSABLE_CONTENT),
        BUYER_LIMIT_EXCEEDED(CONFLICT),
        AGE_NOT_PROVEN(FORBIDDEN),
        AGREEMENT_NOT_FOUND(NOT_FOUND),
        AGREEMENT_MISMATCH(UNPROCESSABLE_CONTENT),
        TOTAL_MISMATCH(UNPROCESSABLE_CONTENT),
        PAY_BY_INVALID(UNPROCESSABLE_CONTENT),
        ORDER_EXISTS(CONFLICT),
        ORDER_VOID(CONFLICT),
        ORDER_NOT_FOUND(NOT_FOUND),
        ORDER_ENDED(CONFLICT),
        ORDER_NOT_PLACED(CONFLICT),
        ORDER_NOT_CONFIRMED(CONFLICT),
        ORDER_NOT_PAID(CONFLICT),
        CANCELLATION_PENDING(CONFLICT),
        CANCELLATION_NOT_PENDING(CONFLICT),
        CANCELLATION_TOO_LATE(CONFLICT),
        CASES_NOT_COVERED(CONFLICT),
        CASES_OUTSTANDING(CONFLICT),
        TOO_MANY_STREAMS(TOO_MANY_REQUESTS);

        private final HttpStatus status;

        Reason(HttpStatus status) {
            this.status = status;
        }

        @Override
        public HttpStatus status() {
            return status;
        }
    }

    OrderRejected(Reason reason, String detail) {
        super(reason, detail);
    }
}
