/**
 * What holds for the whole project, whichever module it is in: the structure of the code, and the truth of what is
 * written about it.
 */
@NullMarked
package io.jiucang.architecture;

import org.jspecify.annotations.NullMarked;
