/** What a service hears: every event of others takes effect once, whatever comes between. */
@NullMarked
package io.jiucang.starter.inbox;

import org.jspecify.annotations.NullMarked;
