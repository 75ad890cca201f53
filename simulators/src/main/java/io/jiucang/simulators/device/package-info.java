/** The device of an owner or a courier: it holds the private key that never leaves it. */
@NullMarked
package io.jiucang.simulators.device;

import org.jspecify.annotations.NullMarked;
