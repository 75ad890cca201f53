package io.jiucang.warehouse;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.warehouse.WarehouseCommand.Scan;

/** A case in custody left with a courier: the box's own record, like {@link CasePicked}. */
record CaseDispatched(BoxCode boxCode, String site, String bin, PickupId pickupId, Scan scan) {}
