/**
 * S3: the payment of each confirmed order through the provider, the transaction record (the sale), and refunds. It is
 * the judge between paying and cancelling.
 */
@NullMarked
package io.jiucang.payment;

import org.jspecify.annotations.NullMarked;
