package io.jiucang.anchoring;

import io.jiucang.ledger.Entry;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.Tile;
import io.jiucang.ledger.TilePath;
import io.jiucang.ledger.TileReader;
import io.jiucang.starter.store.ClusterLockFactory;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The log's tables. Whoever writes decides what is one transaction; only {@link TransparencyLog} writes. */
@Component
final class LogStore implements TileReader {

    private final JdbcClient jdbc;

    LogStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    record StoredEntry(String source, long index, Entry entry) {}

    /** @param note as it was signed; whether it still is, {@link TransparencyLog} looks */
    record StoredCheckpoint(long size, String note, Instant signedAt) {}

    /** Makes the caller the only writer of all replicas until its transaction ends. */
    void lock() {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("the log is only written in a transaction");
        }
        ClusterLockFactory.lockUntilTransactionEnds(jdbc, "log");
    }

    Optional<StoredCheckpoint> newestCheckpoint() {
        return jdbc.sql("select size, note, signed_at from checkpoint order by size desc limit 1")
                .query(LogStore::checkpoint)
                .optional();
    }

    /** Those of sizes greater than {@code after} and not greater than {@code upTo}, in ascending order. */
    List<StoredCheckpoint> checkpoints(long after, long upTo, int limit) {
        return jdbc.sql("""
                        select size, note, signed_at from checkpoint
                        where size > :after and size <= :upTo order by size limit :limit""")
                .param("after", after)
                .param("upTo", upTo)
                .param("limit", limit)
                .query(LogStore::checkpoint)
                .list();
    }

    /**
     * Compare and swap: the checkpoint is stored only if the one of size {@code previous} is still the newest.
     *
     * @param previous null for the first
     * @throws OptimisticLockingFailureException if it is not
     */
    void add(StoredCheckpoint checkpoint, @Nullable Long previous) {
        int added = jdbc.sql("""
                        insert into checkpoint (size, previous, note, signed_at)
                        values (:size, :previous, :note, :signedAt) on conflict do nothing""")
                .param("size", checkpoint.size())
                .param("previous", previous)
                .param("note", checkpoint.note())
                .param("signedAt", checkpoint.signedAt().atOffset(ZoneOffset.UTC))
                .update();
        if (added != 1) {
            throw new OptimisticLockingFailureException("the log has grown past size " + previous + " meanwhile");
        }
    }

    Set<Hash> presentAmong(Collection<Hash> leaves) {
        return jdbc.sql("select leaf_hash from entry where leaf_hash = any(?)")
                .param(leaves.stream().map(Hash::bytes).toArray(byte[][]::new))
                .query((row, number) -> Hash.of(row.getBytes(1)))
                .set();
    }

    Optional<Long> indexOf(Hash leaf) {
        return jdbc.sql("select index from entry where leaf_hash = ?")
                .param(leaf.bytes())
                .query(Long.class)
                .optional();
    }

    void add(long firstIndex, List<Leaf> leaves) {
        jdbc.sql("""
                        insert into entry (index, leaf_hash, source, event_id, bytes)
                        select :first + place - 1, hash, source, event_id, bytes
                        from unnest(:hashes::bytea[], :sources::text[], :ids::text[], :entries::bytea[])
                            with ordinality as leaf (hash, source, event_id, bytes, place)""")
                .param("first", firstIndex)
                .param(
                        "hashes",
                        leaves.stream()
                                .map(leaf -> leaf.entry().leafHash().bytes())
                                .toArray(byte[][]::new))
                .param("sources", leaves.stream().map(Leaf::source).toArray(String[]::new))
                .param("ids", leaves.stream().map(Leaf::eventId).toArray(String[]::new))
                .param(
                        "entries",
                        leaves.stream().map(leaf -> leaf.entry().bytes()).toArray(byte[][]::new))
                .update();
    }

    void put(List<Tile> tiles) {
        jdbc.sql("""
                        insert into tile (level, index, hashes)
                        select * from unnest(:levels::int[], :indexes::bigint[], :hashes::bytea[])
                        on conflict (level, index) do update set hashes = excluded.hashes""")
                .param("levels", tiles.stream().map(tile -> tile.path().level()).toArray(Integer[]::new))
                .param(
                        "indexes",
                        tiles.stream().map(tile -> tile.path().index()).toArray(Long[]::new))
                .param("hashes", tiles.stream().map(Tile::bytes).toArray(byte[][]::new))
                .update();
    }

    @Override
    public Optional<byte[]> read(TilePath path) {
        return jdbc.sql("select hashes from tile where level = :level and index = :index")
                .param("level", path.level())
                .param("index", path.index())
                .query((row, number) -> row.getBytes(1))
                .optional();
    }

    /** In the order of their indexes, without those that are not stored. */
    List<Entry> entries(long from, long to) {
        return jdbc.sql("select bytes from entry where index >= :from and index < :to order by index")
                .param("from", from)
                .param("to", to)
                .query((row, number) -> Entry.of(row.getBytes(1)))
                .list();
    }

    /** Events of several sources may have the same id. */
    List<StoredEntry> entriesOf(String eventId) {
        return jdbc.sql("select source, index, bytes from entry where event_id = :eventId")
                .param("eventId", eventId)
                .query((row, number) -> new StoredEntry(row.getString(1), row.getLong(2), Entry.of(row.getBytes(3))))
                .list();
    }

    long countEntries() {
        return jdbc.sql("select count(*) from entry").query(Long.class).single();
    }

    private static StoredCheckpoint checkpoint(ResultSet row, int number) throws SQLException {
        return new StoredCheckpoint(
                row.getLong("size"),
                row.getString("note"),
                row.getObject("signed_at", OffsetDateTime.class).toInstant());
    }
}
