@NullMarked
package io.jiucang.starter;

import org.jspecify.annotations.NullMarked;
