package io.jiucang.starter;

import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RequestFuzz;
import io.jiucang.starter.test.RunningService;
import org.junit.jupiter.api.extension.RegisterExtension;

@RealInfrastructure
class SampleFuzzIT extends RequestFuzz {

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    SampleFuzzIT() {
        super(service);
    }
}
