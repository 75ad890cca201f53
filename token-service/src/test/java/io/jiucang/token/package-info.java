@NullMarked
package io.jiucang.token;

import org.jspecify.annotations.NullMarked;
