/** How an event travels: as a CloudEvent in a Kafka record, signed by its source and verified by whoever acts on it. */
@NullMarked
package io.jiucang.events.envelope;

import org.jspecify.annotations.NullMarked;
