package io.jiucang.simulators.wechatpay;

import java.time.Instant;
import java.util.Optional;

/**
 * Money that moved.
 *
 * @param outRefundNo set on a refund only
 * @param amount in fen: to the merchant if captured, back to the payer if refunded
 */
public record StatementLine(
        Instant at, String transactionId, String outTradeNo, Optional<String> outRefundNo, long amount) {}
