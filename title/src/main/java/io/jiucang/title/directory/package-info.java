/** The directory of parties: who they are, what they may say, with which keys, until when. */
@NullMarked
package io.jiucang.title.directory;

import org.jspecify.annotations.NullMarked;
