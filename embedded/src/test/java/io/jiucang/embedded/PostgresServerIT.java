package io.jiucang.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jiucang.embedded.EmbeddedFailure.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresServerIT {

    /** For the tests that leave it as they found it: a first start costs seconds. */
    @TempDir
    private static Path kept;

    @TempDir
    private Path fresh;

    @Test
    void runsWithProductionDurability() throws Exception {
        try (PostgresServer server = PostgresServer.start(kept, 0)) {
            Map<String, String> settings = Map.of(
                    "fsync", "on",
                    "synchronous_commit", "on",
                    "full_page_writes", "on",
                    "data_checksums", "on",
                    "listen_addresses", "127.0.0.1",
                    "server_encoding", "UTF8",
                    "max_connections", "200");
            for (Map.Entry<String, String> setting : settings.entrySet()) {
                assertThat(ask(server, "SHOW " + setting.getKey()))
                        .as(setting.getKey())
                        .isEqualTo(setting.getValue());
            }
        }
    }

    @Test
    void letsARoleIntoItsOwnDatabaseOnly() throws Exception {
        try (PostgresServer server = PostgresServer.start(kept, 0)) {
            PostgresServer.Database order = server.createDatabase("order_service");
            PostgresServer.Database token = server.createDatabase("token_service");
            assertThat(server.createDatabase("order_service")).isEqualTo(order);

            DriverManager.getConnection(order.jdbcUrl(), order.user(), order.password())
                    .close();
            assertThatThrownBy(() -> DriverManager.getConnection(token.jdbcUrl(), order.user(), order.password()))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> DriverManager.getConnection(order.jdbcUrl(), order.user(), "guess"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
            assertThatThrownBy(() -> server.createDatabase("a; DROP DATABASE token_service"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void closesTwice() {
        PostgresServer server = PostgresServer.start(kept, 0);
        server.close();
        server.close();
        assertThat(kept.resolve("data/postmaster.pid")).doesNotExist();
    }

    @Test
    void endsAServerThatHangsAndKeepsWhatItAcknowledged() throws Exception {
        PostgresServer server = PostgresServer.start(kept, 0);
        server.createDatabase("acknowledged");
        List<ProcessHandle> processes = processesIn(kept);
        for (ProcessHandle process : processes) {
            new ProcessBuilder("kill", "-STOP", Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }

        assertTimeout(Duration.ofSeconds(8), server::close);

        await().untilAsserted(() -> assertThat(processesIn(kept)).isEmpty());
        try (PostgresServer again = PostgresServer.start(kept, 0)) {
            assertThat(ask(again, "SELECT count(*) FROM pg_database WHERE datname = 'acknowledged'"))
                    .isEqualTo("1");
        }
    }

    @Test
    void tellsOfAServerThatEndsUntold() throws Exception {
        try (PostgresServer server = PostgresServer.start(kept, 0)) {
            assertThat(server.failure()).isNotDone();
            long pid = Long.parseLong(
                    Files.readAllLines(kept.resolve("data/postmaster.pid")).getFirst());
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            assertThat(server.failure())
                    .succeedsWithin(Duration.ofSeconds(10))
                    .extracting(EmbeddedFailure::getMessage, STRING)
                    .startsWith("PostgreSQL ended")
                    .contains(" — ");
        }
    }

    /** From a first start, with all that is only done then, to one that has just made it. */
    @Test
    void leavesNothingOfAnInterruptedStart() throws Exception {
        boolean started = false;
        for (int millis = 0; !started; millis = millis * 2 + 100) {
            CompletableFuture<PostgresServer> start = new CompletableFuture<>();
            Thread starter = Thread.ofPlatform().start(() -> {
                try {
                    start.complete(PostgresServer.start(fresh, 0));
                } catch (RuntimeException e) {
                    start.completeExceptionally(e);
                }
            });
            started = starter.join(Duration.ofMillis(millis));
            starter.interrupt();
            assertThat(starter.join(Duration.ofSeconds(5))).as("ends soon").isTrue();
            if (start.isCompletedExceptionally()) {
                assertThat(processesIn(fresh)).as("after " + millis + " ms").isEmpty();
            } else {
                start.join().close();
            }
        }
        PostgresServer.start(fresh, 0).close();
    }

    private static List<ProcessHandle> processesIn(Path directory) throws IOException {
        String programs = directory.toRealPath().toString();
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .command()
                        .filter(command -> command.startsWith(programs))
                        .isPresent())
                .toList();
    }

    @Test
    void namesThePortInUseAndItsHolder() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertThatExceptionOfType(EmbeddedFailure.class)
                    .isThrownBy(() -> PostgresServer.start(kept, taken.getLocalPort()))
                    .withMessage("Port %d is in use by process %d (java) — stop that program or choose another port"
                            .formatted(
                                    taken.getLocalPort(),
                                    ProcessHandle.current().pid()))
                    .satisfies(failure -> assertThat(failure.reason()).isEqualTo(Reason.PORT_IN_USE));
        }
        PostgresServer.start(kept, 0).close();
    }

    @Test
    void leavesADirectoryInUseAlone() throws Exception {
        try (PostgresServer server = PostgresServer.start(kept, 0)) {
            assertFails(kept, Reason.DIRECTORY_IN_USE, "in use by this process — stop that one first");
            assertThat(ask(server, "SELECT 1")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @CsvSource({"2147483646", "0", "abc", "''", "own"})
    void outlivesAStaleProcessId(String recorded) throws Exception {
        PostgresServer.start(kept, 0).close();
        String pid =
                recorded.equals("own") ? Long.toString(ProcessHandle.current().pid()) : recorded;
        Files.writeString(
                kept.resolve("data/postmaster.pid"),
                recorded.isEmpty() ? "" : pid + "\n" + kept.resolve("data") + "\n1\n1\n\n127.0.0.1\n");
        try (PostgresServer server = PostgresServer.start(kept, 0)) {
            assertThat(ask(server, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void redoesAnInitdbThatWasCutShort() throws Exception {
        Files.createDirectories(fresh.resolve("data.new/base"));
        Files.writeString(fresh.resolve("data.new/PG_VERSION"), "18");
        try (PostgresServer server = PostgresServer.start(fresh, 0)) {
            assertThat(ask(server, "SELECT 1")).isEqualTo("1");
        }
        assertThat(fresh.resolve("data.new")).doesNotExist();
    }

    @Test
    void namesWhatIsDamaged() throws Exception {
        PostgresServer.start(fresh, 0).close();
        Path data = fresh.resolve("data");

        try (DirectoryStream<Path> wal = Files.newDirectoryStream(data.resolve("pg_wal"), "0*")) {
            for (Path segment : wal) {
                Files.delete(segment);
            }
        }
        assertFails(fresh, Reason.DIRECTORY_DAMAGED, "could not locate a valid checkpoint record");

        Files.write(data.resolve("global/pg_control"), new byte[8192]);
        assertFails(fresh, Reason.DIRECTORY_DAMAGED, "damaged (");

        Files.writeString(data.resolve("PG_VERSION"), "17\n");
        assertFails(fresh, Reason.OTHER_VERSION, "was written by PostgreSQL 17, this is 18");

        Files.delete(data.resolve("PG_VERSION"));
        assertFails(fresh, Reason.DIRECTORY_DAMAGED, "PG_VERSION is missing");

        Files.writeString(data.resolve("PG_VERSION"), "18\n");
        Files.delete(fresh.resolve("superuser.password"));
        assertFails(fresh, Reason.DIRECTORY_DAMAGED, "superuser.password is missing");
    }

    @Test
    void refusesADirectoryThatCannotBe() throws Exception {
        Path file = Files.createFile(fresh.resolve("file"));
        assertThatExceptionOfType(EmbeddedFailure.class)
                .isThrownBy(() -> PostgresServer.start(file.resolve("postgres"), 0))
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(Reason.DIRECTORY_NOT_WRITABLE));
    }

    @Test
    void runsForRootWhereNamespacesAreForbidden() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root needs it");
        PostgresServer.start(fresh, 0, Map.of(), ServerUser.NAMESPACE).close();

        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwx------"));
        assertThatExceptionOfType(EmbeddedFailure.class)
                .isThrownBy(() -> PostgresServer.start(fresh, 0, Map.of(), ServerUser.NOBODY))
                .withMessageContaining("start Jiucang as an ordinary user");

        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (PostgresServer server = PostgresServer.start(fresh, 0, Map.of(), ServerUser.NOBODY)) {
            assertThat(ask(server, "SELECT 1")).isEqualTo("1");
            assertThat(Files.getOwner(fresh.resolve("data/base")).getName()).isEqualTo("nobody");
        }
        PostgresServer.start(fresh, 0, Map.of(), ServerUser.NAMESPACE).close();
    }

    @Test
    void refusesAFullDisk() {
        assertThatExceptionOfType(EmbeddedFailure.class)
                .isThrownBy(() -> ServerDirectory.open(fresh, Long.MAX_VALUE))
                .withMessageContaining("free at least 1 GB there")
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(Reason.NO_SPACE));
    }

    private static void assertFails(Path directory, Reason reason, String message) {
        assertThatExceptionOfType(EmbeddedFailure.class)
                .isThrownBy(() -> PostgresServer.start(directory, 0))
                .withMessageContaining(message)
                .withMessageContaining(" — ")
                .satisfies(failure -> {
                    assertThat(failure.reason()).isEqualTo(reason);
                    assertThat(failure.getMessage()).doesNotContain("\n");
                });
    }

    private static String ask(PostgresServer server, String query) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(server.jdbcUrl("postgres"), server.user(), server.password());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            assertThat(result.next()).isTrue();
            return result.getString(1);
        }
    }
}
