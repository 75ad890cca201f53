/**
 * Statements ({@code docs/statements.md}) made with code of their own, so that the law's codec is not its own witness; and the
 * parties and terminals that make them. An owner's are in {@code device}, a courier's in {@code courier}.
 */
@NullMarked
package io.jiucang.simulators.statement;

import org.jspecify.annotations.NullMarked;
