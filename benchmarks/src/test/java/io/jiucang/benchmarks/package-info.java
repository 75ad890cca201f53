@NullMarked
package io.jiucang.benchmarks;

import org.jspecify.annotations.NullMarked;
