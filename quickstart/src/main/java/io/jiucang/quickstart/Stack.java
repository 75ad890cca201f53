package io.jiucang.quickstart;

import io.jiucang.anchoring.LedgerServiceApplication;
import io.jiucang.delivery.DeliveryServiceApplication;
import io.jiucang.embedded.KafkaBroker;
import io.jiucang.embedded.PostgresServer;
import io.jiucang.events.Topics;
import io.jiucang.order.OrderServiceApplication;
import io.jiucang.payment.PaymentServiceApplication;
import io.jiucang.simulators.courier.Courier;
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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.json.JsonMapper;

/** The whole system: servers, outside parties, and every service in a context of its own with its own database. */
final class Stack implements AutoCloseable {

    /** What intents are issued for. */
    static final String ENVIRONMENT = "https://jiucang.local";

    static final String PASSWORD = "jiucang";

    /** The reference carrier, and who works for it. */
    static final String CARRIER = "shunda";

    private static final String COURIER = "rider";

    private static final int PARTITIONS = 6;
    private static final LocalDate ADULT = LocalDate.of(1985, 5, 20);

    static final List<User> USERS = List.of(
            user("winery", "酒厂销售", "seller"),
            user("li", "李娜", "buyer"),
            user("wang", "王伟", "buyer"),
            user("zhao", "赵敏", "buyer"),
            user(COURIER, "顺达骑手", "courier"),
            user("scanner", "仓库扫描员", "warehouse"),
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
    private static final int POSTGRES_PORT = 8110;
    private static final int KAFKA_PORT = 8111;

    private final Path data;
    private final Console console;
    private final Duration paymentPeriod;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final Keys keys;
    private final Courier courier;
    private @Nullable PostgresServer postgres;

    private Stack(Path data, Console console, Duration paymentPeriod) throws IOException {
        this.data = data;
        this.console = console;
        this.paymentPeriod = paymentPeriod;
        Files.createDirectories(data);
        this.keys = Keys.in(data.resolve("keys"));
        this.courier = Courier.open(data.resolve("courier"), ENVIRONMENT, CARRIER, COURIER, Clock.systemUTC());
    }

    /**
     * Starts everything that is not there yet; what the directory holds goes on where it stopped.
     *
     * @param paymentPeriod how long a buyer has to pay
     * @throws io.jiucang.embedded.EmbeddedFailure with one line that says what to do
     */
    static Stack start(Path data, Console console, Duration paymentPeriod) throws IOException {
        Stack stack = new Stack(data, console, paymentPeriod);
        try {
            stack.start();
            return stack;
        } catch (RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    /** An outside party: what the services know of it is in their list of carriers. */
    Courier courier() {
        return courier;
    }

    PostgresServer postgres() {
        return Objects.requireNonNull(postgres, "started");
    }

    Keys keys() {
        return keys;
    }

    String bootstrapServers() {
        return "localhost:" + KAFKA_PORT;
    }

    URI identityProvider() {
        return URI.create("http://localhost:" + IDENTITY_PORT);
    }

    URI weChatPay() {
        return URI.create("http://localhost:" + WECHAT_PORT);
    }

    private void start() {
        Instant begun = Instant.now();
        requireFreePorts();
        // Two cores, and much of starting is waiting: more at a time would only get in each other's way.
        try (ExecutorService executor = Executors.newFixedThreadPool(3)) {
            var postgresStart = async(
                    executor,
                    "PostgreSQL 18",
                    () -> keep(PostgresServer.start(data.resolve("postgres"), POSTGRES_PORT)));
            var kafka = async(executor, "Kafka", () -> keep(startKafka()));
            var identity = async(
                    executor,
                    "identity provider",
                    () -> keep(
                            OpenIdSimulator.start(data.resolve("identity"), IDENTITY_PORT, USERS, Clock.systemUTC())));
            var weChatPay = async(
                    executor,
                    "WeChat Pay simulator",
                    () -> keep(WeChatPaySimulator.start(
                            data.resolve("wechatpay"), WECHAT_PORT, Timing.QUICK, Clock.systemUTC())));
            PostgresServer database = join(postgresStart);
            postgres = database;
            join(kafka);
            Merchant merchant = join(weChatPay).merchant();
            String issuer = join(identity).issuer().toString();
            List<CompletableFuture<?>> services = new ArrayList<>();
            for (Member member : Member.values()) {
                Map<String, String> settings = settings(member, database, issuer, merchant);
                services.add(async(executor, member.shortName() + "-service", () -> keep(run(member, settings))));
            }
            services.forEach(Stack::join);
        }
        console.line("Ready after " + Console.seconds(Duration.between(begun, Instant.now())) + ".");
    }

    /** All at once and first, so that nothing is started in vain. The two servers name who holds theirs. */
    private static void requireFreePorts() {
        List<Integer> ports = new ArrayList<>(List.of(IDENTITY_PORT, WECHAT_PORT));
        for (Member member : Member.values()) {
            ports.add(member.port);
        }
        for (int port : ports) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            } catch (IOException e) {
                throw new IllegalStateException(
                        "Port " + port + " is in use, perhaps by another ./run up — stop it and start again", e);
            }
        }
    }

    private KafkaBroker startKafka() {
        KafkaBroker kafka = KafkaBroker.start(data.resolve("kafka"), KAFKA_PORT);
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
                            + " — the log has the rest; --fresh starts over",
                    e);
        }
    }

    private Map<String, String> settings(Member member, PostgresServer postgres, String issuer, Merchant merchant) {
        String service = member.shortName();
        PostgresServer.Database database = postgres.createDatabase(service + "_service");
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("server.port", Integer.toString(member.port));
        settings.put("server.address", "127.0.0.1");
        settings.put("spring.datasource.url", database.jdbcUrl());
        settings.put("spring.datasource.username", database.user());
        settings.put("spring.datasource.password", database.password());
        settings.put("spring.kafka.bootstrap-servers", bootstrapServers());
        settings.put("spring.security.oauth2.resourceserver.jwt.issuer-uri", issuer);
        settings.put("jiucang.environment", ENVIRONMENT);
        settings.put("jiucang.partitions", Integer.toString(PARTITIONS));
        settings.put("jiucang.signing.key-id", Keys.keyId(service));
        settings.put("jiucang.signing.key-file", keys.signing(service).toString());
        settings.put("jiucang.trusted-keys", keys.directoryFile().toString());
        settings.putAll(
                switch (member) {
                    case TOKEN -> Map.of("jiucang.ledger.origin", Keys.ORIGIN, "jiucang.ledger.vkey", keys.vkey());
                    case LEDGER ->
                        Map.of(
                                "jiucang.ledger.origin",
                                Keys.ORIGIN,
                                "jiucang.ledger.key-file",
                                keys.ledger().toString());
                    case ORDER -> Map.of("jiucang.order.payment-period", paymentPeriod.toString());
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
                    case WAREHOUSE -> Map.of();
                });
        return settings;
    }

    /** Written at each start, for the carrier may have a new key. */
    private Path carriers() {
        Path file = data.resolve("carriers.json");
        var listing = courier.listing(Map.of("zh", "顺达速运", "en", "Shunda Express"));
        try {
            Files.write(file, new JsonMapper().writeValueAsBytes(Map.of("carriers", List.of(listing))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    private <T> CompletableFuture<T> async(ExecutorService executor, String what, Supplier<T> start) {
        return CompletableFuture.supplyAsync(
                () -> {
                    Instant begun = Instant.now();
                    T started = start.get();
                    console.done(what + "  " + console.faint(Console.seconds(Duration.between(begun, Instant.now()))));
                    return started;
                },
                executor);
    }

    private <T extends AutoCloseable> T keep(T part) {
        synchronized (running) {
            running.push(part);
        }
        return part;
    }

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** Services first, then what they stand on. */
    @Override
    public void close() {
        List<AutoCloseable> parts;
        synchronized (running) {
            parts = List.copyOf(running);
            running.clear();
        }
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                console.error("stopping " + part.getClass().getSimpleName() + ": " + e.getMessage());
            }
        }
    }

    private static User user(String name, String displayName, String... roles) {
        return new User(name, PASSWORD, displayName, Arrays.asList(roles), ADULT);
    }
}
