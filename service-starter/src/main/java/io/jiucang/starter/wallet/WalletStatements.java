package io.jiucang.starter.wallet;

import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_EXPIRED;
import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_MALFORMED;
import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_NOT_FOR_THIS;

import io.jiucang.starter.RequestRejected;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.StatementRefused;
import io.jiucang.title.statement.Statements;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Reads what wallets say ({@code docs/statements.md}), as far as that can be judged without knowing their keys; the rest is
 * {@link KeyRing}'s.
 */
public final class WalletStatements {

    private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

    private final String origin;
    private final Duration longestLife;
    private final Clock clock;

    WalletStatements(Directory directory, Clock clock) {
        this.origin = directory.document().origin();
        this.longestLife = Duration.ofSeconds(directory.parameters().statementLife());
        this.clock = clock;
    }

    /** @throws RequestRejected unless it is this act, in the one form there is, for this installation */
    public <A extends io.jiucang.title.statement.Act> Statement<A> read(String jws, Class<A> act) {
        try {
            Statement<A> statement = Statements.read(jws, act);
            if (!statement.spoken().iss().equals(origin)) {
                throw new RequestRejected(STATEMENT_NOT_FOR_THIS, "iss is not " + origin);
            }
            return statement;
        } catch (StatementRefused e) {
            throw new RequestRejected(STATEMENT_MALFORMED, String.valueOf(e.getMessage()));
        }
    }

    /** The same of one that was just signed. */
    public <A extends io.jiucang.title.statement.Act> Statement<A> readCurrent(String jws, Class<A> act) {
        Statement<A> statement = read(jws, act);
        Instant now = clock.instant();
        Instant issued = statement.spoken().iat();
        Instant expires = statement.spoken().exp().orElseThrow();
        if (issued.isAfter(now.plus(CLOCK_SKEW))
                || !expires.isAfter(now)
                || Duration.between(issued, expires).compareTo(longestLife) > 0) {
            throw new RequestRejected(
                    STATEMENT_EXPIRED,
                    "a wallet's statement lives at most " + longestLife.toMinutes() + " minutes from iat to exp");
        }
        return statement;
    }
}
