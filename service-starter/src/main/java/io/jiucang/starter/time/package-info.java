/** What happens at a time of its own: deadlines and background tasks. */
@NullMarked
package io.jiucang.starter.time;

import org.jspecify.annotations.NullMarked;
