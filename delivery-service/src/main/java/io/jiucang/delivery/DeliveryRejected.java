package io.jiucang.delivery;

import static org.springframework.http.HttpStatus.CONFLICT;
import static org.springframework.http.HttpStatus.FORBIDDEN;
import static org.springframework.http.HttpStatus.LOCKED;
import static org.springframework.http.HttpStatus.NOT_FOUND;
import static org.springframework.http.HttpStatus.UNPROCESSABLE_CONTENT;

import io.jiucang.starter.Rejection;
import io.jiucang.starter.RejectionReason;
import org.springframework.http.HttpStatus;

/** A pickup cannot be ordered, or cannot take this step. */
final class DeliveryRejected extends Rejection {

    enum Reason implements RejectionReason {
        CARRIER_NOT_FOUND(NOT_FOUND),
        CARRIER_KEY_NOT_FOUND(UNPROCESSABLE_CONTENT),
        CARRIER_KEY_NOT_VALID(CONFLICT),
        TOKENS_INVALID(UNPROCESSABLE_CONTENT),
        TOKEN_NOT_FOUND(NOT_FOUND),
        TOKEN_NOT_HELD(CONFLICT),
        CASE_NOT_IN_STORAGE(CONFLICT),
        CASE_DAMAGED(CONFLICT),
        PICKUP_NOT_FOUND(NOT_FOUND),
        PICKUP_NOT_ORDERED(CONFLICT),
        PICKUP_NOT_AUTHORISED(CONFLICT),
        PICKUP_COLLECTED(CONFLICT),
        PICKUP_ENDED(CONFLICT),
        CANCELLATION_PENDING(CONFLICT),
        CANCELLATION_NOT_REQUESTED(CONFLICT),
        DEADLINE_LAPSED(CONFLICT),
        PICKUP_MISMATCH(FORBIDDEN),
        PICKUP_VOID(CONFLICT),
        ENVELOPE_MALFORMED(UNPROCESSABLE_CONTENT),
        ENVELOPE_ALGORITHM_REFUSED(UNPROCESSABLE_CONTENT),
        ENVELOPE_REUSED(CONFLICT),
        ENVELOPE_DESTROYED(CONFLICT),
        PASSWORD_NOT_SET(CONFLICT),
        PASSWORD_WRONG(FORBIDDEN),
        PASSWORD_LOCKED(LOCKED),
        PASSWORD_TOO_WEAK(UNPROCESSABLE_CONTENT),
        PASSWORD_CHANGE_NOT_PROVEN(FORBIDDEN),
        NOT_A_CARRIERS_COURIER(FORBIDDEN),
        NOT_THE_COURIER(FORBIDDEN),
        DELIVERY_NOT_FOUND(NOT_FOUND),
        DELIVERY_NOT_OPEN(CONFLICT),
        DELIVERY_ACCEPTED(CONFLICT),
        CASES_NOT_COLLECTED(CONFLICT),
        CASES_DELIVERED(CONFLICT),
        BOX_NOT_IN_PICKUP(CONFLICT),
        CASE_NOT_OUT(CONFLICT),
        HANDOVER_CODE_WRONG(FORBIDDEN),
        PROOF_MISMATCH(FORBIDDEN);

        private final HttpStatus status;

        Reason(HttpStatus status) {
            this.status = status;
        }

        @Override
        public HttpStatus status() {
            return status;
        }

        /** A wrong try counts, or else there could be any number of them. */
        @Override
        public boolean keepsEffect() {
            return this == PASSWORD_WRONG || this == PASSWORD_LOCKED;
        }
    }

    DeliveryRejected(Reason reason, String detail) {
        super(reason, detail);
    }

    static void require(boolean condition, Reason reason, String detail) {
        if (!condition) {
            throw new DeliveryRejected(reason, detail);
        }
    }
}
