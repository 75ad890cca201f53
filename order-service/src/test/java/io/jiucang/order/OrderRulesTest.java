package io.jiucang.order;

import io.jiucang.starter.test.ProblemTexts;
import io.jiucang.starter.test.ServiceRules;
import org.junit.jupiter.api.Test;

class OrderRulesTest extends ServiceRules {

    @Test
    void everyRefusalCanBeToldInBothLanguages() {
        ProblemTexts.assertComplete(OrderRejected.Reason.class, "order");
    }
}
