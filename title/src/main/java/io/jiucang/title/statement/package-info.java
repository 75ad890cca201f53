/** What parties, terminals and wallets sign: one record for each act, one canonical form, one codec. */
@NullMarked
package io.jiucang.title.statement;

import org.jspecify.annotations.NullMarked;
