package io.jiucang.starter.test;

import io.jiucang.embedded.KafkaBroker;
import io.jiucang.embedded.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewTopic;
import org.springframework.util.FileSystemUtils;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** One PostgreSQL and one Kafka, with the means to empty them. */
record Servers(String jdbcUrl, String superuser, String password, String bootstrapServers, Runnable shutdown)
        implements AutoCloseable {

    static Servers start() {
        return dockerAnswers() ? inDocker() : embedded();
    }

    /** The cheap look first: without an engine Testcontainers searches long and complains loudly. */
    private static boolean dockerAnswers() {
        return (System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock")))
                && DockerClientFactory.instance().isDockerAvailable();
    }

    private static Servers inDocker() {
        PostgreSQLContainer postgres = new PostgreSQLContainer("postgres:18.6-alpine")
                .withCommand("postgres", "-c", "max_connections=200", "-c", "fsync=off");
        KafkaContainer kafka =
                new KafkaContainer("apache/kafka:4.2.2").withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false");
        postgres.start();
        kafka.start();
        return new Servers(
                postgres.getJdbcUrl(),
                postgres.getUsername(),
                postgres.getPassword(),
                kafka.getBootstrapServers(),
                () -> {
                    kafka.stop();
                    postgres.stop();
                });
    }

    /** A fixed place, so that the database of a killed run is found and stopped by the next. */
    private static Servers embedded() {
        Path directory = Path.of("target", "infrastructure");
        PostgresServer postgres = PostgresServer.start(directory.resolve("postgres"), 0, Map.of("fsync", "off"));
        try {
            // Groups of a killed run would keep their members for a while. PostgreSQL's lock makes this directory ours.
            FileSystemUtils.deleteRecursively(directory.resolve("kafka"));
            KafkaBroker kafka = KafkaBroker.start(directory.resolve("kafka"), 0);
            return new Servers(
                    postgres.jdbcUrl("postgres"),
                    postgres.user(),
                    postgres.password(),
                    kafka.bootstrapServers(),
                    () -> {
                        kafka.close();
                        postgres.close();
                    });
        } catch (IOException e) {
            postgres.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            postgres.close();
            throw e;
        }
    }

    /** Empties what is left of an earlier class and prepares for the next. */
    Infrastructure prepare(String database, Collection<String> topics, int partitions)
            throws SQLException, ExecutionException, InterruptedException {
        String rolePassword = UUID.randomUUID().toString();
        try (Connection connection = DriverManager.getConnection(jdbcUrl, superuser, password);
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(
                    "DROP DATABASE IF EXISTS %s WITH (FORCE)",
                    "DROP ROLE IF EXISTS %s",
                    "CREATE ROLE %s LOGIN PASSWORD '" + rolePassword + "'",
                    "CREATE DATABASE %1$s OWNER %1$s")) {
                statement.execute(sql.formatted(database));
            }
        }
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
            List<String> groups = admin.listGroups().all().get().stream()
                    .map(GroupListing::groupId)
                    .toList();
            admin.deleteConsumerGroups(groups).all().get();
            admin.deleteTopics(admin.listTopics().names().get()).all().get();
            admin.createTopics(topics.stream()
                            .map(topic -> new NewTopic(topic, partitions, (short) 1))
                            .toList())
                    .all()
                    .get();
        }
        String databaseUrl = jdbcUrl.replaceFirst("/[^/?]*(\\?.*)?$", "/" + database);
        return new Infrastructure(databaseUrl, database, rolePassword, bootstrapServers);
    }

    @Override
    public void close() {
        shutdown.run();
    }
}
