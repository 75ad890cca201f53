package io.jiucang.warehouse;

import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RequestFuzz;
import io.jiucang.starter.test.RunningService;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;

@RealInfrastructure
class WarehouseFuzzIT extends RequestFuzz {

    @RegisterExtension
    static final RunningService service = new RunningService(WarehouseServiceApplication.class, "warehouse");

    WarehouseFuzzIT() {
        super(service, Map.of("boxCodes", "https://id.gs1.org/01/00012345600012/21/1"));
    }
}
