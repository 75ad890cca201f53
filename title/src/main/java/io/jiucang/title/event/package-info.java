/** The events of the law, as opened leaves bring them: what a service's own event says for the law, one mapping each. */
@NullMarked
package io.jiucang.title.event;

import org.jspecify.annotations.NullMarked;
