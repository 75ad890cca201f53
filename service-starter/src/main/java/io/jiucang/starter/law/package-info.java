/** The law of title, as this service reads it for itself: what stands in the ledger, and what each event of it is worth. */
@NullMarked
package io.jiucang.starter.law;

import org.jspecify.annotations.NullMarked;
