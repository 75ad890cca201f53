package io.jiucang.payment;

import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RequestFuzz;
import io.jiucang.starter.test.RunningService;
import org.junit.jupiter.api.extension.RegisterExtension;

@RealInfrastructure
class PaymentFuzzIT extends RequestFuzz {

    @RegisterExtension
    static final RunningService service = new RunningService(
            PaymentServiceApplication.class,
            "payment",
            PaymentServiceIT.settings(PaymentServiceIT.PROVIDER.merchant()));

    PaymentFuzzIT() {
        super(service);
    }
}
