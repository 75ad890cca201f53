/** What a service tells: its event store, locks, and the relay to Kafka. */
@NullMarked
package io.jiucang.starter.store;

import org.jspecify.annotations.NullMarked;
