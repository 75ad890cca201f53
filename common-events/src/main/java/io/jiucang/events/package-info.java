/** What crosses between services: events, ids, money, topics, and how an event is signed and verified. */
@NullMarked
package io.jiucang.events;

import org.jspecify.annotations.NullMarked;
