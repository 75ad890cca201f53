package io.jiucang.starter.store;

import io.jiucang.events.envelope.EvidenceRecords;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What events name by its SHA-256 alone, because it may name a person: the bytes lie here and in no event. The database holds
 * each to its name, so none can stand under another's.
 *
 * <p>Bytes of our own events are told before the event that names them. Of what others tell, whoever can write to Kafka can
 * tell anything: kept for good is only what an event names that its source has signed. Mostly the bytes are there first; so
 * the newest of them wait for their event, at most {@link #EARLY} bytes. A flood pushes out earlier bytes, but none that an
 * event has named by then.
 */
public final class Evidence {

    /** Some hundred thousand receipts: so far may their topic be read ahead of the events'. */
    static final long EARLY = 1L << 28;

    /** About what a row takes besides its content, or tiny ones without number would fit. */
    private static final int ROW = 256;

    /** Nobody is told that an event waits for bytes while they are put aside as nobody's. */
    private static final String LOCK = "evidence";

    private final JdbcClient jdbc;

    Evidence(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * In the transaction of the event that names it, so that there is never one without the other.
     *
     * @throws IllegalArgumentException if it is longer than {@link EvidenceRecords#LARGEST}
     */
    public void keep(byte[] content) {
        if (content.length > EvidenceRecords.LARGEST) {
            throw new IllegalArgumentException("evidence of " + content.length + " bytes");
        }
        jdbc.sql("""
                        insert into evidence (sha256, content, told) values (sha256(:content), :content, false)
                        on conflict do nothing""").param("content", content).update();
    }

    /** @param sha256 64 hex digits */
    public Optional<byte[]> find(String sha256) {
        return jdbc.sql("select content from evidence where sha256 = decode(?, 'hex') and content is not null")
                .param(sha256)
                .query(byte[].class)
                .optional();
    }

    /** What others told, once it was held against its name; within the transaction that takes it in. */
    public void receive(Collection<byte[]> contents) {
        if (contents.isEmpty()) {
            return;
        }
        ClusterLockFactory.lockUntilTransactionEnds(jdbc, LOCK);
        jdbc.sql("""
                        with come as (
                            select distinct content, sha256(content) as sha256
                            from unnest(:contents::bytea[]) as come (content)),
                        awaited as (
                            update evidence set content = come.content from come
                            where evidence.sha256 = come.sha256 and evidence.content is null)
                        insert into early_evidence (content, position)
                        select content, (select coalesce(max(position), 0) from early_evidence)
                            + sum(octet_length(content) + :row) over (order by sha256)
                        from come where sha256 not in (select sha256 from evidence)
                        on conflict (sha256) do nothing""")
                .param("contents", contents.toArray(byte[][]::new))
                .param("row", ROW)
                .update();
        jdbc.sql("""
                        delete from early_evidence
                        where position <= (select max(position) from early_evidence) - :most""").param("most", EARLY).update();
    }

    /**
     * An authentic event names these bytes: from now on they are kept, whenever they come.
     *
     * @param sha256 64 hex digits
     * @return whether they are here
     */
    public boolean claim(String sha256) {
        if (find(sha256).isPresent()) {
            return true;
        }
        ClusterLockFactory.lockUntilTransactionEnds(jdbc, LOCK);
        jdbc.sql("""
                        with early as (
                            delete from early_evidence where sha256 = decode(:sha256, 'hex') returning content)
                        insert into evidence (sha256, content)
                        values (decode(:sha256, 'hex'), (select content from early))
                        on conflict do nothing""").param("sha256", sha256).update();
        return find(sha256).isPresent();
    }

    /** Those of our own that Kafka has not acknowledged, at most {@code limit}. */
    List<byte[]> untold(int limit) {
        return jdbc.sql("select content from evidence where not told limit ?")
                .param(limit)
                .query((row, number) -> row.getBytes(1))
                .list();
    }

    void told(Collection<byte[]> contents) {
        jdbc.sql("""
                        update evidence set told = true
                        where sha256 in (select sha256(content) from unnest(?::bytea[]) as told (content))""").param(contents.toArray(byte[][]::new)).update();
    }

    /**
     * Has these told again, as far as they are here, whoever told them first.
     *
     * @param names 64 hex digits each
     */
    public void tellAgain(Collection<String> names) {
        jdbc.sql("""
                        update evidence set told = false
                        from unnest(:names::text[]) as name where sha256 = decode(name, 'hex') and content is not null""").param("names", names.toArray(String[]::new)).update();
    }

    /**
     * Has all of our own told again.
     *
     * @return how many had been told
     */
    public int tellAgain() {
        return jdbc.sql("update evidence set told = false where told").update();
    }
}
