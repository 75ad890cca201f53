/** One value, one spelling: what is signed or hashed can be written in one way only. */
@NullMarked
package io.jiucang.title.form;

import org.jspecify.annotations.NullMarked;
