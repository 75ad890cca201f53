package io.jiucang.simulators.wechatpay;

import java.util.OptionalLong;

/**
 * How the payer pays.
 *
 * @param amount charged instead of the order's amount, in fen
 * @param notifications how many times the merchant is told, each until acknowledged; 0 for a lost notification
 * @param afterClosing money already on its way when the order was closed or expired
 * @param again a second charge for an order already paid
 */
public record Pay(OptionalLong amount, int notifications, boolean afterClosing, boolean again) {

    public static final Pay IN_FULL = new Pay(OptionalLong.empty(), 1, false, false);

    public Pay charging(long fen) {
        return new Pay(OptionalLong.of(fen), notifications, afterClosing, again);
    }

    public Pay notified(int times) {
        return new Pay(amount, times, afterClosing, again);
    }

    public Pay evenAfterClosing() {
        return new Pay(amount, notifications, true, again);
    }

    public Pay onceMore() {
        return new Pay(amount, notifications, afterClosing, true);
    }
}
