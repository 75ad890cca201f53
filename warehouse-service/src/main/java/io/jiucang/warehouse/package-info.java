/**
 * S4: cases in stock by box code and bin, release orders for scanners, and the release of sound cases, each for one
 * token. S6: their shipment, and their return.
 */
@NullMarked
package io.jiucang.warehouse;

import org.jspecify.annotations.NullMarked;
