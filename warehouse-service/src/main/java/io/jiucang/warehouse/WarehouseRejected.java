package io.jiucang.warehouse;

import io.jiucang.starter.Rejection;
import io.jiucang.starter.RejectionReason;
import org.springframework.http.HttpStatus;

/** Breaks a rule of stock, release or shipment. */
final class WarehouseRejected extends Rejection {

    enum Reason implements RejectionReason {
        BOX_CODE_MALFORMED(HttpStatus.BAD_REQUEST),
        BOX_COUNT_INVALID(HttpStatus.UNPROCESSABLE_CONTENT),
        BOX_REPEATED(HttpStatus.UNPROCESSABLE_CONTENT),
        SCAN_TIME_IMPLAUSIBLE(HttpStatus.UNPROCESSABLE_CONTENT),
        /** No vault at the site holds cases of the box's GTIN, as far as is known here. */
        UNKNOWN_PRODUCT(HttpStatus.UNPROCESSABLE_CONTENT),
        BOX_ALREADY_KNOWN(HttpStatus.CONFLICT),
        BOX_UNKNOWN(HttpStatus.UNPROCESSABLE_CONTENT),
        BOX_DAMAGED(HttpStatus.CONFLICT),
        BOX_RELEASED(HttpStatus.CONFLICT),
        BOX_NOT_RELEASED(HttpStatus.CONFLICT),
        BOX_SHIPPED(HttpStatus.CONFLICT),
        BOX_NOT_SHIPPED(HttpStatus.CONFLICT),
        BOX_NOT_IN_PICKUP(HttpStatus.UNPROCESSABLE_CONTENT),
        BOX_AT_OTHER_SITE(HttpStatus.UNPROCESSABLE_CONTENT),
        /** Not the statement that is asked for here. */
        STATEMENT_OUT_OF_PLACE(HttpStatus.UNPROCESSABLE_CONTENT),
        /** By the law of title it would have no effect. */
        STATEMENT_VOID(HttpStatus.UNPROCESSABLE_CONTENT),
        TOKEN_NOT_WAITING(HttpStatus.CONFLICT),
        RELEASE_UNKNOWN(HttpStatus.NOT_FOUND),
        RELEASE_FINISHED(HttpStatus.CONFLICT),
        RELEASE_CANCELLED(HttpStatus.CONFLICT),
        RELEASE_NOT_CANCELLED(HttpStatus.CONFLICT),
        SHIPMENT_UNKNOWN(HttpStatus.NOT_FOUND),
        SHIPMENT_CANCELLED(HttpStatus.CONFLICT),
        /** Token-service was not heard yet, or has other plans with the token. */
        TOKEN_NOT_LOCKED(HttpStatus.CONFLICT),
        STOCK_LEFT(HttpStatus.CONFLICT);

        private final HttpStatus status;

        Reason(HttpStatus status) {
            this.status = status;
        }

        @Override
        public HttpStatus status() {
            return status;
        }
    }

    WarehouseRejected(Reason reason, String detail) {
        super(reason, detail);
    }
}
