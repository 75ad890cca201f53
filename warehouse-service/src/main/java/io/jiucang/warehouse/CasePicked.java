package io.jiucang.warehouse;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.warehouse.WarehouseCommand.Scan;

/**
 * A case left its bin for a release, and never again for another.
 *
 * <p>It is the box's own record of what {@code CasesReleased} tells everyone. No {@code DomainEvent}, so that it stays
 * in this service: it names the person who held the scanner. Its class name is what its stored events are known by.
 */
record CasePicked(BoxCode boxCode, String site, String bin, ReleaseId releaseId, Scan scan) {}
