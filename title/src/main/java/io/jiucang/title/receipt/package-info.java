/** The payment provider's own signed answers, and which of them are receipts (S3). */
@NullMarked
package io.jiucang.title.receipt;

import org.jspecify.annotations.NullMarked;
