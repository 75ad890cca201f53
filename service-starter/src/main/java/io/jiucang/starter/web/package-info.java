/** How a service answers: access, problems, pages, and each POST once. */
@NullMarked
package io.jiucang.starter.web;

import org.jspecify.annotations.NullMarked;
