/** Real PostgreSQL and Kafka for the integration tests of every service. */
@NullMarked
package io.jiucang.starter.test;

import org.jspecify.annotations.NullMarked;
