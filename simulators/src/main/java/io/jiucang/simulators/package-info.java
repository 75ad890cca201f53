/** What the simulators share: a server on the loopback interface, and keys kept in files. */
@NullMarked
package io.jiucang.simulators;

import org.jspecify.annotations.NullMarked;
