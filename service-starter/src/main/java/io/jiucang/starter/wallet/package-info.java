/** What owners' devices and parties' terminals signed, and which of them are whose. */
@NullMarked
package io.jiucang.starter.wallet;

import org.jspecify.annotations.NullMarked;
