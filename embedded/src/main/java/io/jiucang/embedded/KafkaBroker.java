package io.jiucang.embedded;

import io.jiucang.embedded.EmbeddedFailure.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

/** A Kafka broker and its KRaft controller in this JVM, on 127.0.0.1, its log kept in a directory. */
public final class KafkaBroker implements AutoCloseable {

    private static final int NODE = 1;
    private static final int PORT_ATTEMPTS = 5;
    private static final long PATIENCE_SECONDS = 120;
    private static final Duration STOP = Duration.ofSeconds(4);
    private static final long LEAST_SPACE_TO_RUN = 128L << 20;

    private final ServerDirectory directory;
    private final int port;
    private volatile @Nullable KafkaRaftServer server;
    private final CompletableFuture<EmbeddedFailure> failure = new CompletableFuture<>();
    private volatile boolean stopping;
    private boolean closed;

    private KafkaBroker(ServerDirectory directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    /**
     * Starts the broker on a directory, which is created or reopened, and returns when it serves.
     *
     * @param port 0 for a free one
     * @throws EmbeddedFailure when it cannot
     */
    public static KafkaBroker start(Path directory, int port) {
        ServerDirectory opened = ServerDirectory.open(directory, ServerDirectory.LEAST_SPACE);
        try {
            initialise(opened);
            return start(opened, port);
        } catch (EmbeddedFailure e) {
            opened.close();
            throw e;
        } catch (Exception e) {
            opened.close();
            throw failure(opened.path(), port, e);
        }
    }

    private static KafkaBroker start(ServerDirectory directory, int wanted) {
        for (int attempt = 1; ; attempt++) {
            int port = LocalPort.claim(wanted);
            try {
                KafkaBroker broker = new KafkaBroker(directory, port);
                broker.startUp();
                return broker;
            } catch (RuntimeException e) {
                EmbeddedFailure failure = failure(directory.path(), port, e);
                boolean lostRace = wanted == 0 && failure.reason() == Reason.PORT_IN_USE;
                if (!lostRace || attempt == PORT_ATTEMPTS) {
                    throw failure;
                }
            }
        }
    }

    private void startUp() {
        // Kafka ends the JVM on faults it cannot survive; here services and a database live in it too.
        Exit.setExitProcedure(this::onFatal);
        Exit.setHaltProcedure(this::onFatal);
        CompletableFuture<Void> started = new CompletableFuture<>();
        // Whoever waits may be interrupted; Kafka's own start takes that badly.
        Thread.ofPlatform().daemon().name("kafka-startup").start(() -> {
            try {
                KafkaRaftServer starting =
                        new KafkaRaftServer(new KafkaConfig(settings(directory.data(), port), false), Time.SYSTEM);
                server = starting;
                if (!stopping) {
                    starting.startup();
                }
                started.complete(null);
            } catch (Throwable e) {
                started.completeExceptionally(e);
            }
        });
        try {
            await(started);
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    /** Waits for something the broker does, but no longer than it lives. */
    private void await(CompletableFuture<?> done) {
        try {
            CompletableFuture.anyOf(done, failure.thenCompose(CompletableFuture::failedFuture))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (TimeoutException e) {
            throw new CompletionException("no answer for " + PATIENCE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException("interrupted", e);
        }
    }

    private void onFatal(int status, @Nullable String message) {
        // Kafka gives up on a full disk without saying so here.
        failure.complete(
                directory.hasSpace(LEAST_SPACE_TO_RUN)
                        ? failure(
                                directory.path(),
                                port,
                                new IllegalStateException(message == null ? "fatal fault, status " + status : message))
                        : ServerDirectory.noSpace(directory.path(), null));
    }

    public int port() {
        return port;
    }

    public String bootstrapServers() {
        return LocalPort.HOST + ":" + port;
    }

    /** Completes if the broker dies of a fault of its own, a full disk for one. It never completes otherwise. */
    public CompletableFuture<EmbeddedFailure> failure() {
        return failure.copy();
    }

    /** Creates a topic unless it exists; an existing one keeps its partitions. */
    public void createTopic(String name, int partitions) {
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers(),
                AdminClientConfig.CLIENT_ID_CONFIG,
                "jiucang-topics"))) {
            await(admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty())))
                    .all()
                    .toCompletionStage()
                    .toCompletableFuture());
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw failure(directory.path(), port, e);
            }
        }
    }

    /**
     * Stops the broker cleanly and waits for it, but only for seconds: one that hangs is left to the end of the process,
     * and its directory locked until then; the next start recovers. Safe to call twice.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (stop()) {
            directory.close();
        }
    }

    /** Whether it did stop. Waits through an interruption: it is often one that has brought us here. */
    private boolean stop() {
        stopping = true;
        KafkaRaftServer started = server;
        if (started == null) {
            return true;
        }
        boolean interrupted = Thread.interrupted();
        Thread shutdown = Thread.ofPlatform().daemon().name("kafka-shutdown").start(() -> {
            started.shutdown();
            started.awaitShutdown();
        });
        try {
            return shutdown.join(STOP);
        } catch (InterruptedException e) {
            interrupted = true;
            return false;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void initialise(ServerDirectory directory) throws Exception {
        Path properties = directory.data().resolve("meta.properties");
        if (Files.exists(directory.data())) {
            checkFormat(directory.data(), properties);
            return;
        }
        Path staging = directory.stage("data");
        try (PrintStream silent = new PrintStream(OutputStream.nullOutputStream())) {
            new Formatter()
                    .setPrintStream(silent)
                    .setNodeId(NODE)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(staging.toString())
                    .setDirectories(List.of(staging.toString()))
                    .run();
        }
        directory.publish(staging, directory.data());
    }

    private static void checkFormat(Path data, Path file) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        } catch (NoSuchFileException e) {
            throw ServerDirectory.damaged(data, "meta.properties is missing", e);
        } catch (IllegalArgumentException e) {
            throw ServerDirectory.damaged(data, "meta.properties is unreadable", e);
        }
        if (properties.getProperty("cluster.id") == null
                || !Integer.toString(NODE).equals(properties.getProperty("node.id"))) {
            throw ServerDirectory.damaged(data, "meta.properties is not ours", null);
        }
    }

    private static Map<String, String> settings(Path data, int port) {
        int controllerPort = LocalPort.claim(0);
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE));
        settings.put("controller.quorum.voters", NODE + "@" + LocalPort.HOST + ":" + controllerPort);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put(
                "listeners",
                "BROKER://" + LocalPort.HOST + ":" + port + ",CONTROLLER://" + LocalPort.HOST + ":" + controllerPort);
        settings.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("inter.broker.listener.name", "BROKER");
        settings.put("log.dirs", data.toString());

        // A topic nobody created is a misspelt one.
        settings.put("auto.create.topics.enable", "false");
        // A service added later reads each topic from its first event.
        settings.put("log.retention.ms", "-1");

        settings.put("default.replication.factor", "1");
        settings.put("min.insync.replicas", "1");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "4");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("transaction.state.log.num.partitions", "4");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("share.coordinator.state.topic.num.partitions", "1");

        // One machine's worth of threads and memory; the log cleaner alone would take 128 MB.
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        settings.put("log.segment.bytes", Integer.toString(64 << 20));
        settings.put("log.index.size.max.bytes", Integer.toString(1 << 20));

        // Alone in its cluster: no other consumer of a group, no other broker, is about to arrive.
        settings.put("group.initial.rebalance.delay.ms", "0");
        // After a kill the controller takes no new broker before it has missed the dead one for this long.
        settings.put("broker.session.timeout.ms", "5000");
        settings.put("broker.heartbeat.interval.ms", "500");
        return settings;
    }

    /** Turns what Kafka threw into the failure behind it. */
    static EmbeddedFailure failure(Path directory, int port, Throwable thrown) {
        List<Throwable> causes = Stream.iterate(thrown, cause -> cause != null, Throwable::getCause)
                .toList();
        for (Throwable cause : causes) {
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof EmbeddedFailure known) {
                return known;
            }
            if (message.contains("No space left on device")) {
                return ServerDirectory.noSpace(directory, thrown);
            }
            if (cause instanceof BindException || message.contains("Address already in use")) {
                return LocalPort.inUse(port, thrown);
            }
            if (message.contains("Permission denied") || message.contains("Read-only file system")) {
                return ServerDirectory.notWritable(directory, thrown);
            }
            if (cause instanceof KafkaStorageException
                    || cause instanceof CorruptRecordException
                    || message.contains("meta.properties")) {
                return ServerDirectory.damaged(directory, message, thrown);
            }
        }
        Throwable root = causes.getLast();
        return new EmbeddedFailure(
                Reason.SERVER_FAILED,
                "The Kafka broker failed: "
                        + (root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage()),
                "see the log of this program",
                thrown);
    }
}
