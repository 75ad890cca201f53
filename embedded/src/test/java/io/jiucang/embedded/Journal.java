package io.jiucang.embedded;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.IntegerDeserializer;
import org.apache.kafka.common.serialization.IntegerSerializer;

/** Both servers and one list of numbers in each. Run as a program it writes until it is killed, telling what was stored. */
final class Journal implements AutoCloseable {

    private static final String TOPIC = "journal";

    final PostgresServer postgres;
    final KafkaBroker kafka;
    private final Connection connection;
    private final KafkaProducer<Integer, Integer> producer;

    Journal(Path directory) throws SQLException {
        postgres = PostgresServer.start(directory.resolve("postgres"), 0);
        kafka = KafkaBroker.start(directory.resolve("kafka"), 0);
        PostgresServer.Database database = postgres.createDatabase("journal");
        connection = DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
        execute("CREATE TABLE IF NOT EXISTS journal (entry int)");
        kafka.createTopic(TOPIC, 1);
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all"),
                new IntegerSerializer(),
                new IntegerSerializer());
    }

    public static void main(String[] args) throws Exception {
        Journal journal = new Journal(Path.of(args[0]));
        for (int entry = 0; ; entry++) {
            journal.write(entry);
            System.out.println(entry);
        }
    }

    void write(int entry) throws SQLException, ExecutionException, InterruptedException {
        execute("INSERT INTO journal VALUES (" + entry + ")");
        producer.send(new ProducerRecord<>(TOPIC, entry)).get();
    }

    List<Integer> rows() throws SQLException {
        List<Integer> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT entry FROM journal ORDER BY entry")) {
            while (result.next()) {
                rows.add(result.getInt(1));
            }
        }
        return rows;
    }

    List<Integer> records() {
        List<Integer> records = new ArrayList<>();
        TopicPartition partition = new TopicPartition(TOPIC, 0);
        try (KafkaConsumer<Integer, Integer> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new IntegerDeserializer(),
                new IntegerDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> records.add(record.value()));
            }
        }
        return records;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        producer.close();
        kafka.close();
        postgres.close();
    }
}
