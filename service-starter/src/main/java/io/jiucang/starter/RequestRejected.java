package io.jiucang.starter;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** A request refused before any service's own rules are asked. */
public final class RequestRejected extends Rejection {

    public enum Reason implements RejectionReason {
        MALFORMED_BODY(HttpStatus.BAD_REQUEST),
        MALFORMED_PARAMETER(HttpStatus.BAD_REQUEST),
        MALFORMED_CURSOR(HttpStatus.BAD_REQUEST),
        IDEMPOTENCY_KEY_MISSING(HttpStatus.BAD_REQUEST),
        IDEMPOTENCY_KEY_MALFORMED(HttpStatus.BAD_REQUEST),
        IDEMPOTENCY_KEY_REUSED(HttpStatus.UNPROCESSABLE_CONTENT),
        REQUEST_IN_FLIGHT(HttpStatus.CONFLICT),
        UNAUTHENTICATED(HttpStatus.UNAUTHORIZED),
        FORBIDDEN(HttpStatus.FORBIDDEN),
        WALLET_TOKEN_NEEDED(HttpStatus.FORBIDDEN),
        ACCOUNT_TOKEN_NEEDED(HttpStatus.FORBIDDEN),
        NOT_FOUND(HttpStatus.NOT_FOUND),
        METHOD_NOT_ALLOWED(HttpStatus.METHOD_NOT_ALLOWED),
        NOT_ACCEPTABLE(HttpStatus.NOT_ACCEPTABLE),
        UNSUPPORTED_MEDIA_TYPE(HttpStatus.UNSUPPORTED_MEDIA_TYPE),
        BODY_TOO_LARGE(HttpStatus.CONTENT_TOO_LARGE),
        BAD_REQUEST(HttpStatus.BAD_REQUEST),
        TRY_AGAIN(HttpStatus.SERVICE_UNAVAILABLE),
        DISK_FULL(HttpStatus.SERVICE_UNAVAILABLE),
        BUSY(HttpStatus.SERVICE_UNAVAILABLE),
        INTERNAL_ERROR(HttpStatus.INTERNAL_SERVER_ERROR),
        PARKED_EVENT_NOT_FOUND(HttpStatus.NOT_FOUND),
        EVIDENCE_NOT_FOUND(HttpStatus.NOT_FOUND),
        INTENT_MALFORMED(HttpStatus.BAD_REQUEST),
        INTENT_KEY_UNKNOWN(HttpStatus.FORBIDDEN),
        INTENT_KEY_REVOKED(HttpStatus.FORBIDDEN),
        INTENT_SIGNATURE_INVALID(HttpStatus.FORBIDDEN),
        INTENT_NOT_FOR_THIS(HttpStatus.FORBIDDEN),
        INTENT_EXPIRED(HttpStatus.FORBIDDEN),
        INTENT_REUSED(HttpStatus.CONFLICT),
        STATEMENT_MALFORMED(HttpStatus.BAD_REQUEST),
        STATEMENT_NOT_FOR_THIS(HttpStatus.FORBIDDEN),
        STATEMENT_KEY_UNKNOWN(HttpStatus.FORBIDDEN),
        STATEMENT_KEY_REVOKED(HttpStatus.FORBIDDEN),
        STATEMENT_SIGNATURE_INVALID(HttpStatus.FORBIDDEN),
        STATEMENT_EXPIRED(HttpStatus.FORBIDDEN),
        WALLET_KEY_KNOWN(HttpStatus.CONFLICT),
        WALLET_KEY_NOT_FOUND(HttpStatus.NOT_FOUND),
        WALLET_KEY_REVOKED(HttpStatus.CONFLICT),
        WALLET_KEY_OLDER(HttpStatus.CONFLICT),
        WALLET_KEY_LAST(HttpStatus.CONFLICT);

        private final HttpStatus status;

        Reason(HttpStatus status) {
            this.status = status;
        }

        @Override
        public HttpStatus status() {
            return status;
        }

        /** Room is made by people. */
        @Override
        public @Nullable Duration retryAfter() {
            return this == DISK_FULL ? Duration.ofSeconds(30) : RejectionReason.super.retryAfter();
        }
    }

    public RequestRejected(Reason reason, String detail) {
        super(reason, detail);
    }
}
