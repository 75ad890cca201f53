@NullMarked
package io.jiucang.quickstart;

import org.jspecify.annotations.NullMarked;
