package io.jiucang.token;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.jiucang.events.TokenEvent.WalletKeyRegistered;
import io.jiucang.events.TokenEvent.WalletKeyRevoked;
import io.jiucang.starter.store.ClusterLockFactory;
import io.jiucang.starter.web.Page;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.EventMessage;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Every owner's devices, live and revoked. */
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
            Instant registeredAt,
            @Nullable Instant revokedAt) {}

    Page<DeviceKey> list(String owner, @Nullable String cursor) {
        List<Row> rows = jdbc.sql("""
                        select position, kid, label, registered_at, revoked_at
                        from device_key join device_label using (kid)
                        where owner = ? and position > ? order by position limit ?""")
                .params(owner, Page.after(cursor), PAGE_SIZE)
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

    /** Whose key it is or was; nobody else's until this transaction ends. */
    Optional<String> ownerOf(String kid) {
        ClusterLockFactory.lockUntilTransactionEnds(jdbc, "device " + kid);
        return jdbc.sql("select owner from device_key where kid = ?")
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

    /** The event that registered this owner's device. */
    Optional<String> registrationOf(String kid, String owner) {
        return jdbc.sql("select event_id from device_key where kid = ? and owner = ?")
                .params(kid, owner)
                .query(String.class)
                .optional();
    }

    @EventHandler
    void on(WalletKeyRegistered event, EventMessage<?> message) {
        jdbc.sql("insert into device_key (kid, owner, registered_at, event_id) values (?, ?, ?, ?)")
                .params(event.kid(), event.owner(), Timestamp.from(event.registeredAt()), message.getIdentifier())
                .update();
    }

    @EventHandler
    void on(WalletKeyRevoked event) {
        jdbc.sql("update device_key set revoked_at = ? where kid = ?")
                .params(Timestamp.from(event.revokedAt()), event.kid())
                .update();
    }

    private record Row(long position, DeviceKey key) {}
}
