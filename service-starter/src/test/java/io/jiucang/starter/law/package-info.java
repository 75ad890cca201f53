@NullMarked
package io.jiucang.starter.law;

import org.jspecify.annotations.NullMarked;
