package io.jiucang.delivery;

import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RequestFuzz;
import io.jiucang.starter.test.RunningService;
import org.junit.jupiter.api.extension.RegisterExtension;

@RealInfrastructure
class DeliveryFuzzIT extends RequestFuzz {

    @RegisterExtension
    static final RunningService service =
            new RunningService(DeliveryServiceApplication.class, "delivery", DeliveryTestbed.SETTINGS);

    DeliveryFuzzIT() {
        super(service);
    }
}
