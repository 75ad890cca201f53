package io.jiucang.starter.wallet;

import io.jiucang.events.TokenEvent.WalletKeyRegistered;
import io.jiucang.events.TokenEvent.WalletKeyRevoked;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The device keys of all owners, as token-service tells of them.
 *
 * <p>Every service that acts on an owner's intent keeps its own copy, so that it can verify without asking anyone.
 */
public final class WalletKeys {

    private final JdbcClient jdbc;

    WalletKeys(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @EventHandler
    void on(WalletKeyRegistered event) {
        jdbc.sql("insert into wallet_key (kid, owner, jwk, registered_at) values (?, ?, ?, ?) on conflict do nothing")
                .params(event.kid(), event.owner(), event.jwk(), Timestamp.from(event.registeredAt()))
                .update();
    }

    @EventHandler
    void on(WalletKeyRevoked event) {
        jdbc.sql("update wallet_key set revoked_at = ? where kid = ?")
                .params(Timestamp.from(event.revokedAt()), event.kid())
                .update();
    }

    Optional<Key> find(String kid) {
        return jdbc.sql("select owner, jwk, registered_at, revoked_at from wallet_key where kid = ?")
                .param(kid)
                .query((row, number) -> new Key(
                        row.getString(1),
                        row.getString(2),
                        row.getTimestamp(3).toInstant(),
                        Optional.ofNullable(row.getTimestamp(4)).map(Timestamp::toInstant)))
                .optional();
    }

    /** @param jwk public key as JWK JSON */
    record Key(String owner, String jwk, Instant registeredAt, Optional<Instant> revokedAt) {

        boolean revokedBy(Instant at) {
            return revokedAt.filter(revoked -> !revoked.isAfter(at)).isPresent();
        }
    }
}
