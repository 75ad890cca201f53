/** All of Jiucang in one JVM, on a real PostgreSQL and a real Kafka broker, for whoever wants to see it run. */
@NullMarked
package io.jiucang.quickstart;

import org.jspecify.annotations.NullMarked;
