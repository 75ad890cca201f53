package io.jiucang.order;

import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RequestFuzz;
import io.jiucang.starter.test.RunningService;
import org.junit.jupiter.api.extension.RegisterExtension;

@RealInfrastructure
class OrderFuzzIT extends RequestFuzz {

    @RegisterExtension
    static final RunningService service = new RunningService(OrderServiceApplication.class, "order");

    OrderFuzzIT() {
        super(service);
    }
}
