/**
 * Anchors every signed event in a transparency log and serves the log's checkpoints, tiles and proofs. The mathematics
 * is the ledger module's; here it gets storage, one writer at a time, and an HTTP interface.
 */
@NullMarked
package io.jiucang.anchoring;

import org.jspecify.annotations.NullMarked;
