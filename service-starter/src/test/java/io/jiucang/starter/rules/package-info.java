/** Services for the rules to judge. */
@NullMarked
package io.jiucang.starter.rules;

import org.jspecify.annotations.NullMarked;
