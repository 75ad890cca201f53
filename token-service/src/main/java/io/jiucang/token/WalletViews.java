package io.jiucang.token;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.jiucang.events.TokenEvent.KeyEndorsed;
import io.jiucang.events.TokenEvent.KeyRevoked;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.starter.store.ClusterLockFactory;
import io.jiucang.starter.web.Page;
import io.jiucang.title.statement.Act.KeyEndorsement;
import io.jiucang.title.statement.Act.KeyRevocation;
import io.jiucang.title.statement.Statements;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.EventMessage;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Every wallet's devices, live and revoked; and which account holds which wallet, which is written nowhere else. */
@Component
class WalletViews {

    static final int PAGE_SIZE = 50;

    private final JdbcClient jdbc;

    WalletViews(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param kid RFC 7638 thumbprint */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record DeviceKey(
            String kid,
            String label,
            Instant joinedAt,
            @Nullable Instant revokedAt) {}

    Page<DeviceKey> list(String wallet, @Nullable String cursor) {
        List<Row> rows = jdbc.sql("""
                        select position, kid, label, joined_at, revoked_at
                        from device_key join device_label using (kid)
                        where wallet = ? and position > ? order by position limit ?""")
                .params(wallet, Page.after(cursor), PAGE_SIZE)
                .query((row, number) -> new Row(
                        row.getLong(1),
                        new DeviceKey(
                                row.getString(2),
                                row.getString(3),
                                row.getTimestamp(4).toInstant(),
                                Optional.ofNullable(row.getTimestamp(5))
                                        .map(Timestamp::toInstant)
                                        .orElse(null))))
                .list();
        Page<Row> page = Page.of(rows, PAGE_SIZE, Row::position);
        return new Page<>(page.items().stream().map(Row::key).toList(), page.next());
    }

    Optional<String> walletOf(String account) {
        return jdbc.sql("select wallet from account_wallet where account = ?")
                .param(account)
                .query(String.class)
                .optional();
    }

    /** The same; nobody else gives the account one until this transaction ends. */
    Optional<String> lockedWalletOf(String account) {
        ClusterLockFactory.lockUntilTransactionEnds(jdbc, "account " + account);
        return walletOf(account);
    }

    void assign(String account, String wallet) {
        jdbc.sql("insert into account_wallet (account, wallet) values (?, ?)")
                .params(account, wallet)
                .update();
    }

    /** In which wallet the key is or was; in nobody else's until this transaction ends. */
    Optional<String> lockedHolderOf(String kid) {
        ClusterLockFactory.lockUntilTransactionEnds(jdbc, "device " + kid);
        return jdbc.sql("select wallet from device_key where kid = ?")
                .param(kid)
                .query(String.class)
                .optional();
    }

    /** What an owner calls a device is written in no event, which nobody could ever take back. */
    void call(String kid, String label) {
        jdbc.sql("""
                        insert into device_label (kid, label) values (?, ?)
                        on conflict (kid) do update set label = excluded.label""").params(kid, label).update();
    }

    /** The events by which this key joined its wallet: the wallet's birth, and each endorsement until the key's own. */
    List<String> admissionOf(String wallet, String kid) {
        return jdbc.sql("""
                        select event_id from device_key
                        where wallet = ? and position <= (select position from device_key where wallet = ? and kid = ?)
                        order by position""")
                .params(wallet, wallet, kid)
                .query((row, number) -> row.getString(1))
                .list();
    }

    @EventHandler
    void on(WalletBorn event, EventMessage<?> message) {
        insert(event.wallet(), event.wallet(), message);
    }

    @EventHandler
    void on(KeyEndorsed event, EventMessage<?> message) {
        insert(
                event.wallet(),
                Statements.read(event.statement(), KeyEndorsement.class)
                        .act()
                        .key()
                        .thumbprint(),
                message);
    }

    @EventHandler
    void on(KeyRevoked event, EventMessage<?> message) {
        String kid =
                Statements.read(event.statement(), KeyRevocation.class).act().key();
        jdbc.sql("update device_key set revoked_at = ? where kid = ?")
                .params(time(message), kid)
                .update();
    }

    private void insert(String wallet, String kid, EventMessage<?> message) {
        jdbc.sql("insert into device_key (kid, wallet, joined_at, event_id) values (?, ?, ?, ?)")
                .params(kid, wallet, time(message), message.getIdentifier())
                .update();
    }

    /** In seconds, as they are signed: the same when it is read again. */
    private static Timestamp time(EventMessage<?> message) {
        return Timestamp.from(message.getTimestamp().truncatedTo(ChronoUnit.SECONDS));
    }

    private record Row(long position, DeviceKey key) {}
}
