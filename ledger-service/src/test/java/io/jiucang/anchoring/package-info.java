@NullMarked
package io.jiucang.anchoring;

import org.jspecify.annotations.NullMarked;
