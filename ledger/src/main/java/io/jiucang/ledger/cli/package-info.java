/** The offline verifier: a file, a public key, and nothing to trust but the mathematics. */
@NullMarked
package io.jiucang.ledger.cli;

import org.jspecify.annotations.NullMarked;
