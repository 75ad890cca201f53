/** What events are made of: ids, codes and amounts that cannot hold nonsense. */
@NullMarked
package io.jiucang.events.value;

import org.jspecify.annotations.NullMarked;
