package io.jiucang.warehouse;

import io.jiucang.starter.test.ProblemTexts;
import io.jiucang.starter.test.ServiceRules;
import org.junit.jupiter.api.Test;

class WarehouseRulesTest extends ServiceRules {

    @Test
    void everyRefusalCanBeToldInBothLanguages() {
        ProblemTexts.assertComplete(WarehouseRejected.Reason.class, "warehouse");
    }
}
