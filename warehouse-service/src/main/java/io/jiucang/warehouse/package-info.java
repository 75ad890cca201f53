/**
 * S4: cases in stock by box code and bin, release orders for scanners, and the release of sound cases, each for one
 * token.
 */
@NullMarked
package io.jiucang.warehouse;

import org.jspecify.annotations.NullMarked;
