/** Load drivers: they know the stack as its users do, by HTTP and by what comes by on Kafka. */
@NullMarked
package io.jiucang.benchmarks;

import org.jspecify.annotations.NullMarked;
