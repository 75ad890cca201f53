/**
 * S2: purchase requests with the buyer's signed intent and the custody agreement, the order, and the process that leads
 * it from reservation over payment and release to title, or back.
 */
@NullMarked
package io.jiucang.order;

import org.jspecify.annotations.NullMarked;
