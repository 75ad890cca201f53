package io.jiucang.starter.law;

import io.jiucang.title.Ruling;
import io.jiucang.title.event.Cite;

/**
 * An event of the law that the ledger has, and what the law says of it, for ever.
 *
 * @param at where it stands; of a leaf that stands twice, where it counts
 * @param ruling without its changes, which are in the state
 */
public record Ruled(Cite at, Ruling ruling) {}
