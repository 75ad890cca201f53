package io.jiucang.delivery;

import io.jiucang.starter.test.ProblemTexts;
import io.jiucang.starter.test.ServiceRules;
import org.junit.jupiter.api.Test;

class DeliveryRulesTest extends ServiceRules {

    @Test
    void everyRefusalCanBeToldInBothLanguages() {
        ProblemTexts.assertComplete(DeliveryRejected.Reason.class, "delivery");
    }
}
