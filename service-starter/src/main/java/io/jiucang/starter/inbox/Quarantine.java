package io.jiucang.starter.inbox;

import static io.jiucang.starter.Columns.column;

import io.jiucang.events.EventRefused;
import io.jiucang.events.EventRefused.Reason;
import io.jiucang.events.Topics;
import io.jiucang.events.value.Sha256;
import io.jiucang.starter.AfterCommit;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The records that are no events, because nobody who may has signed them. They block nothing and are counted, with what
 * the last of each kind looked like; however many come, the table has a row for each partition, reason and source.
 *
 * <p>A record whose key nobody knew may be genuine after all: the service that sent it may have been given a new key. So
 * where such records stand is kept with the key directory they were held against, and once that is another, they are
 * read again, see {@link #unknownUnderAnother}.
 */
final class Quarantine {

    private static final int LONGEST_DETAIL = 300;
    private static final int LONGEST_HEADERS = 1_000;

    private final JdbcClient jdbc;
    private final MeterRegistry meters;
    private final String directory;

    /** @param directory names the key directory in force, by its hash */
    Quarantine(JdbcClient jdbc, MeterRegistry meters, String directory) {
        this.jdbc = jdbc;
        this.meters = meters;
        this.directory = directory;
    }

    /** A record that is no event, and why. */
    record Refused(ConsumerRecord<String, byte[]> record, EventRefused cause) {}

    /** What is known of the records of one partition that were refused for one reason. */
    record Entry(
            String topic,
            int partition,
            Reason reason,
            String source,
            long records,
            long firstOffset,
            long lastOffset,
            Instant firstAt,
            Instant lastAt,
            String valueSha256,
            String headers,
            String detail) {

        private static Entry of(Refused refused) {
            ConsumerRecord<String, byte[]> record = refused.record;
            Instant now = Instant.now();
            return new Entry(
                    record.topic(),
                    record.partition(),
                    refused.cause.reason(),
                    knownSource(record),
                    1,
                    record.offset(),
                    record.offset(),
                    now,
                    now,
                    record.value() == null ? "" : Sha256.hex(record.value()),
                    printable(headersOf(record), LONGEST_HEADERS),
                    printable(String.valueOf(refused.cause.getMessage()), LONGEST_DETAIL));
        }

        private Entry and(Entry later) {
            return new Entry(
                    topic,
                    partition,
                    reason,
                    source,
                    records + later.records,
                    firstOffset,
                    later.lastOffset,
                    firstAt,
                    later.lastAt,
                    later.valueSha256,
                    later.headers,
                    later.detail);
        }

        private Object kind() {
            return List.of(topic, partition, reason, source);
        }

        private static Entry read(ResultSet row, int number) throws SQLException {
            return new Entry(
                    row.getString("topic"),
                    row.getInt("record_partition"),
                    Reason.valueOf(row.getString("reason")),
                    row.getString("source"),
                    row.getLong("records"),
                    row.getLong("first_offset"),
                    row.getLong("last_offset"),
                    row.getTimestamp("first_at").toInstant(),
                    row.getTimestamp("last_at").toInstant(),
                    row.getString("value_sha256"),
                    row.getString("headers"),
                    row.getString("detail"));
        }
    }

    /** Within the running transaction. Nothing a record can hold makes it fail. */
    void add(Collection<Refused> refused) {
        Map<Object, Entry> kinds = new LinkedHashMap<>();
        for (Refused one : refused) {
            Entry entry = Entry.of(one);
            kinds.merge(entry.kind(), entry, Entry::and);
        }
        List<Entry> entries = List.copyOf(kinds.values());
        if (entries.isEmpty()) {
            return;
        }
        AfterCommit.run(() ->
                entries.forEach(entry -> meters.counter("jiucang.inbox.quarantined", "reason", entry.reason.name())
                        .increment((double) entry.records)));
        jdbc.sql("""
                        insert into quarantine (topic, record_partition, reason, source, records, first_offset,
                            last_offset, value_sha256, headers, detail, directory)
                        select *, :directory from unnest(:topics::text[], :partitions::int[], :reasons::text[],
                            :sources::text[], :records::bigint[], :first::bigint[], :last::bigint[], :values::text[],
                            :headers::text[], :details::text[])
                        on conflict (topic, record_partition, reason, source) do update set
                            records = quarantine.records + excluded.records,
                            first_offset = least(quarantine.first_offset, excluded.first_offset),
                            last_offset = greatest(quarantine.last_offset, excluded.last_offset),
                            last_at = now(), value_sha256 = excluded.value_sha256, headers = excluded.headers,
                            detail = excluded.detail""")
                .param("directory", directory)
                .param("topics", column(entries, Entry::topic, String[]::new))
                .param("partitions", column(entries, Entry::partition, Integer[]::new))
                .param("reasons", column(entries, entry -> entry.reason.name(), String[]::new))
                .param("sources", column(entries, Entry::source, String[]::new))
                .param("records", column(entries, Entry::records, Long[]::new))
                .param("first", column(entries, Entry::firstOffset, Long[]::new))
                .param("last", column(entries, Entry::lastOffset, Long[]::new))
                .param("values", column(entries, Entry::valueSha256, String[]::new))
                .param("headers", column(entries, Entry::headers, String[]::new))
                .param("details", column(entries, Entry::detail, String[]::new))
                .update();
    }

    /** All of it: there is only so much. */
    List<Entry> list() {
        return jdbc.sql("select * from quarantine order by last_at desc, topic, record_partition, reason, source")
                .query(Entry::read)
                .list();
    }

    /** Where, in these partitions, records stand whose key was unknown under another directory: the first of each. */
    Map<TopicPartition, Long> unknownUnderAnother(Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> first = new LinkedHashMap<>();
        jdbc
                .sql("""
                        select topic, record_partition, first_offset from quarantine
                        where reason = ? and source <> '' and directory <> ?""")
                .params(Reason.UNKNOWN_KEY.name(), directory)
                .query((row, number) -> Map.entry(new TopicPartition(row.getString(1), row.getInt(2)), row.getLong(3)))
                .list()
                .stream()
                .filter(entry -> partitions.contains(entry.getKey()))
                .forEach(entry -> first.merge(entry.getKey(), entry.getValue(), BinaryOperator.minBy(Long::compare)));
        return first;
    }

    /** All up to this offset has been read again, and is quarantined anew if it is still unknown. */
    void readAgain(TopicPartition partition, long upTo) {
        jdbc.sql("""
                        delete from quarantine where topic = ? and record_partition = ? and reason = ? and source <> ''
                        and directory <> ? and last_offset <= ?""")
                .params(partition.topic(), partition.partition(), Reason.UNKNOWN_KEY.name(), directory, upTo)
                .update();
    }

    private static String knownSource(ConsumerRecord<String, byte[]> record) {
        Header source = record.headers().lastHeader("ce_source");
        String claimed =
                source == null || source.value() == null ? "" : new String(source.value(), StandardCharsets.UTF_8);
        return Topics.isSource(claimed) ? claimed : "";
    }

    private static String headersOf(ConsumerRecord<String, byte[]> record) {
        StringBuilder text = new StringBuilder();
        for (Header header : record.headers()) {
            if (text.length() > LONGEST_HEADERS) {
                break;
            }
            byte[] value = Objects.requireNonNullElse(header.value(), new byte[0]);
            text.append(header.key(), 0, Math.min(header.key().length(), LONGEST_DETAIL))
                    .append('=')
                    .append(new String(value, 0, Math.min(value.length, LONGEST_DETAIL), StandardCharsets.UTF_8))
                    .append("; ");
        }
        return text.toString();
    }

    /** PostgreSQL takes no NUL, and a terminal should get no control sequence. */
    private static String printable(String text, int longest) {
        String clean = text.replaceAll("\\p{C}", "\u00b7");
        return clean.length() <= longest ? clean : clean.substring(0, longest) + "\u2026";
    }
}
