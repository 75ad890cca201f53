package io.jiucang.starter.wallet;

import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_NOT_FOR_THIS;
import static io.jiucang.starter.RequestRejected.Reason.WALLET_KEY_KNOWN;

import io.jiucang.events.EventJson;
import io.jiucang.events.TokenEvent.KeyEndorsed;
import io.jiucang.events.TokenEvent.KeyRevoked;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.starter.RequestRejected;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.statement.Act.KeyEndorsement;
import io.jiucang.title.statement.Act.KeyRevocation;
import io.jiucang.title.statement.Act.WalletBirth;
import io.jiucang.title.statement.Statement;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The device keys of all wallets, by the wallets' own statements: token-service tells of them, but what it tells has no
 * effect unless the wallet said it. Void events are counted ({@code jiucang.wallets.void}), and hold nothing up.
 *
 * <p>Every service that acts on an owner's intent keeps its own copy, so that it can verify without asking anyone. A key is
 * known within its wallet alone: whoever endorses another wallet's key takes nothing from it.
 */
public final class WalletKeys {

    private static final Logger log = LoggerFactory.getLogger(WalletKeys.class);

    private final WalletStatements statements;
    private final JdbcClient jdbc;
    private final Counter voided;

    WalletKeys(WalletStatements statements, JdbcClient jdbc, MeterRegistry metrics) {
        this.statements = statements;
        this.jdbc = jdbc;
        this.voided = metrics.counter("jiucang.wallets.void");
    }

    @EventHandler
    void on(WalletBorn event, @org.axonframework.eventhandling.Timestamp Instant at) {
        unlessVoid(event.wallet(), () -> {
            KeyRing born = KeyRing.born(statements.read(event.statement(), WalletBirth.class));
            if (!born.wallet().equals(event.wallet())) {
                throw new RequestRejected(STATEMENT_NOT_FOR_THIS, "the birth of another wallet, " + born.wallet());
            }
            if (!ring(born.wallet()).keys().isEmpty()) {
                throw new RequestRejected(WALLET_KEY_KNOWN, "born before");
            }
            insert(born.wallet(), born.keys().getFirst().key(), at);
        });
    }

    @EventHandler
    void on(KeyEndorsed event, @org.axonframework.eventhandling.Timestamp Instant at) {
        unlessVoid(event.wallet(), () -> {
            P256Key key = ring(event.wallet()).endorsed(statements.read(event.statement(), KeyEndorsement.class));
            insert(event.wallet(), key, at);
        });
    }

    @EventHandler
    void on(KeyRevoked event, @org.axonframework.eventhandling.Timestamp Instant at) {
        unlessVoid(event.wallet(), () -> {
            String kid = ring(event.wallet()).revoked(statements.read(event.statement(), KeyRevocation.class));
            jdbc.sql("update wallet_key set revoked_at = ? where wallet = ? and kid = ?")
                    .params(Timestamp.from(at), event.wallet(), kid)
                    .update();
        });
    }

    private void unlessVoid(String wallet, Runnable effect) {
        try {
            effect.run();
        } catch (RequestRejected rejected) {
            voided.increment();
            log.warn("void, of wallet {}: {} ({})", wallet, rejected.reason(), rejected.getMessage());
        }
    }

    private void insert(String wallet, P256Key key, Instant at) {
        jdbc.sql("insert into wallet_key (wallet, kid, jwk, joined_at) values (?, ?, ?, ?)")
                .params(wallet, key.thumbprint(), EventJson.mapper().writeValueAsString(key), Timestamp.from(at))
                .update();
    }

    /** Without any keys, if there is no such wallet: then nobody can speak for it. */
    private KeyRing ring(String wallet) {
        List<KeyRing.Key> keys = jdbc.sql(
                        "select jwk, revoked_at is null from wallet_key where wallet = ? order by position")
                .param(wallet)
                .query((row, number) -> new KeyRing.Key(key(row.getString(1)), row.getBoolean(2)))
                .list();
        return new KeyRing(wallet, keys);
    }

    /** @throws RequestRejected unless a standing key of the wallet that it names has signed it */
    public void requireSpoken(Statement<?> statement) {
        ring(statement.spoken().sub()).requireSpeaker(statement);
    }

    /**
     * What an owner asks for now.
     *
     * @throws RequestRejected with a {@code STATEMENT_…} reason, unless a standing key of this wallet has just signed it
     */
    public <A extends io.jiucang.title.statement.Act> Statement<A> spoken(String jws, Class<A> act, String wallet) {
        Statement<A> statement = statements.readCurrent(jws, act);
        if (!statement.spoken().sub().equals(wallet)) {
            throw new RequestRejected(STATEMENT_NOT_FOR_THIS, "sub is not the wallet of this access token");
        }
        requireSpoken(statement);
        return statement;
    }

    Optional<Key> find(String wallet, String kid) {
        return jdbc.sql("select jwk, joined_at, revoked_at from wallet_key where wallet = ? and kid = ?")
                .params(wallet, kid)
                .query((row, number) -> new Key(
                        key(row.getString(1)),
                        row.getTimestamp(2).toInstant(),
                        Optional.ofNullable(row.getTimestamp(3)).map(Timestamp::toInstant)))
                .optional();
    }

    private static P256Key key(String jwk) {
        return EventJson.mapper().readValue(jwk, P256Key.class);
    }

    record Key(P256Key key, Instant joinedAt, Optional<Instant> revokedAt) {

        boolean revokedBy(Instant at) {
            return revokedAt.filter(revoked -> !revoked.isAfter(at)).isPresent();
        }
    }
}
