/**
 * Tokens and their owners: sales plans and their vaults (S1), reservations (S2), box codes (S4), titles (S5), locks
 * and burning (S6, S7), and the wallets whose device keys sign whatever an owner disposes of.
 */
@NullMarked
package io.jiucang.token;

import org.jspecify.annotations.NullMarked;
