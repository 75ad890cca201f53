package io.jiucang.anchoring;

import io.cloudevents.CloudEvent;
import io.jiucang.events.envelope.VerifiedEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Sees what was not told. What an aggregate tells is numbered from 0 without gaps, and comes in that order; so a number
 * passed over is an event that somebody keeps back, and one that comes twice is a second story. Both are counted and told
 * of, and anchored all the same: the log judges nothing.
 */
@Component
final class Numbers {

    private static final Logger log = LoggerFactory.getLogger(Numbers.class);
    /** A number far ahead is a lie or a disaster; either is told by its first numbers. */
    private static final int LARGEST_GAP = 100;

    private final JdbcClient jdbc;
    private final Counter repeated;

    Numbers(JdbcClient jdbc, MeterRegistry meters) {
        this.jdbc = jdbc;
        this.repeated = Counter.builder("jiucang.ledger.numbers.repeated")
                .description("Events under a number that another event of their aggregate bears")
                .register(meters);
        Gauge.builder("jiucang.ledger.numbers.missing", this::missing)
                .description("Numbers of events that were never told, though later ones were")
                .register(meters);
    }

    private record Stream(String source, String subject) {

        static Stream of(CloudEvent event) {
            return new Stream(event.getSource().toString(), String.valueOf(event.getSubject()));
        }
    }

    private record Told(Stream stream, long number) {}

    /** Within the transaction that appends them. */
    void note(List<VerifiedEvent> events) {
        Map<Stream, Long> next = next(events);
        List<Told> gaps = new ArrayList<>();
        List<Told> late = new ArrayList<>();
        for (VerifiedEvent verified : events) {
            Stream stream = Stream.of(verified.event());
            long number = numberOf(verified.event());
            long expected = next.getOrDefault(stream, 0L);
            if (number < expected) {
                late.add(new Told(stream, number));
                continue;
            }
            if (number > expected) {
                log.error(
                        "{} of {} told number {} and never number {}", stream.subject, stream.source, number, expected);
            }
            for (long missing = expected; missing < number && missing < expected + LARGEST_GAP; missing++) {
                gaps.add(new Told(stream, missing));
            }
            next.put(stream, number + 1);
        }
        store(next);
        add(gaps);
        fill(late);
    }

    private static long numberOf(CloudEvent event) {
        return Long.parseLong(String.valueOf(event.getExtension("sequence")));
    }

    private Map<Stream, Long> next(List<VerifiedEvent> events) {
        List<Stream> streams = events.stream()
                .map(event -> Stream.of(event.event()))
                .distinct()
                .toList();
        Map<Stream, Long> next = new LinkedHashMap<>();
        jdbc.sql("""
                        select source, subject, next from told
                        where (source, subject) in (select * from unnest(:sources::text[], :subjects::text[]))""")
                .param("sources", streams.stream().map(Stream::source).toArray(String[]::new))
                .param("subjects", streams.stream().map(Stream::subject).toArray(String[]::new))
                .query((row, number) -> Map.entry(new Stream(row.getString(1), row.getString(2)), row.getLong(3)))
                .list()
                .forEach(entry -> next.put(entry.getKey(), entry.getValue()));
        return next;
    }

    private void store(Map<Stream, Long> next) {
        jdbc.sql("""
                        insert into told (source, subject, next)
                        select * from unnest(:sources::text[], :subjects::text[], :next::bigint[])
                        on conflict (source, subject) do update set next = excluded.next""")
                .param("sources", next.keySet().stream().map(Stream::source).toArray(String[]::new))
                .param("subjects", next.keySet().stream().map(Stream::subject).toArray(String[]::new))
                .param("next", next.values().toArray(Long[]::new))
                .update();
    }

    private void add(List<Told> gaps) {
        if (!gaps.isEmpty()) {
            on("insert into untold (source, subject, number) " + UNNEST + " on conflict do nothing", gaps)
                    .update();
        }
    }

    /** What comes after all, once its sender's key is known perhaps, closes its gap. */
    private void fill(List<Told> late) {
        if (late.isEmpty()) {
            return;
        }
        Set<Told> filled = new HashSet<>(on(
                        "delete from untold where (source, subject, number) in (" + UNNEST
                                + ") returning source, subject, number",
                        late)
                .query((row, number) -> new Told(new Stream(row.getString(1), row.getString(2)), row.getLong(3)))
                .list());
        Map<Stream, List<Long>> twice = late.stream()
                .filter(one -> !filled.remove(one))
                .collect(Collectors.groupingBy(Told::stream, Collectors.mapping(Told::number, Collectors.toList())));
        twice.forEach((stream, numbers) -> {
            repeated.increment(numbers.size());
            log.error("{} of {} told again what has been told: numbers {}", stream.subject, stream.source, numbers);
        });
    }

    private static final String UNNEST =
            "select * from unnest(:sources::text[], :subjects::text[], :numbers::bigint[])";

    private JdbcClient.StatementSpec on(String sql, List<Told> numbers) {
        return jdbc.sql(sql)
                .param("sources", numbers.stream().map(one -> one.stream.source).toArray(String[]::new))
                .param(
                        "subjects",
                        numbers.stream().map(one -> one.stream.subject).toArray(String[]::new))
                .param("numbers", numbers.stream().map(Told::number).toArray(Long[]::new));
    }

    private long missing() {
        return jdbc.sql("select count(*) from untold").query(Long.class).single();
    }
}
