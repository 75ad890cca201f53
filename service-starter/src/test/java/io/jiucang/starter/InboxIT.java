package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.TOKEN_TOPIC;
import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.database;
import static io.jiucang.starter.SampleFixtures.effects;
import static io.jiucang.starter.SampleFixtures.minted;
import static io.jiucang.starter.SampleFixtures.plan;
import static io.jiucang.starter.SampleFixtures.terminateTransactions;
import static io.jiucang.starter.SampleFixtures.vault;
import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.Sha256;
import io.jiucang.starter.SampleApplication.Faults;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.TestPlatform;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** One business effect per event, whatever Kafka, the database or a forger does. */
@RealInfrastructure
class InboxIT {

    private static final String PARKED = "/api/v1/operator/parked-events";

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    private static final TestPlatform platform = service.platform();

    /** New for each test, so that what one leaves parked blocks no other. */
    private final String key = Ids.next();

    @BeforeEach
    void empty() {
        database(service).sql("truncate effect, parked_event, quarantine").update();
    }

    @Test
    void aRepeatedEventHasOneEffect() {
        CloudEvent event = service.publish(vault("once"), key);
        awaitEffects("once");

        service.publish(event);
        service.publish(vault("later"), key);

        awaitEffects("once", "later");
        assertThat(service.bean(MeterRegistry.class)
                        .counter("jiucang.inbox.duplicates")
                        .count())
                .isPositive();
    }

    @Test
    void anEventTwiceInOneBatchHasOneEffect() {
        CountDownLatch gate = service.bean(Faults.class).hold("busy");
        service.publish(vault("busy"), key);
        CloudEvent event = platform.signed(vault("once"), key);
        service.publish(event);
        service.publish(event);
        service.publish(vault("later"), key);
        gate.countDown();

        awaitEffects("busy", "once", "later");
    }

    static Stream<Arguments> forgeries() {
        return Stream.of(
                forgery(
                        "BAD_SIGNATURE",
                        key -> SignedEvents.toRecord(
                                platform.signed(vault("forged"), key, platform.impostor("token"), now()))),
                forgery(
                        "UNKNOWN_KEY",
                        key -> SignedEvents.toRecord(
                                platform.signed(vault("forged"), key, new EventSigner(new byte[32]), now()))),
                forgery(
                        "UNKNOWN_KEY",
                        key -> SignedEvents.toRecord(
                                platform.signed(vault("forged"), key, platform.signer("payment"), now()))),
                forgery(
                        "KEY_NOT_VALID",
                        key -> SignedEvents.toRecord(
                                platform.signed(vault("forged"), key, platform.expiredSigner("token"), now()))),
                forgery("ALTERED", key -> {
                    CloudEvent genuine = platform.signed(vault("genuine"), key);
                    CloudEvent other = platform.signed(vault("forged"), key);
                    return SignedEvents.toRecord(new CloudEventBuilder(genuine)
                            .withData(other.getData())
                            .build());
                }),
                forgery("UNSIGNED", key -> SignedEvents.toRecord(unsigned(key))),
                forgery("WRONG_TOPIC", key -> {
                    ProducerRecord<String, byte[]> genuine =
                            SignedEvents.toRecord(platform.signed(vault("forged"), key));
                    return new ProducerRecord<>("payment.events.v1", null, key, genuine.value(), genuine.headers());
                }),
                forgery("WRONG_TOPIC", key -> {
                    ProducerRecord<String, byte[]> genuine =
                            SignedEvents.toRecord(platform.signed(vault("forged"), "another subject"));
                    return new ProducerRecord<>(TOKEN_TOPIC, null, key, genuine.value(), genuine.headers());
                }),
                forgery("NOT_CANONICAL", key -> {
                    CloudEvent genuine = platform.signed(vault("forged"), key);
                    return SignedEvents.toRecord(new CloudEventBuilder(genuine)
                            .withExtension("dssematerial", withSpace(SignedEvents.dsseMaterial(genuine)))
                            .build());
                }),
                forgery("MALFORMED", key -> new ProducerRecord<>(TOKEN_TOPIC, key, utf8("forged"))));
    }

    interface Forger {
        ProducerRecord<String, byte[]> forge(String key);
    }

    private static Arguments forgery(String reason, Forger forger) {
        return Arguments.of(reason, forger);
    }

    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("forgeries")
    void whatIsNotAuthenticIsNoEventAndBlocksNothing(String reason, Forger forger) {
        double quarantined = quarantined(reason);
        ProducerRecord<String, byte[]> forged = forger.forge(key);

        service.publish(forged);
        service.publish(vault("behind 1"), key);
        service.publish(vault("behind 2"), key);

        awaitEffects("behind 1", "behind 2");
        await().untilAsserted(() -> assertThat(quarantined(reason)).isEqualTo(quarantined + 1));
        assertThat(count(service, "parked_event")).isZero();
        assertThat(service.get("/api/v1/operator/quarantine", "operator").json().get("items"))
                .singleElement()
                .satisfies(item -> {
                    assertThat(item.get("reason").asString()).isEqualTo(reason);
                    assertThat(item.get("topic").asString()).isEqualTo(forged.topic());
                    assertThat(item.get("valueSha256").asString()).isEqualTo(Sha256.hex(forged.value()));
                });
    }

    /** Its source has signed it: that it makes no sense is for an operator to solve, and what comes behind has to wait. */
    @Test
    void parksAnAuthenticEventThatCannotBeReadAndWhatComesBehindIt() {
        ProducerRecord<String, byte[]> unreadable = SignedEvents.toRecord(platform.signer("token")
                .sign(new CloudEventBuilder(unsigned(key))
                        .withData("application/json", utf8("{\"code\":\"forged\"}"))
                        .build()));
        service.publish(unreadable);
        service.publish(vault("other key"), Ids.next());
        awaitEffects("other key");
        service.publish(vault("behind 1"), key);
        service.publish(vault("behind 2"), key);
        await().untilAsserted(() -> assertThat(count(service, "parked_event")).isEqualTo(3));

        JsonNode parked = onlyCause();
        assertThat(parked.get("reason").asString()).isEqualTo("UNREADABLE_DATA");
        assertThat(parked.get("key").asString()).isEqualTo(key);
        await().untilAsserted(() -> assertThat(deadLetters()).singleElement().satisfies(letter -> {
            assertThat(header(letter, "jiucang-reason")).isEqualTo("UNREADABLE_DATA");
            assertThat(letter.value()).isEqualTo(unreadable.value());
        }));
        assertThat(replay(parked)).as("as unreadable as before").isZero();
        assertThat(service.delete(PARKED + "/" + parked.get("id"), "operator").status())
                .isEqualTo(204);

        awaitEffects("other key", "behind 1", "behind 2");
        assertThat(count(service, "parked_event")).isZero();
    }

    static Stream<Arguments> hostileRecords() {
        return Stream.of(
                Arguments.of(
                        "a value as large as the broker takes",
                        hostile(key -> new ProducerRecord<>(TOKEN_TOPIC, key, new byte[1_048_400]))),
                Arguments.of(
                        "a NUL in the key", hostile(key -> new ProducerRecord<>(TOKEN_TOPIC, key + "\0", utf8("x")))),
                Arguments.of(
                        "a NUL in a header",
                        hostile(key -> with(new ProducerRecord<>(TOKEN_TOPIC, key, utf8("x")), "ce_source", "urn:\0"))),
                Arguments.of(
                        "a NUL in a header's name",
                        hostile(key -> with(new ProducerRecord<>(TOKEN_TOPIC, key, utf8("x")), "ce_\0", "x"))),
                Arguments.of(
                        "a key of 8,000 characters",
                        hostile(key -> new ProducerRecord<>(TOKEN_TOPIC, "k".repeat(8_000), utf8("x")))),
                Arguments.of(
                        "a genuine event under a key of 8,000 characters",
                        hostile(key -> new ProducerRecord<>(
                                TOKEN_TOPIC,
                                null,
                                "k".repeat(8_000),
                                SignedEvents.toRecord(platform.signed(vault("forged"), key))
                                        .value(),
                                SignedEvents.toRecord(platform.signed(vault("forged"), key))
                                        .headers()))),
                Arguments.of(
                        "a subject of 8,000 characters, properly signed",
                        hostile(key -> SignedEvents.toRecord(platform.signed(vault("forged"), "s".repeat(8_000))))),
                Arguments.of(
                        "a NUL in the subject, properly signed",
                        hostile(key -> SignedEvents.toRecord(platform.signed(vault("forged"), key + "\0")))),
                Arguments.of("no value, no key", hostile(key -> nothing())),
                Arguments.of("a thousand headers", hostile(key -> {
                    ProducerRecord<String, byte[]> record = new ProducerRecord<>(TOKEN_TOPIC, key, utf8("x"));
                    IntStream.range(0, 1_000).forEach(i -> with(record, "ce_extension" + i, "y".repeat(500)));
                    return record;
                })),
                Arguments.of(
                        "a signature of a million characters",
                        hostile(key -> with(
                                new ProducerRecord<>(TOKEN_TOPIC, key, utf8("x")),
                                "ce_dssematerial",
                                "A".repeat(900_000)))));
    }

    @SuppressWarnings("NullAway") // A record may be so; ours never are.
    private static ProducerRecord<String, byte[]> nothing() {
        return new ProducerRecord<>(TOKEN_TOPIC, 0, null, null);
    }

    private static Forger hostile(Forger forger) {
        return forger;
    }

    private static ProducerRecord<String, byte[]> with(
            ProducerRecord<String, byte[]> record, String header, String value) {
        record.headers().add(header, utf8(value));
        return record;
    }

    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("hostileRecords")
    void noRecordStopsWhatComesBehindIt(String what, Forger forger) {
        service.publish(forger.forge(key));
        service.publish(vault(what), key);

        awaitEffects(what);
        await().untilAsserted(
                        () -> assertThat(count(service, "quarantine")).as(what).isEqualTo(1));
        assertThat(count(service, "parked_event")).isZero();
    }

    @Test
    void randomBytesStopNothing() {
        Random random = new Random(20261127);
        for (int i = 0; i < 500; i++) {
            byte[] value = new byte[random.nextInt(2_000)];
            random.nextBytes(value);
            byte[] noise = new byte[random.nextInt(40)];
            random.nextBytes(noise);
            ProducerRecord<String, byte[]> record =
                    new ProducerRecord<>(TOKEN_TOPIC, new String(noise, StandardCharsets.ISO_8859_1), value);
            record.headers().add(random.nextBoolean() ? "ce_type" : "ce_specversion", noise);
            record.headers().add("ce_dssematerial", value);
            service.publish(record);
        }
        service.publish(vault("behind the noise"), key);

        awaitEffects("behind the noise");
        assertThat(count(service, "parked_event")).isZero();
    }

    /** 60 MB of zeros are 60 KB on their way. The broker unpacks and refuses them, so no reader has to. */
    @Test
    void theTopicTakesNoRecordThatUnfolds() throws Exception {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            try (Admin admin = Admin.create(
                    Map.of("bootstrap.servers", service.infrastructure().bootstrapServers()))) {
                ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "order.events.v1");
                assertThat(Objects.requireNonNull(admin.describeConfigs(List.of(topic))
                                        .all()
                                        .get()
                                        .get(topic))
                                .get("compression.type"))
                        .extracting(ConfigEntry::value)
                        .isEqualTo("uncompressed");
            }
        });
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                service.infrastructure().bootstrapServers(),
                "compression.type",
                "gzip",
                "max.request.size",
                100_000_000,
                "buffer.memory",
                200_000_000L);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            assertThat(producer.send(new ProducerRecord<>("order.events.v1", new byte[60_000_000])))
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(RecordTooLargeException.class);
        }
    }

    /** The service that signs may have been given its new key before this one was told. */
    @Test
    void readsAgainWhatItDidNotKnowTheKeyOf() throws Exception {
        EventSigner next = new EventSigner(Ids.next().substring(0, 32).getBytes(StandardCharsets.US_ASCII));
        service.publish(platform.signed(vault("by the next key"), key, next, now()));
        await().untilAsserted(() -> assertThat(count(service, "quarantine")).isEqualTo(1));
        service.publish(vault("by the known key"), key);
        awaitEffects("by the known key");

        Path directory = Files.createTempFile("directory", ".json");
        Files.write(directory, platform.directoryWith("token", next));
        service.stop();
        service.start(Map.of("jiucang.directory", directory.toString()));

        awaitEffects("by the known key", "by the next key");
        await().untilAsserted(() -> assertThat(count(service, "quarantine")).isZero());
        service.stop();
        service.start();
    }

    @Test
    void aBugCostsOnlyItsOwnKeyUntilItIsFixed() {
        Faults faults = service.bean(Faults.class);
        String another = Ids.next();
        CountDownLatch gate = faults.hold("gate " + key);
        service.publish(vault("gate " + key), another);
        faults.fail("bug", new IllegalStateException("a bug"));
        service.publish(vault("bug"), key);
        service.publish(vault("behind 1"), key);
        service.publish(vault("another's"), another);
        service.publish(vault("behind 2"), key);
        gate.countDown();

        await().untilAsserted(() -> assertThat(count(service, "parked_event")).isEqualTo(3));
        awaitEffects("gate " + key, "another's");
        JsonNode parked = onlyCause();
        assertThat(parked.get("reason").asString()).isEqualTo("HANDLER_FAILED");
        assertThat(parked.get("detail").asString()).isEqualTo("a bug");

        faults.fail("bug", new IllegalStateException("another bug"));
        assertThat(replay(parked)).isZero();
        assertThat(onlyCause().get("detail").asString()).isEqualTo("another bug");

        faults.heal("bug");
        faults.fail("behind 2", new IllegalStateException("a bug"));
        assertThat(replay(parked)).as("those before the second bug").isEqualTo(2);
        assertThat(effects(service)).containsExactly("gate " + key, "another's", "bug", "behind 1");

        faults.heal("behind 2");
        assertThat(replay(onlyCause())).isEqualTo(1);
        assertThat(effects(service)).endsWith("bug", "behind 1", "behind 2");
    }

    @Test
    void aDiscardedEventStaysDiscarded() {
        Faults faults = service.bean(Faults.class);
        faults.fail("bad", new IllegalStateException("a bug"));
        CloudEvent bad = service.publish(vault("bad"), key);
        await().untilAsserted(() -> assertThat(count(service, "parked_event")).isEqualTo(1));
        service.delete(PARKED + "/" + onlyCause().get("id"), "operator");
        faults.heal("bad");

        service.publish(bad);
        service.publish(vault("later"), key);

        awaitEffects("later");
    }

    @Test
    void onlyAnOperatorSeesWhatIsParked() {
        assertThat(service.get(PARKED, LI).reason()).isEqualTo("FORBIDDEN");
        assertThat(service.get(PARKED, null).reason()).isEqualTo("UNAUTHENTICATED");
        assertThat(service.post(PARKED + "/1/replay", "", LI).reason()).isEqualTo("FORBIDDEN");
        assertThat(service.delete(PARKED + "/1", LI).reason()).isEqualTo("FORBIDDEN");
        assertThat(service.delete(PARKED + "/987654321", "operator").reason()).isEqualTo("PARKED_EVENT_NOT_FOUND");
        assertThat(service.get(PARKED + "?cursor=x", "operator").reason()).isEqualTo("MALFORMED_CURSOR");
    }

    @Test
    void waitsForWhatMustHaveHappenedBefore() {
        PlanId planId = new PlanId(Ids.next());
        service.publish(minted(planId, 1), key);
        service.publish(minted(planId, 2), key);
        await().untilAsserted(() -> assertThat(count(service, "parked_event")).isEqualTo(2));
        assertThat(onlyCause().get("reason").asString()).isEqualTo("PREDECESSOR_MISSING");

        service.publish(plan(planId), planId);

        awaitEffects(planId + " 1", planId + " 2");
        assertThat(count(service, "parked_event")).isZero();
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void aFailingDatabaseParksNothing() {
        CountDownLatch gate = service.bean(Faults.class).hold("slow");
        service.publish(vault("before"), key);
        service.publish(vault("slow"), key);
        service.publish(vault("after"), key);
        await().untilAsserted(() -> assertThat(database(service)
                        .sql("select count(*) from pg_locks where locktype = 'advisory' and database = "
                                + "(select oid from pg_database where datname = current_database())")
                        .query(Long.class)
                        .single())
                .isPositive());

        terminateTransactions(service);
        gate.countDown();

        awaitEffects("before", "slow", "after");
        assertThat(count(service, "parked_event")).isZero();
    }

    @Test
    void aRestartOnTheWayLosesAndRepeatsNothing() {
        List<String> codes = new ArrayList<>();
        IntStream.range(0, 200).forEach(i -> {
            codes.add("event " + i);
            service.publish(vault("event " + i), key);
            if (i == 100) {
                service.stop();
                service.start(Map.of("jiucang.inbox.batch", "7"));
            }
        });

        awaitEffects(codes.toArray(String[]::new));
    }

    @Test
    void passesOverATypeNewerThanItself() {
        service.publish(platform.signer("token")
                .sign(new CloudEventBuilder(unsigned(key))
                        .withType("io.jiucang.token.VaultRepainted.v1")
                        .build()));
        service.publish(vault("later"), key);

        awaitEffects("later");
        assertThat(count(service, "parked_event")).isZero();
    }

    private void awaitEffects(String... codes) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(effects(service)).containsExactly(codes));
    }

    private static JsonNode onlyCause() {
        JsonNode items = service.get(PARKED, "operator").json().get("items");
        assertThat(items).hasSize(1);
        return items.get(0);
    }

    private static int replay(JsonNode parked) {
        HttpRequest request = service.request(PARKED + "/" + parked.get("id") + "/replay", "operator")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        RunningService.Answer answer = service.send(request);
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
        return answer.json().get("events").asInt();
    }

    private static double quarantined(String reason) {
        return service.bean(MeterRegistry.class)
                .counter("jiucang.inbox.quarantined", "reason", reason)
                .count();
    }

    /** The same JSON in other bytes. */
    private static byte[] withSpace(byte[] json) {
        return utf8(new String(json, StandardCharsets.UTF_8).replaceFirst(",", ", "));
    }

    private List<ConsumerRecord<String, byte[]>> deadLetters() {
        return service.records("order.dead-letters.v1").stream()
                .filter(letter -> letter.key().equals(key))
                .toList();
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static CloudEvent unsigned(String key) {
        String id = Ids.next();
        return SignedEvents.toCloudEvent(vault("forged"), new EventMetadata(id, key, now(), 1, id, null, null));
    }

    private static Instant now() {
        return Instant.now();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
