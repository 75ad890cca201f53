@NullMarked
package io.jiucang.delivery;

import org.jspecify.annotations.NullMarked;
