package io.jiucang.payment;

import io.jiucang.starter.test.ProblemTexts;
import io.jiucang.starter.test.ServiceRules;
import org.junit.jupiter.api.Test;

class PaymentRulesTest extends ServiceRules {

    @Test
    void everyRefusalCanBeToldInBothLanguages() {
        ProblemTexts.assertComplete(PaymentRejected.Reason.class, "payment");
    }
}
