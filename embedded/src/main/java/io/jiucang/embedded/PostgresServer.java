package io.jiucang.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.embedded.EmbeddedFailure.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL 18 of this process: its own binaries, its own data directory, reachable on 127.0.0.1 with a password only.
 *
 * <p>The server runs in a session of its own, so that Ctrl-C reaches this process alone, which can let its services
 * finish before it {@linkplain #close stops} the database. A killed process leaves the server running; the next
 * {@link #start} on the directory stops that orphan and recovers. An interrupted start leaves nothing running.
 */
public final class PostgresServer implements AutoCloseable {

    /** How one service reaches its own database; the role owns that database and can connect to no other. */
    public record Database(String jdbcUrl, String user, String password) {}

    static final String MAJOR_VERSION = "18";

    private static final String SUPERUSER = "postgres";
    private static final String PASSWORD = "superuser.password";
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
    private static final int PORT_ATTEMPTS = 5;

    /** Crash recovery reads up to {@code max_wal_size} of log, which slow disks need time for. */
    private static final int START_SECONDS = 180;

    /** For its clients to be disconnected and its buffers to be written; what is not by then, the next start recovers. */
    private static final Duration STOP = Duration.ofMillis(2_500);

    private static final Duration STOP_AT_ONCE = Duration.ofMillis(600);
    private static final int POLL_MILLIS = 20;
    private static final int STATUS_LINE = 7;
    private static final int LAST_SAID = 4096;

    private static final Map<String, String> SETTINGS = settings();

    private final ServerDirectory directory;
    private final PostgresBinaries binaries;
    private final ServerUser serverUser;
    private final String password;
    private final CompletableFuture<EmbeddedFailure> failure = new CompletableFuture<>();
    private int port;
    private @Nullable Process postmaster;
    private volatile boolean closed;

    private PostgresServer(ServerDirectory directory, ServerUser serverUser) throws IOException, InterruptedException {
        this.directory = directory;
        this.serverUser = serverUser;
        this.binaries = PostgresBinaries.unpack(directory);
        this.password = initialise();
    }

    /**
     * Starts the server on a directory, which is created or reopened, and returns when it accepts connections.
     *
     * @param port 0 for a free one
     * @throws EmbeddedFailure when it cannot
     */
    public static PostgresServer start(Path directory, int port) {
        return start(directory, port, Map.of());
    }

    /** Starts the server with some of its settings (postgresql.conf) replaced: a test may do without {@code fsync}. */
    public static PostgresServer start(Path directory, int port, Map<String, String> settings) {
        return start(directory, port, settings, ServerUser.values());
    }

    static PostgresServer start(Path directory, int port, Map<String, String> settings, ServerUser... candidates) {
        ServerDirectory opened = ServerDirectory.open(directory, ServerDirectory.LEAST_SPACE);
        try {
            PostgresServer server = new PostgresServer(opened, ServerUser.choose(opened.path(), candidates));
            server.start(port, settings);
            return server;
        } catch (IOException e) {
            opened.close();
            throw failure(opened.path(), port, String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            opened.close();
            Thread.currentThread().interrupt();
            throw new EmbeddedFailure(
                    Reason.SERVER_FAILED, "The start of PostgreSQL was interrupted", "start again", e);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Stops a server that outlived its process on this directory, so that the directory can be deleted.
     *
     * @throws EmbeddedFailure when the process still lives
     */
    public static void stopOrphan(Path directory) {
        if (Files.notExists(directory)) {
            return;
        }
        try (ServerDirectory opened = ServerDirectory.open(directory, 0)) {
            stopOrphan(opened);
        } catch (IOException e) {
            throw failure(directory, 0, String.valueOf(e.getMessage()), e);
        }
    }

    public int port() {
        return port;
    }

    public String jdbcUrl(String database) {
        return "jdbc:postgresql://" + LocalPort.HOST + ":" + port + "/" + database;
    }

    /** The superuser, for the operator and for {@link #createDatabase}; services use their own role. */
    public String user() {
        return SUPERUSER;
    }

    public String password() {
        return password;
    }

    /** Creates a database and the role that owns it, both of the same name, unless they exist. */
    public Database createDatabase(String name) {
        if (!NAME.matcher(name).matches() || name.equals(SUPERUSER)) {
            throw new IllegalArgumentException("Not a database name: " + name);
        }
        String rolePassword = rolePassword(name);
        try (Connection connection = DriverManager.getConnection(jdbcUrl("postgres"), SUPERUSER, password);
                Statement statement = connection.createStatement()) {
            if (!exists(connection, "SELECT FROM pg_roles WHERE rolname = ?", name)) {
                statement.execute("CREATE ROLE " + name + " LOGIN PASSWORD '" + rolePassword + "'");
            }
            if (!exists(connection, "SELECT FROM pg_database WHERE datname = ?", name)) {
                statement.execute("CREATE DATABASE " + name + " OWNER " + name);
            }
            statement.execute("REVOKE ALL ON DATABASE " + name + " FROM PUBLIC");
        } catch (SQLException e) {
            throw new EmbeddedFailure(
                    Reason.SERVER_FAILED,
                    "Database " + name + " cannot be created: " + e.getMessage(),
                    "see " + log(),
                    e);
        }
        return new Database(jdbcUrl(name), name, rolePassword);
    }

    private static boolean exists(Connection connection, String query, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, name);
            return statement.executeQuery().next();
        }
    }

    /** Derived, so that there is one secret to keep and a half-created database gets the same password again. */
    private String rolePassword(String role) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(password.getBytes(UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(role.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Completes if the server ends without having been told to. It never completes otherwise. */
    public CompletableFuture<EmbeddedFailure> failure() {
        return failure.copy();
    }

    /**
     * Disconnects every client and ends the server within seconds: cleanly if it can, by force if it hangs. What it
     * acknowledged is kept either way. Safe to call twice.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (postmaster != null) {
                stop(postmaster.toHandle());
            }
        } finally {
            directory.close();
        }
    }

    private Path cluster() {
        return directory.data();
    }

    private Path log() {
        return cluster().resolve("server.log");
    }

    private static Path pidFile(ServerDirectory directory) {
        return directory.data().resolve("postmaster.pid");
    }

    /**
     * The superuser's password of a directory, of whatever process its server is; empty if the directory has none.
     *
     * @throws EmbeddedFailure if it belongs to somebody else
     */
    public static Optional<String> passwordOf(Path directory) {
        try {
            return Optional.of(Files.readString(directory.resolve(PASSWORD)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw ServerDirectory.notWritable(directory, e);
        }
    }

    /** Returns the superuser's password, which the first start on a directory invents. */
    private String initialise() throws IOException, InterruptedException {
        Path secret = directory.path().resolve(PASSWORD);
        if (Files.exists(cluster())) {
            checkVersion();
            serverUser.own(cluster());
            try {
                return Files.readString(secret);
            } catch (NoSuchFileException e) {
                throw ServerDirectory.damaged(directory.path(), "superuser.password is missing", e);
            }
        }
        Files.deleteIfExists(secret);
        Files.createFile(secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        String invented = HexFormat.of().formatHex(random);
        Files.writeString(secret, invented);
        serverUser.own(secret);

        Path staging = directory.stage("data");
        serverUser.own(staging);
        // The builtin locale makes text sort and compare alike on every machine, whatever locales it has installed.
        Outcome initdb = run(
                "initdb",
                "--pgdata=" + staging,
                "--username=" + SUPERUSER,
                "--pwfile=" + secret,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--data-checksums");
        if (initdb.status() != 0) {
            throw failure(directory.path(), 0, initdb.output(), null);
        }
        Path main = staging.resolve("postgresql.conf");
        Files.writeString(main, Files.readString(main) + "\ninclude 'jiucang.conf'\n");
        directory.publish(staging, cluster());
        return invented;
    }

    private void checkVersion() throws IOException {
        String version;
        try {
            version = Files.readString(cluster().resolve("PG_VERSION")).strip();
        } catch (NoSuchFileException e) {
            throw ServerDirectory.damaged(cluster(), "PG_VERSION is missing", e);
        }
        if (!version.equals(MAJOR_VERSION)) {
            throw new EmbeddedFailure(
                    Reason.OTHER_VERSION,
                    cluster() + " was written by PostgreSQL " + version + ", this is " + MAJOR_VERSION,
                    "use the Jiucang that wrote it, or another data directory");
        }
    }

    private void start(int wanted, Map<String, String> settings) throws IOException, InterruptedException {
        stopOrphan(directory);
        for (int attempt = 1; ; attempt++) {
            port = LocalPort.claim(wanted);
            try {
                startOnce(settings);
                return;
            } catch (EmbeddedFailure e) {
                boolean lostRace = wanted == 0 && e.reason() == Reason.PORT_IN_USE;
                if (!lostRace || attempt == PORT_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void startOnce(Map<String, String> overrides) throws IOException, InterruptedException {
        Map<String, String> effective = new LinkedHashMap<>(SETTINGS);
        effective.put("port", Integer.toString(port));
        effective.putAll(overrides);
        Path configuration = cluster().resolve("jiucang.conf");
        Files.writeString(
                configuration,
                effective.entrySet().stream()
                        .map(setting -> setting.getKey() + " = '" + setting.getValue() + "'")
                        .collect(Collectors.joining("\n", "# Written anew at every start.\n", "\n")));
        Files.deleteIfExists(log());
        serverUser.own(configuration);
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(serverUser.prefix());
        command.addAll(
                List.of(binaries.program("postgres").toString(), "-D", cluster().toString()));
        Process process = builder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(log().toFile())
                .start();
        boolean ready = false;
        try {
            ready = awaitReady(process);
        } finally {
            if (!ready) {
                stopAtOnce(process.toHandle());
            }
        }
        if (!ready) {
            throw failure(directory.path(), port, Files.readString(log()), null);
        }
        postmaster = process;
        Thread.ofPlatform().daemon().name("postgres-watch").start(() -> {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                return;
            }
            if (!closed) {
                failure.complete(ended(lastSaid()));
            }
        });
    }

    /** Whether it came to accept connections, as its own file tells, before it ended. */
    private boolean awaitReady(Process process) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            if (System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(START_SECONDS)) {
                return false;
            }
            List<String> lines = pidFileLines(directory);
            if (lines.size() > STATUS_LINE
                    && lines.get(STATUS_LINE).strip().equals("ready")
                    && lines.getFirst().equals(Long.toString(process.pid()))) {
                return true;
            }
        }
        return false;
    }

    /** Whatever a dead server has left, the new one removes before it writes its own: there may be none at any moment. */
    private static List<String> pidFileLines(ServerDirectory directory) throws IOException {
        try {
            return Files.readAllLines(pidFile(directory));
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private EmbeddedFailure ended(String said) {
        if (said.contains("No space left on device")) {
            return ServerDirectory.noSpace(directory.path(), null);
        }
        return new EmbeddedFailure(
                Reason.SERVER_FAILED,
                "PostgreSQL ended: " + decisive(said),
                "see " + log() + " and start again; nothing acknowledged is lost");
    }

    private String lastSaid() {
        try {
            String said = Files.readString(log());
            return said.substring(Math.max(0, said.length() - LAST_SAID));
        } catch (IOException e) {
            return "FATAL: it ended, and its log cannot be read: " + e.getMessage();
        }
    }

    /**
     * Leaves no server on our data. One that outlived its process is stopped. When the recorded id belongs to an unrelated
     * process by now, PostgreSQL would wait for that one: only the id is replaced, because the rest of the file tells it
     * whether a backend of the dead server still writes.
     */
    private static void stopOrphan(ServerDirectory directory) throws IOException {
        List<String> lines = pidFileLines(directory);
        long pid = lines.stream()
                .findFirst()
                .filter(line -> line.matches("[1-9][0-9]{0,9}"))
                .map(Long::parseLong)
                .orElse(0L);
        if (pid == 0) {
            Files.deleteIfExists(pidFile(directory));
            return;
        }
        Optional<ProcessHandle> holder = ProcessHandle.of(pid);
        if (holder.isEmpty()) {
            return;
        }
        if (worksIn(pid, directory.data())) {
            stop(holder.get());
            return;
        }
        List<String> corrected = new ArrayList<>(lines);
        corrected.set(0, Integer.toString(Integer.MAX_VALUE));
        Files.write(pidFile(directory), corrected);
    }

    private static boolean worksIn(long pid, Path cluster) {
        Path workingDirectory = Path.of("/proc", Long.toString(pid), "cwd");
        try {
            return Files.isSameFile(workingDirectory, cluster);
        } catch (IOException unreadable) {
            return ProcessHandle.of(pid)
                    .flatMap(process -> process.info().commandLine())
                    .filter(line -> line.contains(cluster.toString()))
                    .isPresent();
        }
    }

    /** As "fast": clients are disconnected, what they had not committed is undone, and the buffers are written. */
    private static void stop(ProcessHandle postmaster) {
        signal(postmaster, "INT");
        if (!awaitEnd(postmaster, STOP)) {
            stopAtOnce(postmaster);
        }
    }

    /** As "immediate": the next start recovers. A server that does not even hear of that is killed. */
    private static void stopAtOnce(ProcessHandle postmaster) {
        signal(postmaster, "QUIT");
        if (!awaitEnd(postmaster, STOP_AT_ONCE)) {
            kill(postmaster);
        }
    }

    /** Stops the parent first, so that it makes no more children, and waits until all are gone, which takes a moment. */
    private static void kill(ProcessHandle parent) {
        signal(parent, "STOP");
        List<ProcessHandle> family =
                Stream.concat(Stream.of(parent), parent.descendants()).toList();
        family.forEach(ProcessHandle::destroyForcibly);
        family.forEach(process -> awaitEnd(process, STOP_AT_ONCE));
    }

    /** Java itself can only send TERM, on which PostgreSQL waits for its clients, and KILL. */
    private static void signal(ProcessHandle process, String name) {
        if (process.isAlive()) {
            try {
                awaitEnd(
                        new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start()
                                .toHandle(),
                        STOP_AT_ONCE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Waits through an interruption, for it is often one that has brought us here, and needs no other thread. */
    private static boolean awaitEnd(ProcessHandle process, Duration patience) {
        long begun = System.nanoTime();
        boolean interrupted = Thread.interrupted();
        while (process.isAlive() && System.nanoTime() - begun < patience.toNanos()) {
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !process.isAlive();
    }

    private record Outcome(int status, String output) {}

    private Outcome run(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(serverUser.prefix());
        command.add(binaries.program(program).toString());
        command.addAll(List.of(arguments));
        Process process = builder(command).start();
        try {
            process.getOutputStream().close();
            process.waitFor(START_SECONDS, TimeUnit.SECONDS);
        } finally {
            if (process.isAlive()) {
                kill(process.toHandle());
            }
        }
        int status = process.waitFor();
        return new Outcome(status, new String(process.getInputStream().readAllBytes(), UTF_8));
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.directory(directory.path().toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    /** Turns what PostgreSQL said into the failure behind it. */
    static EmbeddedFailure failure(Path directory, int port, String said, @Nullable Throwable cause) {
        if (said.contains("No space left on device")) {
            return ServerDirectory.noSpace(directory, cause);
        }
        if (said.contains("Address already in use")) {
            return LocalPort.inUse(port, cause);
        }
        if (said.contains("Permission denied") || said.contains("Read-only file system")) {
            return ServerDirectory.notWritable(directory, cause);
        }
        if (said.contains("postmaster.pid\" already exists") || said.contains("pre-existing shared memory block")) {
            return ServerDirectory.inUse(directory, "another PostgreSQL");
        }
        String decisive = decisive(said);
        if (DAMAGE.matcher(said).find()) {
            return ServerDirectory.damaged(directory, decisive, cause);
        }
        return new EmbeddedFailure(
                Reason.SERVER_FAILED, "PostgreSQL does not start: " + decisive, "see the log in " + directory, cause);
    }

    private static String decisive(String said) {
        return said.lines()
                .filter(line -> line.contains("PANIC:") || line.contains("FATAL:") || line.contains("error:"))
                .map(line -> line.replaceFirst("^.*?(PANIC|FATAL|error): *", ""))
                .findFirst()
                .orElseGet(() -> said.lines().reduce("", (first, last) -> last));
    }

    private static final Pattern DAMAGE = Pattern.compile(
            "PANIC:|checkpoint record|invalid data in file|incorrect checksum|is not a valid data directory"
                    + "|could not (open|read|access|stat) (file|directory)|database system identifier"
                    + "|could not load|unrecognized configuration parameter|incompatible with server");

    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("listen_addresses", LocalPort.HOST);
        settings.put("unix_socket_directories", "");
        settings.put("max_connections", "200");
        settings.put("shared_buffers", "128MB");
        settings.put("max_wal_size", "512MB");
        settings.put("fsync", "on");
        settings.put("synchronous_commit", "on");
        settings.put("full_page_writes", "on");
        settings.put("password_encryption", "scram-sha-256");
        settings.put("timezone", "UTC");
        settings.put("log_timezone", "UTC");
        return settings;
    }
}
