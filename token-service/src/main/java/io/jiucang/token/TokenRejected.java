package io.jiucang.token;

import io.jiucang.starter.Rejection;
import io.jiucang.starter.RejectionReason;
import org.springframework.http.HttpStatus;

/** A rule of plans, vaults, tokens or wallets was broken. */
final class TokenRejected extends Rejection {

    enum Reason implements RejectionReason {
        OFFER_VOID(HttpStatus.UNPROCESSABLE_CONTENT),
        SALES_PLAN_EXISTS(HttpStatus.CONFLICT),
        SALES_PLAN_INVALID(HttpStatus.UNPROCESSABLE_CONTENT),
        SALES_PLAN_NOT_FOUND(HttpStatus.NOT_FOUND),
        TOKENS_NOT_RESERVED(HttpStatus.CONFLICT),
        TOKENS_NOT_HELD(HttpStatus.CONFLICT),
        TOKEN_NOT_FOUND(HttpStatus.NOT_FOUND),
        TOKEN_HAS_ANOTHER_CASE(HttpStatus.CONFLICT),
        TOKEN_NOT_IN_PICKUP(HttpStatus.CONFLICT),
        HANDOVER_CODE_WRONG(HttpStatus.CONFLICT),
        WALLET_LABEL_INVALID(HttpStatus.UNPROCESSABLE_CONTENT),
        ACCOUNT_HAS_A_WALLET(HttpStatus.CONFLICT),
        WALLET_NOT_FOUND(HttpStatus.NOT_FOUND),
        WALLET_KEY_OF_ANOTHER_WALLET(HttpStatus.CONFLICT),
        WALLET_FULL(HttpStatus.CONFLICT);

        private final HttpStatus status;

        Reason(HttpStatus status) {
            this.status = status;
        }

        @Override
        public HttpStatus status() {
            return status;
        }
    }

    TokenRejected(Reason reason, String detail) {
        super(reason, detail);
    }
}
