/**
 * The law of title: who may do what to a case, decided from evidence alone. {@link io.jiucang.title.Title#apply} is the
 * whole of it; no clock, no I/O, no database.
 */
@NullMarked
package io.jiucang.title;

import org.jspecify.annotations.NullMarked;
