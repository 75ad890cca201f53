package io.jiucang.warehouse;

import io.jiucang.starter.test.ProblemTexts;
import org.junit.jupiter.api.Test;

class WarehouseRejectedTest {

    @Test
    void hasATitleForEachReason() {
        ProblemTexts.assertComplete(WarehouseRejected.Reason.class, "warehouse");
    }
}
