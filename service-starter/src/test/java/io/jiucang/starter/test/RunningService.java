package io.jiucang.starter.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.cloudevents.CloudEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventTypes;
import io.jiucang.events.LedgerEvent.TerminalEnrolled;
import io.jiucang.events.LedgerEvent.TerminalWithdrawn;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.TokenEvent;
import io.jiucang.events.TokenEvent.KeyEndorsed;
import io.jiucang.events.TokenEvent.KeyRevoked;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.ledger.Hash;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.statement.Carrier;
import io.jiucang.starter.Service;
import io.jiucang.starter.ServiceSettings;
import io.jiucang.starter.inbox.InboxHandler;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.store.ClusterLockFactory;
import io.jiucang.title.Facts;
import io.jiucang.title.TitleState;
import io.jiucang.title.event.Cite;
import io.jiucang.title.receipt.SignedAnswer;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.AsyncHandlerInterceptor;
import org.springframework.web.servlet.handler.MappedInterceptor;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A service as it runs in production, for the tests of one class: real HTTP, tokens, broker and database; the other
 * services are played by the test, which signs with their keys. The class needs {@link RealInfrastructure} as well. A test
 * fails in which anyone in the service held two database connections at once.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final RunningService service = new RunningService(OrderServiceApplication.class, "order");
 * }</pre>
 */
public final class RunningService implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

    /** Static for the sake of one identity provider per JVM. */
    private static final TestPlatform PLATFORM = new TestPlatform();

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String PARTITIONS = "jiucang.partitions";
    private static final String INBOX_HANDLER = "inboxHandler";

    static {
        // What is waited for comes mostly at once, and tests wait for thousands of things.
        Awaitility.setDefaultPollInterval(Duration.ofMillis(20));
    }

    private final Class<?> application;
    private final String name;
    private final Map<String, String> settings;
    /** As from many clients: over one connection of HTTP/2, no more than twenty requests run at once. */
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final HeldConnections connections = new HeldConnections();
    private @Nullable ConfigurableApplicationContext context;
    private @Nullable Infrastructure infrastructure;
    private @Nullable KafkaProducer<String, byte[]> producer;
    private @Nullable TestLedger ledger;
    private Predicate<CloudEvent> anchored = event -> true;

    /** Wallets of {@link #bear}. */
    private final Set<String> born = ConcurrentHashMap.newKeySet();

    private boolean onOneConnection;
    private List<Class<?>> wholeTest = List.of();
    private Exercised exercised = new Exercised();

    /** What was done on one connection, by application: its test may be several classes, each with a service of its own. */
    private static final Map<Class<?>, Exercised> ON_ONE_CONNECTION = new ConcurrentHashMap<>();

    private record Exercised(Set<Method> tests, Set<Method> endpoints, Set<String> messages) {
        Exercised() {
            this(ConcurrentHashMap.newKeySet(), ConcurrentHashMap.newKeySet(), ConcurrentHashMap.newKeySet());
        }
    }

    public RunningService(Class<?> application, String name) {
        this(application, name, Map.of());
    }

    public RunningService(Class<?> application, String name, Map<String, String> settings) {
        this.application = application;
        this.name = name;
        this.settings = Map.copyOf(settings);
    }

    /**
     * Gives the service a pool of one, so that whatever waits for a second connection waits for ever, in whichever thread; and
     * wants each of the service's endpoints to have answered and each type of event that means something to it to have taken
     * effect, so that none is forgotten, if the whole test is run.
     *
     * @param wholeTest the classes that are the service's test together, if there are several
     */
    public RunningService onOneConnection(Class<?>... wholeTest) {
        onOneConnection = true;
        exercised = ON_ONE_CONNECTION.computeIfAbsent(application, its -> new Exercised());
        this.wholeTest = List.of(wholeTest);
        return this;
    }

    /** Has the ledger anchor these alone, until the test says otherwise. */
    public RunningService anchoringOnly(Predicate<CloudEvent> events) {
        anchored = events;
        return this;
    }

    /** Changes the size of the pool until the test ends: what is to happen side by side takes more than one connection. */
    public void connections(int most) {
        try {
            HikariDataSource pool = bean(DataSource.class).unwrap(HikariDataSource.class);
            pool.getHikariConfigMXBean().setMaximumPoolSize(most);
            pool.getHikariPoolMXBean().softEvictConnections();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void beforeAll(ExtensionContext test) {
        Infrastructure its = InfrastructureExtension.of(test.getRequiredTestClass());
        infrastructure = its;
        born.clear();
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", its.bootstrapServers(), "linger.ms", 0),
                new StringSerializer(),
                new ByteArraySerializer());
        if (!name.equals("ledger")) {
            int partitions = Integer.parseInt(settings.getOrDefault(PARTITIONS, "2"));
            ledger = InfrastructureExtension.ledger(PLATFORM, its, partitions, anchored);
        }
        start();
    }

    @Override
    public void afterEach(ExtensionContext test) {
        exercised.tests.add(test.getRequiredTestMethod());
        if (onOneConnection && required(context).isActive()) {
            connections(1);
        }
        connections.assertOneEach();
    }

    @Override
    public void afterAll(ExtensionContext test) {
        List<Class<?>> whole = wholeTest.isEmpty() ? List.of(test.getRequiredTestClass()) : wholeTest;
        boolean wholeRun = onOneConnection
                && whole.stream()
                        .flatMap(each ->
                                AnnotationSupport.findAnnotatedMethods(
                                        each, Testable.class, HierarchyTraversalMode.TOP_DOWN)
                                        .stream())
                        .allMatch(exercised.tests::contains);
        Set<Method> endpoints = wholeRun ? endpoints() : Set.of();
        Set<String> messages = wholeRun ? messages() : Set.of();
        stop();
        required(producer).close();
        connections.assertOneEach();
        assertThat(exercised.endpoints).as("endpoints that answered").containsAll(endpoints);
        assertThat(exercised.messages).as("events that took effect").containsAll(messages);
    }

    /** The types of others' events that mean something to the service; none if it has one handler of its own for all. */
    private Set<String> messages() {
        if (!required(context).containsBean(INBOX_HANDLER)) {
            return Set.of();
        }
        List<String> topics = bean(ServiceSettings.class).topics();
        InboxHandler handler = bean(INBOX_HANDLER, InboxHandler.class);
        return EventTypes.all().stream()
                .filter(event -> topics.contains(Topics.topicOf(EventTypes.serviceOf(event))))
                .map(EventTypes::typeOf)
                .filter(handler::handles)
                .collect(Collectors.toSet());
    }

    /** The service's own. */
    private Set<Method> endpoints() {
        return required(context)
                .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .values()
                .stream()
                .map(HandlerMethod::getMethod)
                .filter(method -> method.getDeclaringClass().getPackage().equals(application.getPackage()))
                .collect(Collectors.toSet());
    }

    private void observe(ConfigurableApplicationContext starting) {
        starting.getBeanFactory().addBeanPostProcessor(connections);
        starting.getBeanFactory().addBeanPostProcessor(new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String beanName) {
                return beanName.equals(INBOX_HANDLER) ? observed((InboxHandler) bean) : bean;
            }
        });
        starting.getBeanFactory()
                .registerSingleton("observedEndpoints", new MappedInterceptor(null, new AsyncHandlerInterceptor() {
                    @Override
                    public void afterConcurrentHandlingStarted(
                            HttpServletRequest request, HttpServletResponse response, Object handler) {
                        afterCompletion(request, response, handler, null);
                    }

                    @Override
                    public void afterCompletion(
                            HttpServletRequest request,
                            HttpServletResponse response,
                            Object handler,
                            @Nullable Exception failure) {
                        if (handler instanceof HandlerMethod endpoint && response.getStatus() < 400) {
                            exercised.endpoints.add(endpoint.getMethod());
                        }
                    }
                }));
    }

    private InboxHandler observed(InboxHandler handler) {
        return new InboxHandler() {
            @Override
            public boolean handles(String type) {
                return handler.handles(type);
            }

            @Override
            public void requirePredecessors(VerifiedEvent event) {
                handler.requirePredecessors(event);
            }

            @Override
            public void handle(List<VerifiedEvent> events) {
                handler.handle(events);
                events.forEach(event -> exercised.messages.add(event.event().getType()));
            }
        };
    }

    /** Starts the service on its database; after {@link #stop}, with everything it knew. */
    public void start() {
        start(Map.of());
    }

    /** The same with other settings, this time only. */
    public void start(Map<String, String> otherSettings) {
        Infrastructure its = required(infrastructure);
        Map<String, String> all = new HashMap<>(Map.of(
                "server.port", "0",
                "spring.datasource.url", its.jdbcUrl(),
                "spring.datasource.username", its.user(),
                "spring.datasource.password", its.password(),
                "spring.kafka.bootstrap-servers", its.bootstrapServers(),
                "spring.security.oauth2.resourceserver.jwt.issuer-uri", PLATFORM.issuer(),
                "jiucang.environment", TestPlatform.ENVIRONMENT,
                "jiucang.signing.key-file", PLATFORM.keyFile(name + "-1").toString(),
                "jiucang.directory", PLATFORM.directoryFile().toString()));
        all.put("jiucang.pins.origin", TestPlatform.ORIGIN);
        all.put("jiucang.pins.roots", PLATFORM.root());
        all.put("jiucang.pins.ledger", PLATFORM.ledgerVkey());
        all.put("jiucang.wallet-issuer", PLATFORM.walletIssuer());
        all.put("jiucang.wallet-tokens.key-file", PLATFORM.walletTokensKeyFile().toString());
        all.put(PARTITIONS, "2");
        // It takes two connections at once, but before anything is served: not of the pool.
        all.put("spring.flyway.url", its.jdbcUrl());
        all.put("spring.flyway.user", its.user());
        all.put("spring.flyway.password", its.password());
        if (onOneConnection) {
            all.put("spring.datasource.hikari.maximum-pool-size", "1");
        }
        all.putAll(settings);
        all.putAll(otherSettings);
        context = Service.of(application, name)
                .initializers(this::observe)
                .run(all.entrySet().stream()
                        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                        .toArray(String[]::new));
    }

    public void stop() {
        required(context).close();
    }

    public TestPlatform platform() {
        return PLATFORM;
    }

    /** The ledger that this service reads, and whoever else runs in its test; of ledger-service there is none. */
    public TestLedger ledger() {
        return required(ledger);
    }

    /** The way of cases to their owner, told by the services that the test plays. */
    public TestSales sales() {
        return new TestSales(PLATFORM, ledger());
    }

    public Infrastructure infrastructure() {
        return required(infrastructure);
    }

    /** A bean of the running service, for what no interface shows. */
    public <T> T bean(Class<T> type) {
        return required(context).getBean(type);
    }

    /** The same, of several of its type. */
    public <T> T bean(String beanName, Class<T> type) {
        return required(context).getBean(beanName, type);
    }

    /** How many records its inbox has refused as no events. */
    public long quarantined() {
        return database()
                .sql("select coalesce(sum(records), 0) from quarantine")
                .query(Long.class)
                .single();
    }

    /** Whether its inbox has taken in this event. */
    public boolean hasTaken(CloudEvent event) {
        return database()
                .sql("select exists (select from inbox_event where leaf_hash = ?)")
                .param(SignedEvents.leafHash(SignedEvents.dsseMaterial(event)))
                .query(Boolean.class)
                .single();
    }

    /** How many have the lock of this name ({@link ClusterLockFactory}), or wait for it. */
    public long locks(String lock, boolean granted) {
        return database().sql("""
                        select count(*) from pg_locks
                        where locktype = 'advisory' and granted = ?
                            and ((classid::bigint << 32) | objid::bigint) = hashtextextended(?, 0)""").params(granted, lock).query(Long.class).single();
    }

    private JdbcClient database() {
        return JdbcClient.create(infrastructure().dataSource());
    }

    public URI uri(String path) {
        String port = required(context).getEnvironment().getRequiredProperty("local.server.port");
        return URI.create("http://localhost:" + port + path);
    }

    /** Tells the service of the user's wallet, as token-service would. */
    public void register(String user) {
        Device device = TestPlatform.device(user);
        tell(device, new WalletBorn(device.wallet(), device.birth()));
    }

    /** The same of many buyers, once each, by their wallets' ids or any names; returns when the law knows their wallets. */
    public void bear(Collection<String> buyers) {
        List<Device> devices = buyers.stream().map(TestPlatform::deviceOf).toList();
        devices.stream()
                .filter(device -> born.add(device.wallet()))
                .forEach(device -> publish(new WalletBorn(device.wallet(), device.birth()), device.wallet()));
        awaitLaw(state -> devices.stream().allMatch(device -> state.wallets().containsKey(device.wallet())));
    }

    /**
     * An order of the buyer's, of an offer that was told; returns when the law knows it.
     *
     * @param offer the winery's statement
     */
    public OrderId order(String offer, String buyer, long quantity) {
        Statement<Act.Offer> offered = Statements.read(offer, Act.Offer.class);
        bear(List.of(buyer));
        awaitLaw(state -> state.plans().containsKey(offered.planId()));
        String statement = TestPlatform.deviceOf(buyer)
                .speaking()
                .order(
                        offered.id().hex(),
                        quantity,
                        offered.act().price().times(quantity).minorUnits(),
                        offered.act().agreement().hex(),
                        Instant.now().plusSeconds(600));
        OrderId order = Statements.read(statement, Act.Order.class).orderId();
        publish(new OrderPlaced(order, statement), order);
        awaitLaw(state -> state.orders().containsKey(order));
        return order;
    }

    /** What payment-service tells of a paid order, and the evidence that goes before it. */
    public record Capture(PaymentCaptured event, SignedAnswer receipt) {}

    /** Of an order that the law knows, paid now and as it should be; nothing is told yet. */
    public Capture capture(OrderId order) {
        Facts.Order placed =
                bean(LawReader.class).read(state -> required(state.orders().get(order)));
        Money total = placed.intent().total();
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        SignedAnswer receipt = PLATFORM.receipt(placed.payment(), total, now);
        String transaction = TestPlatform.transactionId(placed.payment());
        return new Capture(
                new PaymentCaptured(
                        placed.payment(),
                        order,
                        total,
                        transaction,
                        now,
                        receipt.sha256().hex()),
                receipt);
    }

    /** Its buyer pays it; returns where the ledger has that. */
    public Cite pay(OrderId order) {
        Capture capture = capture(order);
        publish(EvidenceRecords.toRecord(capture.receipt.bytes()));
        CloudEvent captured = publish(capture.event, capture.event.paymentId());
        Hash leaf = Hash.of(SignedEvents.leafHash(SignedEvents.dsseMaterial(captured)));
        LawReader law = bean(LawReader.class);
        await().atMost(PATIENCE).until(() -> law.ruled(leaf).isPresent());
        return law.ruled(leaf).orElseThrow().at();
    }

    /** Where the law has the order's sale, once it has one. */
    public Cite saleOf(OrderId order) {
        awaitLaw(state -> state.findOrder(order).flatMap(Facts.Order::sale).isPresent());
        return bean(LawReader.class)
                .read(state -> state.findOrder(order)
                        .flatMap(Facts.Order::sale)
                        .flatMap(state::findSale)
                        .orElseThrow()
                        .at());
    }

    /** Waits for what the service reads in the ledger. */
    public void awaitLaw(Predicate<TitleState> ruled) {
        LawReader law = bean(LawReader.class);
        await().atMost(PATIENCE).until(() -> law.read(ruled::test));
    }

    /** And of a further device of it. */
    public Device registerAnother(String user) {
        Device first = TestPlatform.device(user);
        Device another = first.another();
        tell(first, new KeyEndorsed(first.wallet(), first.endorsement(another)));
        return another;
    }

    /** And that its first device put this one out. */
    public void revoke(String user, Device device) {
        Device first = TestPlatform.device(user);
        tell(first, new KeyRevoked(first.wallet(), first.revocation(device.kid())));
    }

    /** Has the carrier enrol the device as a courier's phone; returns when the law knows it. */
    public void enrol(Device phone, Carrier carrier) {
        ledger().tell(new TerminalEnrolled(
                phone.kid(), carrier.courierEnrolment(phone.signingKey().publicKey())));
        awaitLaw(state -> state.terminal(phone.kid()).isPresent());
    }

    /** Has the carrier withdraw it again. */
    public void withdraw(Device phone, Carrier carrier) {
        ledger().tell(new TerminalWithdrawn(phone.kid(), carrier.terminalWithdrawal(phone.kid())));
        awaitLaw(state ->
                state.terminal(phone.kid()).filter(Facts.Terminal::withdrawn).isPresent());
    }

    private void tell(Device device, TokenEvent event) {
        publishInTurn(List.of(PLATFORM.signed(event, device.wallet())));
    }

    /** @param user as in {@link TestPlatform#accessToken}, or null for a stranger */
    public Answer get(String path, @Nullable String user) {
        return send(request(path, user).GET().build());
    }

    /** Posts with a new idempotency key. */
    public Answer post(String path, Object body, @Nullable String user) {
        return post(path, body, user, UUID.randomUUID().toString());
    }

    /** @param body as JSON; a String is sent as it is */
    public Answer post(String path, Object body, @Nullable String user, String idempotencyKey) {
        String json = body instanceof String text ? text : JSON.writeValueAsString(body);
        return send(request(path, user)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", idempotencyKey)
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build());
    }

    public Answer delete(String path, @Nullable String user) {
        return send(request(path, user).DELETE().build());
    }

    public HttpRequest.Builder request(String path, @Nullable String user) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).timeout(PATIENCE);
        return user == null ? request : request.header("Authorization", "Bearer " + PLATFORM.accessToken(user));
    }

    public Answer send(HttpRequest request) {
        try {
            return new Answer(http.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Publishes an event of another service, signed by it. */
    public CloudEvent publish(DomainEvent event, Object subject) {
        CloudEvent signed = PLATFORM.signed(event, subject.toString());
        publish(signed);
        return signed;
    }

    public void publish(CloudEvent event) {
        publish(SignedEvents.toRecord(event));
    }

    /** Sends a record as it is, however malformed. */
    public void publish(ProducerRecord<String, byte[]> record) {
        try {
            required(producer).send(record).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Publishes each once its inbox has taken the one before. */
    public void publishInTurn(List<CloudEvent> events) {
        events.forEach(event -> {
            publish(event);
            awaitTaken(event);
        });
    }

    /** So that the inbox finds everything at once; returns when it has taken all. */
    public void publishAtOnce(List<CloudEvent> events) {
        connections(16);
        whileTheInboxLooksAway(() -> events.forEach(this::publish));
        events.forEach(this::awaitTaken);
    }

    /** What is told meanwhile comes in as few batches as can be. */
    public void whileTheInboxLooksAway(Runnable telling) {
        ConcurrentMessageListenerContainer<?, ?> inbox =
                bean("inboxContainer", ConcurrentMessageListenerContainer.class);
        inbox.pause();
        await().atMost(PATIENCE)
                .until(() -> inbox.getContainers().stream()
                        .allMatch(one -> one.isContainerPaused()
                                || required(one.getAssignedPartitions()).isEmpty()));
        telling.run();
        inbox.resume();
    }

    private void awaitTaken(CloudEvent event) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> hasTaken(event));
    }

    /** Every event the service has published so far, each verified. */
    public List<VerifiedEvent> published() {
        EventVerifier verifier = new EventVerifier(PLATFORM.eventKeys());
        return records(Topics.topicOf(name)).stream().map(verifier::verify).toList();
    }

    /** What it has published of one kind. */
    public <E extends DomainEvent> List<E> published(Class<E> type) {
        return published().stream()
                .filter(event -> event.event().getType().equals(EventTypes.typeOf(type)))
                .map(event -> type.cast(event.domainEvent()))
                .toList();
    }

    /** Waits for the first published event of this kind that matches. */
    public <E extends DomainEvent> E awaitPublished(Class<E> type, Predicate<E> matching) {
        List<E> found = new ArrayList<>();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            found.addAll(published(type).stream().filter(matching).toList());
            assertThat(found).as("published %s", type.getSimpleName()).isNotEmpty();
        });
        return found.getFirst();
    }

    /** Everything on a topic, from the beginning. */
    public List<ConsumerRecord<String, byte[]>> records(String topic) {
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                // Not to wait on a partition without anything new.
                Map.of("bootstrap.servers", required(infrastructure).bootstrapServers(), "fetch.max.wait.ms", 5),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    private static <T> T required(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("not there");
        }
        return value;
    }

    /** An answer over HTTP. */
    public record Answer(HttpResponse<String> response) {

        public int status() {
            return response.statusCode();
        }

        public JsonNode json() {
            return JSON.readTree(response.body());
        }

        /** The stable reason of a problem; fails if this is none. */
        public String reason() {
            assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            assertThat(json().path("status").asInt()).isEqualTo(status());
            assertThat(json().path("title").asString()).isNotBlank();
            return json().path("reason").asString();
        }
    }
}
