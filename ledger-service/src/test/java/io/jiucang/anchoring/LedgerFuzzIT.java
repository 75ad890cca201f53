package io.jiucang.anchoring;

import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RequestFuzz;
import io.jiucang.starter.test.RunningService;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;

@RealInfrastructure
class LedgerFuzzIT extends RequestFuzz {

    @RegisterExtension
    static final RunningService service = new RunningService(
            LedgerServiceApplication.class,
            "ledger",
            Map.of(
                    "jiucang.ledger.key-file",
                    LogFixtures.keyFile(LogFixtures.SEED).toString()));

    LedgerFuzzIT() {
        super(service);
    }
}
