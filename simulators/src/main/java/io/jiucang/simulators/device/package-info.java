/** The owner's device: it holds the private key that never leaves it. */
@NullMarked
package io.jiucang.simulators.device;

import org.jspecify.annotations.NullMarked;
