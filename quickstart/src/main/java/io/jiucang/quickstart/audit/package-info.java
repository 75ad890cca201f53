/** Judges what was gathered of a ledger, its events and the services' rows: without network, database or clock. */
@NullMarked
package io.jiucang.quickstart.audit;

import org.jspecify.annotations.NullMarked;
