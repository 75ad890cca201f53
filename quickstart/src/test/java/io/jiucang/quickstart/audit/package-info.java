@NullMarked
package io.jiucang.quickstart.audit;

import org.jspecify.annotations.NullMarked;
