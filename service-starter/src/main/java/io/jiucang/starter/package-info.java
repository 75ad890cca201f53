/** What every service shares, so that a service holds nothing but its own domain. */
@NullMarked
package io.jiucang.starter;

import org.jspecify.annotations.NullMarked;
