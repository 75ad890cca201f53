package io.jiucang.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code ./run up} of some checkout, in a process of its own. Nothing is known of its code: where it listens is what it
 * prints, and what it costs is what the kernel says.
 */
final class RunningStack implements AutoCloseable {

    /** What intents are issued for. */
    static final String ENVIRONMENT = "https://jiucang.local";

    static final String ORIGIN = "jiucang.local/ledger";

    private static final Duration BUILD_AND_START = Duration.ofMinutes(15);
    private static final Duration STOP = Duration.ofSeconds(60);
    private static final Pattern ADDRESS = Pattern.compile(" {2}(\\S+(?: \\S+)*?) +(\\S+:[0-9]{2,5})");
    private static final String LAST_ADDRESS = "Kafka";

    private final Path checkout;
    private final Path data;
    private final Thread atExit = new Thread(this::stop, "stop the stack");
    private final Map<String, String> addresses = new ConcurrentHashMap<>();
    private volatile @Nullable Process process;
    private volatile Duration startTime = Duration.ZERO;

    private RunningStack(Path checkout, Path data) throws InterruptedException {
        this.checkout = checkout.toAbsolutePath().normalize();
        this.data = data.toAbsolutePath().normalize();
        Runtime.getRuntime().addShutdownHook(atExit);
        launch();
    }

    /** Builds the checkout if need be, and returns when it says that it runs. */
    static RunningStack start(Path checkout, Path data) throws InterruptedException {
        return new RunningStack(checkout, data);
    }

    private void launch() throws InterruptedException {
        Instant begun = Instant.now();
        Process started;
        try {
            started = new ProcessBuilder(checkout.resolve("run").toString(), "up", "--data", data.toString())
                    .directory(checkout.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("no ./run in " + checkout, e);
        }
        process = started;
        CompletableFuture<Void> ready = new CompletableFuture<>();
        Thread.ofVirtual().name("output of the stack").start(() -> listen(started, ready));
        try {
            ready.get(BUILD_AND_START.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            close();
            throw new IllegalStateException("the stack does not start: " + e.getMessage(), e);
        }
        startTime = Duration.between(begun, Instant.now());
    }

    private void listen(Process started, CompletableFuture<Void> ready) {
        List<String> said = new ArrayList<>();
        try (BufferedReader lines = started.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(line);
                Matcher address = ADDRESS.matcher(line);
                if (address.matches()) {
                    addresses.put(address.group(1), address.group(2));
                    if (address.group(1).equals(LAST_ADDRESS)) {
                        ready.complete(null);
                    }
                }
            }
        } catch (IOException e) {
            said.add(e.toString());
        }
        ready.completeExceptionally(new IllegalStateException(String.join("\n", said)));
    }

    Path checkout() {
        return checkout;
    }

    Path data() {
        return data;
    }

    /** How long the last start took, a build included. */
    Duration startTime() {
        return startTime;
    }

    /** @param name as it prints it, such as {@code order} or {@code WeChat Pay} */
    URI uri(String name) {
        return URI.create(address(name));
    }

    String bootstrapServers() {
        return address("Kafka");
    }

    private String address(String name) {
        String address = addresses.get(name);
        if (address == null) {
            throw new IllegalStateException("the stack does not say where " + name + " is");
        }
        return address;
    }

    /** As {@code kill -9}: its database outlives it, its broker does not. */
    void kill() throws InterruptedException {
        process().destroyForcibly().waitFor();
    }

    /** Starts again on what is there. */
    void restart() throws InterruptedException {
        launch();
    }

    private Process process() {
        return Objects.requireNonNull(process, "launched");
    }

    /** What it has cost so far. */
    Usage usage() {
        long pid = process().pid();
        Duration database = postgres()
                .map(server -> Stream.concat(
                                Stream.of(Usage.cpuWithEnded(server.pid())),
                                server.descendants().map(child -> Usage.cpuOf(child.pid())))
                        .reduce(Duration.ZERO, Duration::plus))
                .orElse(Duration.ZERO);
        return new Usage(Usage.cpuOf(pid), database, Usage.memoryOf(pid));
    }

    /** What it has stored so far. */
    Stored stored() {
        return Stored.in(data, checkout.resolve(".jiucang"));
    }

    private Optional<ProcessHandle> postgres() {
        try (Stream<String> lines = Files.lines(data.resolve("postgres/data/postmaster.pid"))) {
            return lines.findFirst().map(Long::parseLong).flatMap(ProcessHandle::of);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        stop();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    /** As Ctrl-C; also a database whose process was killed. */
    private void stop() {
        Process started = process;
        if (started == null) {
            return;
        }
        started.destroy();
        try {
            if (!started.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
                started.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            started.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        postgres().ifPresent(ProcessHandle::destroy);
    }
}
