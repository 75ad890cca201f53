package io.jiucang.warehouse;

import io.jiucang.events.BoxCode;
import io.jiucang.events.PickupId;
import io.jiucang.warehouse.WarehouseCommand.Scan;

/** A case in custody left with a courier: the box's own record, like {@link CasePicked}. */
record CaseDispatched(BoxCode boxCode, String site, String bin, PickupId pickupId, Scan scan) {}
