package io.jiucang.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.events.value.Money;
import io.jiucang.payment.PaymentProvider.Movement;
import io.jiucang.payment.PaymentProvider.StatementEntry;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** A bill as the documentation has it; of its columns those that matter, in another order than the simulator's. */
class TradeBillTest {

    private static final String BILL = """
            \uFEFF交易时间,商户订单号,微信订单号,交易状态,货币种类,商品名称,订单金额,商户退款单号,申请退款金额
            `2026-11-22 10:00:00,`0199a1b2c3d47e5f8a9b0c1d2e3f4a5b,`4200001234,`SUCCESS,`CNY,`汾酒, 青花,`1188.00,`0,`0.00
            `2026-11-22 11:00:00,`0199a1b2c3d47e5f8a9b0c1d2e3f4a5b,`4200001234,`REFUND,`CNY,`汾酒, 青花,`0.00,`0199a1b2c3d47e5f8a9b0c1d2e3f4a5c,`0.01
            `2026-11-22 12:00:00,`0199a1b2c3d47e5f8a9b0c1d2e3f4a5b,`4200001234,`REFUND,`CNY,`汾酒, 青花,`0.00,`by hand,`2.30
            总交易单数,应结订单总金额,退款总金额
            `3,`1188.00,`2.31
            """;

    @Example
    void readsEveryCaptureAndRefund() {
        assertThat(TradeBill.read(BILL))
                .containsExactly(
                        new StatementEntry(Movement.CAPTURE, "4200001234", Money.cny(118_800)),
                        new StatementEntry(Movement.REFUND, "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c", Money.cny(1)),
                        new StatementEntry(Movement.REFUND, "by hand", Money.cny(230)));
    }

    @Property
    void refusesABillCutShort(@ForAll @IntRange(max = 2000) int length) {
        String cut = BILL.substring(0, length % BILL.lastIndexOf("`3"));
        assertThatThrownBy(() -> TradeBill.read(cut)).isInstanceOf(IllegalArgumentException.class);
    }

    @Example
    void refusesWhatItDoesNotKnow() {
        for (String wrong : new String[] {
            BILL.replace("`3,", "`4,"),
            BILL.replace("`SUCCESS", "`REVOKED"),
            BILL.replace("申请退款金额", "退款"),
            BILL.replace("`1188.00,`0,", "`1188.001,`0,"),
            BILL.replace("`1188.00,`0,", "`much,`0,"),
            BILL.replace("`CNY", "`GOLD"),
            BILL.replace("`2026-11-22 10", "2026-11-22 10")
        }) {
            assertThatThrownBy(() -> TradeBill.read(wrong))
                    .isInstanceOfAny(IllegalArgumentException.class, ArithmeticException.class);
        }
    }
}
