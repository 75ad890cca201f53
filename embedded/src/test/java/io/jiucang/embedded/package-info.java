@NullMarked
package io.jiucang.embedded;

import org.jspecify.annotations.NullMarked;
