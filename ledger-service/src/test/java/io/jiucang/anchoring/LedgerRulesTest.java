package io.jiucang.anchoring;

import io.jiucang.starter.test.ProblemTexts;
import io.jiucang.starter.test.ServiceRules;
import org.junit.jupiter.api.Test;

class LedgerRulesTest extends ServiceRules {

    @Test
    void everyRefusalCanBeToldInBothLanguages() {
        ProblemTexts.assertComplete(LedgerRejected.Reason.class, "ledger");
    }
}
