/**
 * PostgreSQL 18 and a single-node Kafka for machines that have neither. Both are the real servers with their production
 * durability; what they store outlives this process, a crash of it included.
 */
@NullMarked
package io.jiucang.embedded;

import org.jspecify.annotations.NullMarked;
