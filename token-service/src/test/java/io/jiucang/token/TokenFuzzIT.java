package io.jiucang.token;

import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RequestFuzz;
import io.jiucang.starter.test.RunningService;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;

@RealInfrastructure
class TokenFuzzIT extends RequestFuzz {

    @RegisterExtension
    static final RunningService service = new RunningService(TokenServiceApplication.class, "token");

    TokenFuzzIT() {
        super(service, Map.of("gtin", "00012345600012", "saleUntil", "2099-01-01T00:00:00Z"));
    }
}
