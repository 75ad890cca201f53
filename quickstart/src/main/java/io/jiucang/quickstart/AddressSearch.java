package io.jiucang.quickstart;

import io.jiucang.embedded.PostgresServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Looks for texts, byte by byte, in all that a stack keeps: every file, be it PostgreSQL's, Kafka's, a log or a proof
 * bundle; and, because both servers may compress what they write, every row of every table and every record of every
 * topic as they give it back.
 */
final class AddressSearch {

    /** Kinds of places where something may be found. */
    enum Place {
        TABLE,
        TOPIC,
        LOG,
        PROOF_BUNDLE,
        OTHER_FILE
    }

    /**
     * @param hits which places hold what is sought, without the text itself
     * @param known which places hold what is there for certain: proof of what the search can find
     * @param looked how many rows, records and files of each kind there were
     * @param bytes of all files together
     */
    record Findings(Map<Place, Set<String>> hits, Map<Place, Set<String>> known, Map<Place, Long> looked, long bytes) {

        String searched() {
            return String.format(
                    Locale.ROOT,
                    "all rows (%,d), all records of topics (%,d), all files: logs (%,d), proof bundles (%,d), others (%,d, %,d MB)",
                    looked.getOrDefault(Place.TABLE, 0L),
                    looked.getOrDefault(Place.TOPIC, 0L),
                    looked.getOrDefault(Place.LOG, 0L),
                    looked.getOrDefault(Place.PROOF_BUNDLE, 0L),
                    looked.getOrDefault(Place.OTHER_FILE, 0L),
                    bytes >> 20);
        }
    }

    private static final Duration LONGEST_POLL = Duration.ofSeconds(5);

    private final Stack stack;
    private final Path data;
    private final Path logs;

    private final Needles sought;
    private final Needles certain;
    private final Map<Place, Set<String>> hits = new EnumMap<>(Place.class);
    private final Map<Place, Set<String>> known = new EnumMap<>(Place.class);
    private final Map<Place, Long> looked = new EnumMap<>(Place.class);
    private long bytes;

    private AddressSearch(Stack stack, Path data, Collection<String> sought, Collection<String> certain) {
        this.stack = stack;
        this.data = data;
        this.logs = Path.of(System.getProperty("jiucang.log", ".jiucang/jiucang.log"))
                .toAbsolutePath();
        this.sought = new Needles(sought);
        this.certain = new Needles(certain);
    }

    /** Every place that holds one of the texts {@code sought}, or of those that are certainly there, in any encoding. */
    static Findings find(Stack stack, Path data, Collection<String> sought, Collection<String> certain)
            throws IOException {
        AddressSearch search = new AddressSearch(stack, data, sought, certain);
        search.searchTables();
        search.searchTopics();
        search.searchFiles();
        return new Findings(search.hits, search.known, search.looked, search.bytes);
    }

    private void look(Place place, String name, byte @Nullable [] content) {
        if (content != null) {
            look(sought, hits, place, name, content);
            look(certain, known, place, name, content);
        }
    }

    private static void look(Needles needles, Map<Place, Set<String>> found, Place place, String name, byte[] content) {
        if (needles.anyIn(content)) {
            found.computeIfAbsent(place, kind -> new LinkedHashSet<>()).add(name);
        }
    }

    private void count(Place place) {
        looked.merge(place, 1L, Long::sum);
    }

    private void searchTables() {
        PostgresServer postgres = stack.postgres();
        try {
            for (String database : databases(postgres)) {
                try (Connection connection = connect(postgres, database);
                        Statement statement = connection.createStatement()) {
                    // So that the files, too, hold what is only in memory yet.
                    statement.execute("checkpoint");
                    for (String table : tables(statement)) {
                        searchTable(database, table, statement);
                    }
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot search the tables: " + e.getMessage(), e);
        }
    }

    private static List<String> databases(PostgresServer postgres) throws SQLException {
        try (Connection connection = connect(postgres, "postgres");
                Statement statement = connection.createStatement()) {
            return texts(statement, "select datname from pg_database where not datistemplate");
        }
    }

    /** As the superuser, from whom nothing is hidden. */
    private static Connection connect(PostgresServer postgres, String database) throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(database), postgres.user(), postgres.password());
    }

    private static List<String> tables(Statement statement) throws SQLException {
        return texts(statement, """
                select format('%I.%I', table_schema, table_name) from information_schema.tables
                where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
                """);
    }

    private static List<String> texts(Statement statement, String query) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (ResultSet found = statement.executeQuery(query)) {
            while (found.next()) {
                texts.add(found.getString(1));
            }
        }
        return texts;
    }

    /** A row as text shows binary columns in hex. */
    private void searchTable(String database, String table, Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("select each::text from " + table + " each")) {
            while (rows.next()) {
                count(Place.TABLE);
                look(Place.TABLE, database + ": " + table, rows.getString(1).getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private void searchTopics() {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.listTopics().values().stream()
                    .flatMap(Collection::stream)
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
                consumer.poll(LONGEST_POLL).forEach(this::searchRecord);
            }
        }
    }

    private void searchRecord(ConsumerRecord<byte[], byte[]> record) {
        count(Place.TOPIC);
        look(Place.TOPIC, record.topic(), record.key());
        look(Place.TOPIC, record.topic(), record.value());
        record.headers().forEach(header -> {
            look(Place.TOPIC, record.topic(), header.key().getBytes(StandardCharsets.UTF_8));
            look(Place.TOPIC, record.topic(), header.value());
        });
    }

    private void searchFiles() throws IOException {
        try (var rolled = Files.newDirectoryStream(logs.resolveSibling(""), logs.getFileName() + "*")) {
            for (Path log : rolled) {
                searchFile(Place.LOG, log);
            }
        }
        Files.walkFileTree(data, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile() && !isIndex(file)) {
                    searchFile(file.startsWith(data.resolve("proofs")) ? Place.PROOF_BUNDLE : Place.OTHER_FILE, file);
                }
                return FileVisitResult.CONTINUE;
            }

            // The servers go on, and take files away.
            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
    }

    /** Kafka's indexes hold offsets and times alone, in files of their largest size. */
    static boolean isIndex(Path file) {
        return file.toString().endsWith("index");
    }

    private void searchFile(Place place, Path file) throws IOException {
        try {
            byte[] content = Files.readAllBytes(file);
            count(place);
            bytes += content.length;
            look(place, file.toString(), content);
        } catch (NoSuchFileException gone) {
            // Taken away by its server since it was listed.
        }
    }
}
