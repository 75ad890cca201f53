package io.jiucang.starter.wallet;

import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_KEY_UNKNOWN;
import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_SIGNATURE_INVALID;

import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.law.LawReader;
import io.jiucang.title.Facts.Terminal;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Act.Speaker;
import io.jiucang.title.statement.Statement;
import java.util.Optional;

/**
 * What terminals say ({@code docs/statements.md}), before the ledger has it. Whose they are, the ledger alone tells: by their
 * party's own statement, until it withdraws them (K5).
 */
public final class TerminalStatements {

    private final WalletStatements statements;
    private final LawReader law;

    TerminalStatements(WalletStatements statements, LawReader law) {
        this.statements = statements;
        this.law = law;
    }

    /** A terminal of this kind that counts now. */
    public Optional<Terminal> find(String id, Speaker role) {
        return law.read(state -> state.terminal(id))
                .filter(terminal -> terminal.role() == role && !terminal.withdrawn());
    }

    /** What was said, and by which terminal. */
    public record Word<A extends Act>(A act, Terminal terminal) {}

    /** @throws RequestRejected with a {@code STATEMENT_…} reason, unless a terminal of this kind has signed it that counts now */
    public <A extends Act> Word<A> spoken(String jws, Class<A> act, Speaker role) {
        Statement<A> statement = statements.read(jws, act);
        Terminal terminal = find(statement.spoken().sub(), role)
                .filter(known -> known.id().equals(statement.kid()))
                .orElseThrow(() -> new RequestRejected(
                        STATEMENT_KEY_UNKNOWN, "kid names no terminal that its party has enrolled, and not withdrawn"));
        if (!statement.isSignedBy(terminal.key())) {
            throw new RequestRejected(STATEMENT_SIGNATURE_INVALID, "the signature is not by the key that kid names");
        }
        return new Word<>(statement.act(), terminal);
    }
}
