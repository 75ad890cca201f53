/** What every service shares, so that a service holds nothing but its own domain: how it starts, what it is told, and how it refuses. */
@NullMarked
package io.jiucang.starter;

import org.jspecify.annotations.NullMarked;
