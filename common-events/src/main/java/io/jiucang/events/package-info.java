/** The contracts: what each service tells, on which topic, in which JSON. */
@NullMarked
package io.jiucang.events;

import org.jspecify.annotations.NullMarked;
