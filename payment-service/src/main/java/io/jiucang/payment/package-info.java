/** S3: payment, transaction record, refund. */
@NullMarked
package io.jiucang.payment;

import org.jspecify.annotations.NullMarked;
