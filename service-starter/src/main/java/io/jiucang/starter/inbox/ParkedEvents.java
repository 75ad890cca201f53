package io.jiucang.starter.inbox;

import io.jiucang.events.EventRefused;
import io.jiucang.events.Topics;
import io.jiucang.starter.AfterCommit;
import io.jiucang.starter.ServiceSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.KafkaTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The events that did not take effect, in the order in which they must be tried again. */
final class ParkedEvents {

    /** Reason of an event that is itself sound, but comes after one of its key that is parked. */
    static final String BEHIND = "BEHIND_PARKED";

    static final String PREDECESSOR_MISSING = "PREDECESSOR_MISSING";

    private static final Logger log = LoggerFactory.getLogger(ParkedEvents.class);
    private static final JsonMapper JSON = new JsonMapper();

    private final ServiceSettings settings;
    private final JdbcClient jdbc;
    private final KafkaTemplate<String, byte[]> kafka;
    private final MeterRegistry meters;

    ParkedEvents(ServiceSettings settings, JdbcClient jdbc, KafkaTemplate<String, byte[]> kafka, MeterRegistry meters) {
        this.settings = settings;
        this.jdbc = jdbc;
        this.kafka = kafka;
        this.meters = meters;
    }

    /** Those of {@code keys} that have an event parked; until the transaction ends, none of them is replayed to its end. */
    Set<Key> blockedAmong(List<Key> keys) {
        return new HashSet<>(jdbc.sql("""
                        select topic, event_key from parked_event
                        where (topic, event_key) in (select * from unnest(:topics::text[], :keys::text[]))
                        order by id for update""")
                .param("topics", keys.stream().map(Key::topic).toArray(String[]::new))
                .param("keys", keys.stream().map(Key::key).toArray(String[]::new))
                .query((row, number) -> new Key(row.getString(1), row.getString(2)))
                .list());
    }

    /** Parks an event that only an operator can help, and publishes it as a dead letter. */
    void park(ConsumerRecord<String, byte[]> record, String reason, Exception cause) {
        log.warn(
                "parked {} of {}, partition {}, offset {}: {}",
                reason,
                Key.of(record),
                record.partition(),
                record.offset(),
                cause.getMessage(),
                cause instanceof EventRefused ? null : cause);
        insert(record, reason, detail(cause), null);
        publishDeadLetterOnCommit(record, reason, detail(cause));
    }

    /** Parks an event until another has come; {@link #due} gives it back soon. */
    void parkWaiting(ConsumerRecord<String, byte[]> record, PredecessorMissing cause) {
        insert(
                record,
                PREDECESSOR_MISSING,
                detail(cause),
                seconds(settings.inbox().retryEvery()));
    }

    void parkBehind(ConsumerRecord<String, byte[]> record) {
        insert(record, BEHIND, "an earlier event of this key is parked", null);
    }

    Optional<Parked> first(Key key) {
        return jdbc.sql(SELECT + " where topic = ? and event_key = ? order by id limit 1")
                .params(key.topic, key.key)
                .query(Parked::fromRow)
                .optional();
    }

    Optional<Parked> find(long id) {
        return jdbc.sql(SELECT + " where id = ?")
                .param(id)
                .query(Parked::fromRow)
                .optional();
    }

    /** Every parked event but those behind another, after {@code afterId}, at most {@code limit}. */
    List<Parked> causes(long afterId, int limit) {
        return jdbc.sql(SELECT + " where id > ? and reason <> ? order by id limit ?")
                .params(afterId, BEHIND, limit)
                .query(Parked::fromRow)
                .list();
    }

    /** Keys whose first event is to be tried again now. */
    List<Key> due() {
        return jdbc.sql("select distinct topic, event_key from parked_event where retry_at <= now()")
                .query((row, number) -> new Key(row.getString(1), row.getString(2)))
                .list();
    }

    boolean remove(long id) {
        return jdbc.sql("delete from parked_event where id = ?").param(id).update() == 1;
    }

    /** The event failed again, now for this reason. */
    void keep(Parked event, String reason, Exception cause) {
        jdbc.sql("update parked_event set reason = ?, detail = ?, retry_at = null where id = ?")
                .params(reason, detail(cause), event.id)
                .update();
        publishDeadLetterOnCommit(event.toRecord(), reason, detail(cause));
    }

    /** The event still waits for another; after too long it becomes a dead letter. */
    void waitOn(Parked event, PredecessorMissing cause) {
        int waits = jdbc.sql("""
                        update parked_event set reason = :reason, detail = :detail,
                            retry_at = now() + make_interval(secs => :every)
                        where id = :id and parked_at + make_interval(secs => :for) > now()""")
                .param("reason", PREDECESSOR_MISSING)
                .param("detail", detail(cause))
                .param("every", seconds(settings.inbox().retryEvery()))
                .param("for", seconds(settings.inbox().retryFor()))
                .param("id", event.id)
                .update();
        if (waits == 0) {
            keep(event, PREDECESSOR_MISSING, cause);
        }
    }

    long keys() {
        return count("select count(*) from (select distinct topic, event_key from parked_event)");
    }

    long deadLetters() {
        return count("select count(*) from parked_event where retry_at is null and reason <> '" + BEHIND + "'");
    }

    private long count(String sql) {
        return jdbc.sql(sql).query(Long.class).single();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }

    /** @param retryAfter seconds, by the database's clock, which no replica's differs from */
    private void insert(
            ConsumerRecord<String, byte[]> record, String reason, String detail, @Nullable Double retryAfter) {
        jdbc.sql("""
                        insert into parked_event (topic, event_key, record_partition, record_offset, headers, value,
                                                  reason, detail, retry_at)
                        values (:topic, :key, :partition, :offset, :headers::jsonb, :value, :reason, :detail, now() + make_interval(secs => :retryAfter::float8))
                        on conflict (topic, record_partition, record_offset) do nothing""")
                .param("topic", record.topic())
                .param("key", Key.of(record).key)
                .param("partition", record.partition())
                .param("offset", record.offset())
                .param("headers", headersToJson(record))
                .param("value", record.value())
                .param("reason", reason)
                .param("detail", detail)
                .param("retryAfter", retryAfter)
                .update();
    }

    /** Not at once: a batch that fails is undone. The row is what counts; the letter may be lost, and nothing waits for it. */
    private void publishDeadLetterOnCommit(ConsumerRecord<String, byte[]> record, String reason, String detail) {
        AfterCommit.run(() -> {
            meters.counter("jiucang.inbox.refused", "reason", reason).increment();
            publishDeadLetter(record, reason, detail);
        });
    }

    private void publishDeadLetter(ConsumerRecord<String, byte[]> record, String reason, String detail) {
        var letter = new ProducerRecord<>(Topics.deadLettersOf(settings.service()), record.key(), record.value());
        record.headers().forEach(letter.headers()::add);
        letter.headers()
                .add("jiucang-reason", utf8(reason))
                .add("jiucang-detail", utf8(detail))
                .add("jiucang-topic", utf8(record.topic()))
                .add("jiucang-partition", utf8(Integer.toString(record.partition())))
                .add("jiucang-offset", utf8(Long.toString(record.offset())));
        try {
            var _ = kafka.send(letter).whenComplete((sent, failure) -> {
                if (failure != null) {
                    log.warn("the dead letter of {} was not taken: {}", Key.of(record), failure.toString());
                }
            });
        } catch (KafkaException e) {
            log.warn("the dead letter of {} was not taken: {}", Key.of(record), e.toString());
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String detail(Exception cause) {
        String message =
                Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
        return message.length() <= 1000 ? message : message.substring(0, 1000);
    }

    // A header's value may be any bytes; one of a forged record may even be absent or come twice.
    private static String headersToJson(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new TreeMap<>();
        for (Header header : record.headers()) {
            if (header.value() != null) {
                headers.merge(header.key(), base64(header.value()), (first, second) -> first + "," + second);
            }
        }
        return JSON.writeValueAsString(headers);
    }

    private static String base64(byte[] value) {
        return Base64.getEncoder().encodeToString(value);
    }

    private static final String SELECT = """
            select id, topic, event_key, record_partition, record_offset, headers::text as headers, value, reason,
                   detail, parked_at from parked_event""";

    /** What is kept in order: the records of one key on one topic. */
    record Key(String topic, String key) {

        static Key of(ConsumerRecord<String, ?> record) {
            return new Key(record.topic(), Objects.requireNonNullElse(record.key(), ""));
        }
    }

    /** A parked event as stored. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Parked(
            long id,
            Key key,
            int partition,
            long offset,
            Map<String, String> headers,
            byte @Nullable [] value,
            String reason,
            String detail,
            Instant parkedAt) {

        private static Parked fromRow(java.sql.ResultSet row, int number) throws java.sql.SQLException {
            return new Parked(
                    row.getLong("id"),
                    new Key(row.getString("topic"), row.getString("event_key")),
                    row.getInt("record_partition"),
                    row.getLong("record_offset"),
                    JSON.readValue(row.getString("headers"), new TypeReference<Map<String, String>>() {}),
                    row.getBytes("value"),
                    row.getString("reason"),
                    row.getString("detail"),
                    row.getTimestamp("parked_at").toInstant());
        }

        ConsumerRecord<String, byte[]> toRecord() {
            RecordHeaders all = new RecordHeaders();
            headers.forEach((name, values) -> {
                for (String value : values.split(",", -1)) {
                    all.add(name, Base64.getDecoder().decode(value));
                }
            });
            return new ConsumerRecord<>(
                    key.topic,
                    partition,
                    offset,
                    parkedAt.toEpochMilli(),
                    TimestampType.NO_TIMESTAMP_TYPE,
                    ConsumerRecord.NULL_SIZE,
                    ConsumerRecord.NULL_SIZE,
                    key.key,
                    value,
                    all,
                    Optional.empty());
        }
    }
}
