/**
 * S6 and S7: pickup orders, the address that only the carrier can read, the owner's signature, dispatch, and the proof
 * of delivery.
 */
@NullMarked
package io.jiucang.delivery;

import org.jspecify.annotations.NullMarked;
