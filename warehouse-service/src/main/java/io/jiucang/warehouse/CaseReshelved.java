package io.jiucang.warehouse;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.PickupId;

/** A case came back undelivered and stands in a bin again, for its token: the box's own record. */
record CaseReshelved(BoxCode boxCode, String site, String bin, PickupId pickupId) {}
