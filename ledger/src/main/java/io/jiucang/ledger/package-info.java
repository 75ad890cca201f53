/**
 * A transparency log as a plain library: RFC 9162 tree, tlog-tiles, signed notes, checkpoints, proofs.
 *
 * <p>Sizes and indexes are unsigned 64-bit numbers held in {@code long}. Everything a stranger can hand us is refused
 * with {@link io.jiucang.ledger.LedgerException} and its reason; whatever a parser accepts is in the one canonical
 * form, so formatting it again gives the same bytes.
 */
@NullMarked
package io.jiucang.ledger;

import org.jspecify.annotations.NullMarked;
