/** What an owner's device signed, and which devices are whose. */
@NullMarked
package io.jiucang.starter.wallet;

import org.jspecify.annotations.NullMarked;
