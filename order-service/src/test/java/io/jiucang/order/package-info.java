@NullMarked
package io.jiucang.order;

import org.jspecify.annotations.NullMarked;
