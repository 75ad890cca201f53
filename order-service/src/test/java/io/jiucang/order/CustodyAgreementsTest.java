package io.jiucang.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.ledger.Hash;
import io.jiucang.order.CustodyAgreements.CustodyAgreement;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class CustodyAgreementsTest {

    private final CustodyAgreements agreements = new CustodyAgreements();

    /** Buyers have signed this hash: a text that no longer has it is another agreement and needs another version. */
    @Test
    void publishesTheTextThatBuyersSigned() {
        assertThat(agreements.current().agreement())
                .isEqualTo(new CustodyAgreement(
                        "2026-01", "ad068a8b0df195706bf755753819da9e96bb9a63e1a2f98979452e0b76e21da2"));
        assertThat(agreements.current().text()).startsWith("# 酒品委托仓储协议（版本 2026-01）\n");
    }

    @Test
    void keepsEachVersionReadable() {
        assertThat(agreements.find("2026-01")).isEqualTo(agreements.current());
        assertThatCode(() -> agreements.require(
                        Hash.ofHex("ad068a8b0df195706bf755753819da9e96bb9a63e1a2f98979452e0b76e21da2")))
                .doesNotThrowAnyException();
    }

    @Test
    void knowsNoOther() {
        refusesAsNotFound(() -> agreements.find("../2026-01"));
        refusesAsNotFound(() -> agreements.require(Hash.ofHex("ad".repeat(32))));
    }

    private static void refusesAsNotFound(ThrowingCallable reading) {
        assertThatThrownBy(reading)
                .isInstanceOfSatisfying(
                        OrderRejected.class,
                        e -> assertThat(e.reason()).isEqualTo(OrderRejected.Reason.AGREEMENT_NOT_FOUND));
    }
}
