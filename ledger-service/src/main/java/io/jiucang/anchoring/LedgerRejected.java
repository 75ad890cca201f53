package io.jiucang.anchoring;

import io.jiucang.starter.Rejection;
import io.jiucang.starter.RejectionReason;
import org.springframework.http.HttpStatus;

/** Asks for what the log does not have, or brings a statement that the law would call void. */
final class LedgerRejected extends Rejection {

    enum Reason implements RejectionReason {
        EVENT_NOT_ANCHORED(HttpStatus.NOT_FOUND),
        PARTY_KEY_NOT_LISTED(HttpStatus.FORBIDDEN),
        SOURCE_NEEDED(HttpStatus.BAD_REQUEST),
        STATEMENT_USED(HttpStatus.CONFLICT),
        TERMINAL_REFUSED(HttpStatus.UNPROCESSABLE_CONTENT),
        TILE_NOT_FOUND(HttpStatus.NOT_FOUND);

        private final HttpStatus status;

        Reason(HttpStatus status) {
            this.status = status;
        }

        @Override
        public HttpStatus status() {
            return status;
        }
    }

    LedgerRejected(Reason reason, String detail) {
        super(reason, detail);
    }
}
