package io.jiucang.starter.store;

import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What this service's events name by its SHA-256 alone, because it may name a person: the bytes lie here and in no event.
 * The database makes the name from the bytes, so none can stand under another's.
 */
public final class Evidence {

    private final JdbcClient jdbc;

    Evidence(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** In the transaction of the event that names it, so that there is never one without the other. */
    public void keep(byte[] content) {
        jdbc.sql("insert into evidence (content) values (?) on conflict do nothing")
                .param(content)
                .update();
    }

    /** @param sha256 64 hex digits */
    public Optional<byte[]> find(String sha256) {
        return jdbc.sql("select content from evidence where sha256 = decode(?, 'hex')")
                .param(sha256)
                .query(byte[].class)
                .optional();
    }
}
