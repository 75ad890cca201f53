package io.jiucang.quickstart;

import io.jiucang.anchoring.LedgerServiceApplication;
import io.jiucang.delivery.DeliveryServiceApplication;
import io.jiucang.embedded.EmbeddedFailure;
import io.jiucang.embedded.KafkaBroker;
import io.jiucang.embedded.LocalPort;
import io.jiucang.embedded.PostgresServer;
import io.jiucang.events.Topics;
import io.jiucang.order.OrderServiceApplication;
import io.jiucang.payment.PaymentServiceApplication;
import io.jiucang.simulators.oidc.OpenIdSimulator;
import io.jiucang.simulators.oidc.User;
import io.jiucang.simulators.wechatpay.Merchant;
import io.jiucang.simulators.wechatpay.Timing;
import io.jiucang.simulators.wechatpay.WeChatPaySimulator;
import io.jiucang.starter.Service;
import io.jiucang.token.TokenServiceApplication;
import io.jiucang.warehouse.WarehouseServiceApplication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.json.JsonMapper;

/** The whole system: servers, outside parties, and every service in a context of its own with its own database. */
final class Stack implements AutoCloseable {

    /** A minute would be long to wait for. */
    private static final String TICK_EVERY = "2s";

    /** What intents are issued for. */
    static final String ENVIRONMENT = "https://jiucang.local";

    static final String PASSWORD = "jiucang";

    /** The reference carrier, and who works for it. */
    static final String CARRIER = "shunda";

    static final String COURIER = "rider";

    private static final String WAREHOUSEMAN = "scanner";

    private static final int PARTITIONS = 6;
    private static final LocalDate ADULT = LocalDate.of(1985, 5, 20);

    static final List<User> USERS = List.of(
            user("winery", "酒厂销售", "seller"),
            user("li", "李娜", "buyer"),
            user("wang", "王伟", "buyer"),
            user("zhao", "赵敏", "buyer"),
            user(COURIER, "顺达骑手", "courier"),
            user(WAREHOUSEMAN, "仓库扫描员", "warehouse"),
            user("auditor", "审计员", "auditor"),
            user("operator", "运维", "operator"));

    /** Every service, its configuration class and its port. */
    enum Member {
        TOKEN(TokenServiceApplication.class, 8101),
        ORDER(OrderServiceApplication.class, 8102),
        PAYMENT(PaymentServiceApplication.class, 8103),
        WAREHOUSE(WarehouseServiceApplication.class, 8104),
        DELIVERY(DeliveryServiceApplication.class, 8105),
        LEDGER(LedgerServiceApplication.class, 8106);

        private final Class<?> application;
        private final int port;

        Member(Class<?> application, int port) {
            this.application = application;
            this.port = port;
        }

        String shortName() {
            return name().toLowerCase(Locale.ROOT);
        }

        URI uri() {
            return URI.create("http://localhost:" + port);
        }
    }

    private static final int IDENTITY_PORT = 8100;
    private static final int WECHAT_PORT = 8108;
    static final int POSTGRES_PORT = 8110;
    private static final int KAFKA_PORT = 8111;
    static final String BOOTSTRAP_SERVERS = "localhost:" + KAFKA_PORT;

    /** Together less than ten seconds, in which Ctrl-C ends everything whatever hangs. */
    private static final Duration SERVICES_PATIENCE = Duration.ofSeconds(3);

    private static final Duration SERVERS_PATIENCE = Duration.ofSeconds(5);

    private static final Duration READY_PATIENCE = Duration.ofMinutes(3);
    private static final Duration READY_POLL = Duration.ofMillis(100);
    private static final Duration WATCH_POLL = Duration.ofSeconds(2);
    private static final Duration WAITING_TOLD = Duration.ofSeconds(10);

    private final DataDirectory directory;
    private final Path data;
    private final Console console;
    private final ExecutorService starters;
    private final List<AutoCloseable> services = new ArrayList<>();
    private final List<AutoCloseable> servers = new ArrayList<>();
    private final CompletableFuture<EmbeddedFailure> failure = new CompletableFuture<>();
    private final Readiness readiness = new Readiness();
    private final Keys keys;
    private final Parties parties;
    private @Nullable PostgresServer postgres;

    /** Guarded by {@link #services}, like both lists: what has started by then is closed, what starts later at once. */
    private boolean closing;

    private final Object end = new Object();
    private volatile boolean ready;

    Stack(DataDirectory directory, Console console) throws IOException {
        this.directory = directory;
        this.data = directory.path();
        this.console = console;
        this.keys = Keys.in(data.resolve("keys"));
        this.parties = Parties.in(data.resolve("parties"));
        // Two cores, and much of starting is waiting: more at a time would only get in each other's way.
        this.starters = Executors.newFixedThreadPool(3);
    }

    /**
     * Makes sure that no other stack is there: of its ports first, then of the directory. Only then is anything deleted.
     *
     * @param fresh whether to forget what the directory holds, if {@code mayDelete} agrees
     * @throws EmbeddedFailure or IllegalStateException with one line that says what to do
     */
    static DataDirectory claim(Path data, boolean fresh, BooleanSupplier mayDelete) throws IOException {
        List<Integer> ports = new ArrayList<>(List.of(IDENTITY_PORT, WECHAT_PORT, KAFKA_PORT));
        for (Member member : Member.values()) {
            ports.add(member.port);
        }
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int port : ports) {
                held.add(LocalPort.hold(port));
            }
            DataDirectory directory = DataDirectory.open(data);
            try {
                // It may have outlived a killed stack, and would hold its port and write to what is deleted.
                PostgresServer.stopOrphan(data.resolve("postgres"));
                held.add(LocalPort.hold(POSTGRES_PORT));
                if (fresh && directory.holdsData()) {
                    if (!mayDelete.getAsBoolean()) {
                        throw new IllegalStateException(
                                "Nothing was deleted. Without --fresh it goes on where it stopped.");
                    }
                    directory.clear();
                }
                directory.requireReadable();
                return directory;
            } catch (RuntimeException | IOException e) {
                directory.close();
                throw e;
            }
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }

    /** Outside: what the services know of them is in the directory, and in their list of carriers. */
    Parties parties() {
        return parties;
    }

    PostgresServer postgres() {
        return Objects.requireNonNull(postgres, "started");
    }

    Keys keys() {
        return keys;
    }

    String bootstrapServers() {
        return BOOTSTRAP_SERVERS;
    }

    URI identityProvider() {
        return URI.create("http://localhost:" + IDENTITY_PORT);
    }

    URI weChatPay() {
        return URI.create("http://localhost:" + WECHAT_PORT);
    }

    /**
     * Starts everything that is not there yet, and returns when all of it works together; what the directory holds goes on
     * where it stopped. A start that fails leaves nothing running.
     *
     * @throws EmbeddedFailure or IllegalStateException with one line that says what to do
     */
    void start() {
        try {
            Instant begun = Instant.now();
            startAll();
            awaitReadiness();
            parties.enrolTerminals(signIn(WAREHOUSEMAN), signIn(COURIER));
            ready = true;
            console.line("Ready after " + Console.seconds(Duration.between(begun, Instant.now())) + ".");
            Thread.ofPlatform().daemon().name("readiness").start(this::watch);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void startAll() {
        var postgresStart = async("PostgreSQL 18", () -> {
            PostgresServer started = PostgresServer.start(data.resolve("postgres"), POSTGRES_PORT);
            var _ = started.failure().thenAccept(failure::complete);
            return keep(servers, started);
        });
        var kafka = async("Kafka", () -> keep(servers, startKafka()));
        var identity = async(
                "identity provider",
                () -> keep(
                        servers,
                        OpenIdSimulator.start(data.resolve("identity"), IDENTITY_PORT, USERS, Clock.systemUTC())));
        var weChatPay = async(
                "WeChat Pay simulator",
                () -> keep(
                        servers,
                        WeChatPaySimulator.start(
                                data.resolve("wechatpay"), WECHAT_PORT, Timing.QUICK, Clock.systemUTC())));
        PostgresServer database = join(postgresStart);
        postgres = database;
        Merchant merchant = join(weChatPay).merchant();
        keys.writeDirectory(parties, merchant);
        String issuer = join(identity).issuer().toString();
        // Not behind Kafka, which after a kill waits for its own dead self: each service waits for it where it has to.
        List<CompletableFuture<?>> starting = new ArrayList<>();
        for (Member member : Member.values()) {
            Map<String, String> settings = settings(member, database, issuer, merchant);
            starting.add(async(member.shortName() + "-service", () -> {
                ConfigurableApplicationContext service = keep(services, run(member, settings));
                readiness.add(member, service);
                return service;
            }));
        }
        join(kafka);
        starting.forEach(Stack::join);
    }

    private Api signIn(String user) {
        return Api.signIn(identityProvider(), user, PASSWORD);
    }

    /** Completes if a server dies under the services; they cannot go on without it. */
    CompletableFuture<EmbeddedFailure> failure() {
        return failure.copy();
    }

    /** Until every service says that its events leave and those of others arrive. */
    private void awaitReadiness() {
        Instant begun = Instant.now();
        Instant told = begun;
        for (Map<String, String> lacking = readiness.lacking(); !lacking.isEmpty(); lacking = readiness.lacking()) {
            Instant now = Instant.now();
            if (begun.plus(READY_PATIENCE).isBefore(now)) {
                throw new IllegalStateException("Not ready after " + Console.seconds(READY_PATIENCE) + ": "
                        + Readiness.text(lacking) + " — the log has the rest");
            }
            if (told.plus(WAITING_TOLD).isBefore(now)) {
                told = now;
                console.line("  waiting for " + Readiness.text(lacking));
            }
            pause(READY_POLL);
        }
    }

    /** Tells when a service can no longer do its work, and when it can again; and what it warns of before. */
    private void watch() {
        Set<String> lackingBefore = Set.of();
        Set<String> warnedOf = Set.of();
        while (isOpen()) {
            pause(WATCH_POLL);
            Set<String> warnings = readiness.warnings();
            Map<String, String> lacking = readiness.lacking();
            if (!isOpen()) {
                return;
            }
            for (String warning : warnings) {
                if (!warnedOf.contains(warning)) {
                    console.line("Warning: " + warning);
                }
            }
            warnedOf = warnings;
            if (!lacking.keySet().equals(lackingBefore)) {
                lackingBefore = Set.copyOf(lacking.keySet());
                console.line(lacking.isEmpty() ? "Ready again." : "Not ready: " + Readiness.text(lacking));
            }
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private KafkaBroker startKafka() {
        KafkaBroker kafka = KafkaBroker.start(data.resolve("kafka"), KAFKA_PORT);
        var _ = kafka.failure().thenAccept(failure::complete);
        kafka.createTopic(Topics.EVIDENCE, PARTITIONS);
        for (Member member : Member.values()) {
            kafka.createTopic(Topics.topicOf(member.shortName()), PARTITIONS);
            kafka.createTopic(Topics.deadLettersOf(member.shortName()), PARTITIONS);
        }
        return kafka;
    }

    private static ConfigurableApplicationContext run(Member member, Map<String, String> settings) {
        try {
            return Service.of(member.application, member.shortName())
                    .registerShutdownHook(false)
                    .run(settings.entrySet().stream()
                            .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                            .toArray(String[]::new));
        } catch (RuntimeException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw new IllegalStateException(
                    member.shortName() + "-service does not start: "
                            + String.valueOf(cause.getMessage())
                                    .lines()
                                    .findFirst()
                                    .orElse("")
                            + " — " + remedy(e),
                    e);
        }
    }

    /** What to do about a service that does not start, as far as the failure tells. */
    private static String remedy(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && "53300".equals(sql.getSQLState())) {
                return "end what else is connected to PostgreSQL on port " + POSTGRES_PORT + " and start again";
            }
            if (cause instanceof TimeoutException || cause instanceof org.apache.kafka.common.errors.TimeoutException) {
                return "the broker or the database was too slow to answer: start again when the machine has less to do";
            }
        }
        return "the log has the rest; --fresh starts over";
    }

    private Map<String, String> settings(Member member, PostgresServer postgres, String issuer, Merchant merchant) {
        String service = member.shortName();
        PostgresServer.Database database = postgres.createDatabase(service + "_service");
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("server.port", Integer.toString(member.port));
        settings.put("server.address", "127.0.0.1");
        settings.put("spring.lifecycle.timeout-per-shutdown-phase", "2s");
        settings.put("spring.datasource.url", database.jdbcUrl());
        settings.put("spring.datasource.username", database.user());
        settings.put("spring.datasource.password", database.password());
        settings.put("spring.kafka.bootstrap-servers", bootstrapServers());
        // The only one of its kind: after a kill it takes its own place again, instead of waiting until the broker
        // misses it.
        settings.put("spring.kafka.consumer.properties.group.instance.id", service);
        settings.put("spring.kafka.consumer.properties.session.timeout.ms", "45000");
        settings.put("jiucang.disk.directories[0]", data.toString());
        settings.put("spring.security.oauth2.resourceserver.jwt.issuer-uri", issuer);
        settings.put("jiucang.environment", ENVIRONMENT);
        settings.put("jiucang.wallet-issuer", Member.TOKEN.uri().toString());
        settings.put("jiucang.partitions", Integer.toString(PARTITIONS));
        // Six services share the cores: with more consumers each, batches were only smaller, and orders a third
        // fewer.
        settings.put("jiucang.inbox.consumers", "1");
        settings.put("jiucang.signing.key-file", keys.signing(service).toString());
        settings.put("jiucang.directory", keys.directoryFile().toString());
        settings.put("jiucang.pins.origin", Keys.ORIGIN);
        settings.put("jiucang.pins.roots", keys.root());
        settings.put("jiucang.pins.ledger", keys.vkey());
        settings.putAll(
                switch (member) {
                    case TOKEN ->
                        Map.of(
                                "jiucang.wallet-tokens.key-file",
                                keys.walletTokens().toString());
                    case LEDGER ->
                        Map.of(
                                "jiucang.ledger.key-file",
                                keys.ledger().toString(),
                                "jiucang.ledger.tick-every",
                                TICK_EVERY);
                    case PAYMENT ->
                        Map.of(
                                "jiucang.wechatpay.merchant-id", merchant.id(),
                                "jiucang.wechatpay.app-id", merchant.appId(),
                                "jiucang.wechatpay.merchant-serial", merchant.certificateSerial(),
                                "jiucang.wechatpay.private-key",
                                        merchant.privateKey().toString(),
                                "jiucang.wechatpay.api-v3-key", merchant.apiV3Key(),
                                "jiucang.wechatpay.platform-public-key-id", merchant.platformPublicKeyId(),
                                "jiucang.wechatpay.platform-public-key",
                                        merchant.platformPublicKey().toString(),
                                "jiucang.wechatpay.notify-url", member.uri() + "/callbacks/wechatpay",
                                "jiucang.wechatpay.base-url", weChatPay().toString());
                    case DELIVERY ->
                        Map.of(
                                "jiucang.delivery.secret-file", keys.delivery().toString(),
                                "jiucang.delivery.carriers-file", carriers().toString());
                    case ORDER, WAREHOUSE -> Map.of();
                });
        return settings;
    }

    /** Written at each start, for the carrier may have a new key. */
    private Path carriers() {
        Path file = data.resolve("carriers.json");
        var listing = parties.courier().listing(Map.of("zh", "顺达速运", "en", "Shunda Express"));
        try {
            Files.write(file, new JsonMapper().writeValueAsBytes(Map.of("carriers", List.of(listing))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    private <T> CompletableFuture<T> async(String what, Supplier<T> start) {
        return CompletableFuture.supplyAsync(
                () -> {
                    Instant begun = Instant.now();
                    T started = start.get();
                    console.done(what + "  " + console.faint(Console.seconds(Duration.between(begun, Instant.now()))));
                    return started;
                },
                starters);
    }

    private <T extends AutoCloseable> T keep(List<AutoCloseable> running, T part) {
        synchronized (services) {
            if (!closing) {
                running.add(part);
                return part;
            }
        }
        close(part);
        throw new CancellationException("stopping");
    }

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    boolean isOpen() {
        synchronized (services) {
            return !closing;
        }
    }

    /**
     * Ends everything within ten seconds, from whatever state: services first, all at once, then what they stand on. What
     * does not end in its time is left to the end of the process, but for PostgreSQL, which is ended by force; nothing
     * acknowledged is lost by either. Safe to call twice: the second waits for the first.
     */
    @Override
    public void close() {
        synchronized (end) {
            synchronized (services) {
                if (closing) {
                    return;
                }
                closing = true;
            }
            starters.shutdownNow();
            List<AutoCloseable> first = new ArrayList<>(services);
            first.add(starters);
            end(first, SERVICES_PATIENCE);
            end(servers, SERVERS_PATIENCE);
            close(directory);
        }
    }

    /** On threads of their own: whatever hangs may have taken every other. */
    private void end(List<AutoCloseable> parts, Duration patience) {
        CountDownLatch alive = new CountDownLatch(parts.size());
        for (AutoCloseable part : parts) {
            Thread.ofPlatform().daemon().name("stop").start(() -> {
                close(part);
                alive.countDown();
            });
        }
        try {
            // What was still starting has nothing to lose, and stops when the process does.
            if (!alive.await(patience.toMillis(), TimeUnit.MILLISECONDS) && ready) {
                console.line(
                        "  Not all of it stops in time: the rest is ended by force. Nothing acknowledged is lost.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            console.error("stopping " + part.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    private static User user(String name, String displayName, String... roles) {
        return new User(name, PASSWORD, displayName, Arrays.asList(roles), ADULT);
    }
}
