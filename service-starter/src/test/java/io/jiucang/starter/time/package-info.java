@NullMarked
package io.jiucang.starter.time;

import org.jspecify.annotations.NullMarked;
