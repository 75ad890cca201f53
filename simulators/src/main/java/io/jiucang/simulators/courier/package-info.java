/** The carrier's side of a delivery: the only one that can read an address. */
@NullMarked
package io.jiucang.simulators.courier;

import org.jspecify.annotations.NullMarked;
