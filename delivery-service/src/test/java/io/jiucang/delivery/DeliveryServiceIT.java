package io.jiucang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSADecrypter;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.BoxCode;
import io.jiucang.events.DeliveryEvent;
import io.jiucang.events.DeliveryEvent.AddressDestroyed;
import io.jiucang.events.DeliveryEvent.CasesCollected;
import io.jiucang.events.DeliveryEvent.CasesLost;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.DeliveryFailed;
import io.jiucang.events.DeliveryEvent.DeliveryRequested;
import io.jiucang.events.DeliveryEvent.FailureReason;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancellation;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.DeliveryEvent.PickupOrdered;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventRefused;
import io.jiucang.events.EventSigner;
import io.jiucang.events.EventVerifier;
import io.jiucang.events.Ids;
import io.jiucang.events.LedgerReference;
import io.jiucang.events.Money;
import io.jiucang.events.OrderId;
import io.jiucang.events.PickupId;
import io.jiucang.events.PlanId;
import io.jiucang.events.ReleaseId;
import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenEvent.TokenBurned;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.TokenEvent.WalletKeyRegistered;
import io.jiucang.events.TokenId;
import io.jiucang.events.Topics;
import io.jiucang.events.VaultId;
import io.jiucang.events.VerifiedEvent;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.simulators.device.Device;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.starter.test.TestPlatform;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.axonframework.eventhandling.AnnotationEventHandlerAdapter;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.messaging.MetaData;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

@RealInfrastructure
class DeliveryServiceIT {

    private static final String PASSWORD = "窖藏19521141-Ab";
    private static final String ADDRESS = "四川省泸州市江阳区国窖广场 1573 号 李娜 13800001573";
    private static final int THREADS = 64;

    private static final RSAKey SF = rsa("sf-1", Duration.ofDays(-100), Duration.ofDays(100));
    private static final RSAKey SF_EXPIRED = rsa("sf-0", Duration.ofDays(-300), Duration.ofDays(-1));
    private static final RSAKey SF_SOON = rsa("sf-2", Duration.ofDays(1), Duration.ofDays(300));
    private static final RSAKey EMS = rsa("ems-1", Duration.ofDays(-100), Duration.ofDays(100));

    private static final Path DIRECTORY = temporaryDirectory();
    private static final Path CARRIERS = DIRECTORY.resolve("carriers.json");

    @RegisterExtension
    static final RunningService service = new RunningService(
            DeliveryServiceApplication.class,
            "delivery",
            Map.of(
                    "jiucang.delivery.secret-file", secretFile().toString(),
                    "jiucang.delivery.carriers-file",
                            carriersFile(SF, SF_EXPIRED, SF_SOON).toString()));

    private static final Device LI = Device.create(TestPlatform.ENVIRONMENT, "li", Clock.systemUTC());
    private static final Device WANG = Device.create(TestPlatform.ENVIRONMENT, "wang", Clock.systemUTC());
    private static final Device COURIER = Device.create(TestPlatform.ENVIRONMENT, "courier", Clock.systemUTC());

    @SuppressWarnings("JavaUtilDate") // Nimbus's own.
    private static RSAKey rsa(String kid, Duration from, Duration until) {
        try {
            return new RSAKeyGenerator(2048)
                    .keyID(kid)
                    .keyUse(KeyUse.ENCRYPTION)
                    .algorithm(JWEAlgorithm.RSA_OAEP_256)
                    .notBeforeTime(Date.from(Instant.now().plus(from)))
                    .expirationTime(Date.from(Instant.now().plus(until)))
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("delivery");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path secretFile() {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        return write(DIRECTORY.resolve("secret"), Base64.getEncoder().encodeToString(secret) + "\n");
    }

    private static Path carriersFile(RSAKey... keys) {
        return write(
                CARRIERS,
                EventJson.mapper()
                        .writeValueAsString(Map.of(
                                "carriers",
                                List.of(
                                        Map.of(
                                                "name", "sf",
                                                "title", Map.of("zh", "顺丰速运", "en", "SF Express"),
                                                "couriers", List.of("courier"),
                                                "jwks", new JWKSet(List.of(keys)).toJSONObject(true)),
                                        Map.of(
                                                "name", "ems",
                                                "title", Map.of("zh", "邮政", "en", "EMS"),
                                                "couriers", List.of("rider"),
                                                "jwks", new JWKSet(EMS).toJSONObject(true))))));
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeAll
    static void registerDevicesAndPasswords() throws ParseException {
        for (Map.Entry<String, Device> owner :
                Map.of("li", LI, "wang", WANG, "courier", COURIER).entrySet()) {
            service.publish(
                    new WalletKeyRegistered(
                            owner.getKey(),
                            owner.getValue().kid(),
                            ECKey.parse(owner.getValue().save()).toPublicJWK().toJSONString(),
                            "phone",
                            Instant.now()),
                    owner.getKey());
        }
        await().untilAsserted(() ->
                assertThat(count("select count(*) from wallet_key")).isEqualTo(3));
        assertThat(putPassword("li", Map.of("new", PASSWORD)).status()).isEqualTo(204);
    }

    /** The read models hold what a replay of all events that took effect gives (I8), after all that the tests have done. */
    @AfterAll
    static void viewsEqualAReplay() {
        JdbcClient jdbc = service.bean(JdbcClient.class);
        await().untilAsserted(() ->
                assertThat(service.published()).hasSize((int) count("select count(*) from domain_event_entry")));
        List<String> before = readModels(jdbc);
        assertThat(before).hasSizeGreaterThan(20);
        TransactionTemplate undone = new TransactionTemplate(service.bean(PlatformTransactionManager.class));
        undone.executeWithoutResult(status -> {
            status.setRollbackOnly();
            jdbc.sql("truncate pickup_view, pickup_case, custody_case, custody_vault")
                    .update();
            List<AnnotationEventHandlerAdapter> replays = List.of(
                    new AnnotationEventHandlerAdapter(service.bean(PickupViews.class)),
                    new AnnotationEventHandlerAdapter(service.bean(Custody.class)));
            EventVerifier verifier = service.bean(EventVerifier.class);
            Stream.concat(
                            service.published().stream(),
                            Stream.of(Topics.TOKEN_EVENTS, Topics.WAREHOUSE_EVENTS)
                                    .flatMap(topic -> service.records(topic).stream())
                                    .flatMap(record -> verified(verifier, record).stream())
                                    .filter(event -> count(
                                                    "select count(*) from inbox_event where event_id = ?",
                                                    event.event().getId())
                                            == 1))
                    .forEach(event -> replays.forEach(replay -> handle(replay, event)));
            assertThat(readModels(jdbc)).isEqualTo(before);
        });
    }

    private static Optional<VerifiedEvent> verified(EventVerifier verifier, ConsumerRecord<String, byte[]> record) {
        try {
            return Optional.of(verifier.verify(record));
        } catch (EventRefused forged) {
            return Optional.empty();
        }
    }

    private static void handle(AnnotationEventHandlerAdapter replay, VerifiedEvent event) {
        try {
            replay.handle(new GenericEventMessage<>(
                    event.event().getId(),
                    event.domainEvent(),
                    MetaData.emptyInstance(),
                    Objects.requireNonNull(event.event().getTime()).toInstant()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> readModels(JdbcClient jdbc) {
        return Stream.of("pickup_view", "pickup_case", "custody_case", "custody_vault")
                .flatMap(table -> jdbc
                        .sql("select (to_jsonb(t) - 'position')::text from " + table + " t order by 1")
                        .query(String.class)
                        .list()
                        .stream())
                .toList();
    }

    private static long count(String sql, Object... params) {
        return service.bean(JdbcClient.class)
                .sql(sql)
                .params(params)
                .query(Long.class)
                .single();
    }

    private static double refused(String act, String reason) {
        return service.bean(MeterRegistry.class)
                .counter("jiucang.delivery.refused", "act", act, "reason", reason)
                .count();
    }

    private static Answer putPassword(String user, Object body) {
        return service.send(service.request("/api/v1/pickup-password", user)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(
                        body instanceof String text ? text : EventJson.mapper().writeValueAsString(body)))
                .build());
    }

    private static String seal(RSAKey key, String address) {
        try {
            JWEObject jwe = new JWEObject(
                    new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
                            .keyID(key.getKeyID())
                            .build(),
                    new Payload(address));
            jwe.encrypt(new RSAEncrypter(key));
            return jwe.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Cases of one owner, of which every test has its own. */
    private record Cellar(VaultId vault, String owner, long cases) {

        static Cellar of(String owner, long cases) {
            return of(owner, cases, Instant.now().minusSeconds(3600));
        }

        static Cellar of(String owner, long cases, Instant grantedAt) {
            Cellar cellar = new Cellar(new VaultId(Ids.next()), owner, cases);
            PlanId plan = new PlanId(Ids.next());
            OrderId order = new OrderId(Ids.next());
            ReleaseId release = new ReleaseId(order.value());
            service.publish(new VaultOpened(cellar.vault, plan, "luzhou-1", "GJ-1"), cellar.vault);
            service.publish(
                    new CasesReleased(
                            release,
                            order,
                            cellar.vault,
                            cellar.delivered().stream()
                                    .map(each -> new ReleasedCase(
                                            each.tokenId(),
                                            each.boxCode(),
                                            "A-" + each.tokenId().serial()))
                                    .toList()),
                    release);
            for (TokenId token : cellar.tokens()) {
                LedgerReference reference = new LedgerReference(Ids.next(), token.serial(), 100);
                service.publish(service.platform()
                        .signed(
                                new TokenGranted(token, plan, order, owner, reference, reference),
                                token.toString(),
                                service.platform().signer("token"),
                                grantedAt));
            }
            await().untilAsserted(
                            () -> assertThat(count("""
                            select count(*) from custody_case c join custody_vault v using (vault_id)
                            where vault_id = ? and owner is not null and box_code is not null""", cellar.vault.value())).isEqualTo(cases));
            return cellar;
        }

        TokenId token(long serial) {
            return new TokenId(vault, serial);
        }

        List<TokenId> tokens() {
            return LongStream.rangeClosed(1, cases).mapToObj(this::token).toList();
        }

        BoxCode box(long serial) {
            return new BoxCode("19521141111014", vault.value().substring(24) + "-" + serial);
        }

        List<DeliveredCase> delivered(long... serials) {
            return LongStream.of(serials)
                    .mapToObj(serial -> new DeliveredCase(token(serial), box(serial)))
                    .toList();
        }

        List<DeliveredCase> delivered() {
            return delivered(LongStream.rangeClosed(1, cases).toArray());
        }

        Answer tryPickup(List<TokenId> tokens, String carrier) {
            return service.post(
                    "/api/v1/pickups",
                    Map.of("tokenIds", tokens.stream().map(TokenId::toString).toList(), "carrier", carrier),
                    owner);
        }

        Order order() {
            Answer answer = tryPickup(tokens(), "sf");
            assertThat(answer.status()).as(answer.response().body()).isEqualTo(201);
            PickupId id = new PickupId(answer.json().path("pickupId").asString());
            assertThat(answer.response().headers().firstValue("Location")).hasValue("/api/v1/pickups/" + id);
            return new Order(this, id);
        }
    }

    /** A pickup of all cases of a cellar, and what others do to it. */
    private record Order(Cellar cellar, PickupId id) {

        static Order of(long cases) {
            return Cellar.of("li", cases).order();
        }

        String path() {
            return "/api/v1/pickups/" + id;
        }

        String delivery() {
            return "/api/v1/deliveries/" + id;
        }

        JsonNode read() {
            return service.get(path(), cellar.owner).json();
        }

        String status() {
            return read().path("status").asString();
        }

        Order reaching(String status) {
            await().untilAsserted(() -> assertThat(status()).isEqualTo(status));
            return this;
        }

        Map<String, Object> claims(String envelope) {
            return new HashMap<>(Map.of(
                    "tokens", cellar.tokens().stream().map(TokenId::toString).toList(),
                    "to", "sf",
                    "pickup", id.value(),
                    "terms", sha256(envelope)));
        }

        Map<String, Object> authorisation(String password, String envelope, String intent) {
            return Map.of("password", password, "envelope", envelope, "intent", intent);
        }

        Map<String, Object> authorisation() {
            String envelope = seal(SF, ADDRESS);
            return authorisation(PASSWORD, envelope, LI.sign("pickup", claims(envelope)));
        }

        Answer authorise(Map<String, Object> authorisation) {
            return service.post(path() + "/authorisation", authorisation, cellar.owner);
        }

        Order authorised() {
            Answer answer = authorise(authorisation());
            assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
            assertThat(answer.json().path("status").asString()).isEqualTo("AUTHORISED");
            return this;
        }

        Order requested() {
            authorised();
            cellar.tokens().forEach(this::lock);
            return reaching("REQUESTED");
        }

        void lock(TokenId token) {
            service.publish(new TokenLocked(token, cellar.owner, id, "0".repeat(64)), token);
        }

        Answer accept(String courier) {
            return service.post(delivery() + "/acceptance", "", courier);
        }

        Order accepted() {
            requested();
            assertThat(accept("courier").status()).isEqualTo(200);
            return this;
        }

        void ship(List<DeliveredCase> cases) {
            service.publish(new CasesShipped(id, "courier", cases), id);
        }

        void bringBack(List<DeliveredCase> cases) {
            service.publish(new CasesReturned(id, "luzhou-2", "R-1", cases), id);
        }

        Order collected() {
            accepted();
            ship(cellar.delivered());
            return reaching("COLLECTED");
        }

        String code() {
            return read().path("handoverCode").asString();
        }

        String proof(List<DeliveredCase> cases, boolean ageChecked) {
            return COURIER.sign(
                    "deliver",
                    Map.of(
                            "pickup", id.value(),
                            "tokens",
                                    cases.stream()
                                            .map(each -> each.tokenId().toString())
                                            .toList(),
                            "boxCodes",
                                    cases.stream()
                                            .map(each -> each.boxCode().toString())
                                            .toList(),
                            "ageChecked", ageChecked));
        }

        Map<String, Object> handover(List<DeliveredCase> cases, String code, String proof) {
            return Map.of(
                    "boxCodes",
                            cases.stream()
                                    .map(each -> each.boxCode().toString())
                                    .toList(),
                    "handoverCode", code,
                    "proof", proof);
        }

        Answer handOver(List<DeliveredCase> cases, String code) {
            return handOver(handover(cases, code, proof(cases, true)));
        }

        Answer handOver(Map<String, Object> handover) {
            return service.post(delivery() + "/handover", handover, "courier");
        }

        Answer fail(String reason) {
            return service.post(delivery() + "/failure", Map.of("reason", reason), "courier");
        }

        Answer cancel() {
            return service.post(path() + "/cancellation", "", cellar.owner);
        }

        <E extends DeliveryEvent> E published(Class<E> type) {
            return service.awaitPublished(type, event -> event.pickupId().equals(id));
        }

        <E extends DeliveryEvent> List<E> all(Class<E> type) {
            return service.published(type).stream()
                    .filter(event -> event.pickupId().equals(id))
                    .toList();
        }

        void hasNoSaga() {
            await().untilAsserted(() -> assertThat(count(
                            "select count(*) from association_value_entry where association_value = ?", id.value()))
                    .isZero());
        }

        void hasNoEnvelope() {
            assertThat(count("select count(*) from envelope where pickup_id = ?", id.value()))
                    .isZero();
            assertThat(count("select count(*) from envelope_key where pickup_id = ?", id.value()))
                    .isZero();
        }

        void isCancelled(PickupCancellation reason) {
            reaching("ENDED").hasNoSaga();
            PickupCancelled cancelled = published(PickupCancelled.class);
            assertThat(cancelled.reason()).isEqualTo(reason);
            assertThat(cancelled.tokens()).isEqualTo(cellar.tokens());
            assertThat(read().path("cancellation").asString()).isEqualTo(reason.name());
            hasNoEnvelope();
        }
    }

    private static void bringDeadlinesForward() {
        service.bean(JdbcClient.class)
                .sql("update scheduled_tasks set execution_time = now() where not picked")
                .update();
    }

    // The way to the door

    @Test
    void leadsACaseFromItsBinToTheDoor() throws Exception {
        Cellar cellar = Cellar.of("li", 2, Instant.now().minus(Duration.ofDays(370)));
        Order order = cellar.order();
        PickupOrdered ordered = order.published(PickupOrdered.class);
        assertThat(ordered.cases())
                .extracting(DeliveryEvent.StoredCase::site, DeliveryEvent.StoredCase::bin)
                .containsExactly(tuple("luzhou-1", "A-1"), tuple("luzhou-1", "A-2"));
        assertThat(ordered.deliveryFee()).isEqualTo(Money.cny(6000));
        assertThat(ordered.custodyFee()).isEqualTo(Money.cny(1000));
        assertThat(order.read().path("total").path("minorUnits").asLong()).isEqualTo(7000);

        String envelope = seal(SF, ADDRESS);
        String intent = LI.sign("pickup", order.claims(envelope));
        assertThat(order.authorise(order.authorisation(PASSWORD, envelope, intent))
                        .status())
                .isEqualTo(200);
        PickupAuthorised authorised = order.published(PickupAuthorised.class);
        assertThat(authorised.intent()).isEqualTo(intent);
        assertThat(authorised.envelopeSha256()).isEqualTo(sha256(envelope));
        assertThat(authorised.carrierKeyId()).isEqualTo("sf-1");
        assertThat(service.get(order.delivery(), "courier").reason()).isEqualTo("DELIVERY_NOT_FOUND");

        cellar.tokens().forEach(order::lock);
        order.reaching("REQUESTED");
        assertThat(order.published(DeliveryRequested.class).acceptBy())
                .isBetween(Instant.now().plusSeconds(86_000), Instant.now().plusSeconds(86_400));
        assertThat(service.get(order.delivery() + "/envelope", "courier").reason())
                .isEqualTo("NOT_THE_COURIER");
        assertThat(service.get("/api/v1/deliveries?state=REQUESTED", "courier")
                        .json()
                        .path("items"))
                .anySatisfy(delivery ->
                        assertThat(delivery.path("pickupId").asString()).isEqualTo(order.id.value()));
        assertThat(order.accept("courier").status()).isEqualTo(200);
        Answer sealed = service.get(order.delivery() + "/envelope", "courier");
        assertThat(sealed.response().body()).isEqualTo(envelope);
        JWEObject opened = JWEObject.parse(sealed.response().body());
        opened.decrypt(new RSADecrypter(SF));
        assertThat(opened.getPayload()).hasToString(ADDRESS);

        assertThat(order.read().has("handoverCode")).isFalse();
        order.ship(cellar.delivered());
        order.reaching("COLLECTED");
        assertThat(order.code()).matches("[0-9]{6}");
        Answer handed = order.handOver(cellar.delivered(), order.code());
        assertThat(handed.status()).as(handed.response().body()).isEqualTo(200);
        DeliveryCompleted completed = order.published(DeliveryCompleted.class);
        assertThat(completed.cases()).isEqualTo(cellar.delivered());
        assertThat(completed.courier()).isEqualTo("courier");
        assertThat(order.published(AddressDestroyed.class).envelopeSha256()).isEqualTo(sha256(envelope));
        order.reaching("ENDED").hasNoSaga();
        order.hasNoEnvelope();
        assertThat(service.get(order.delivery() + "/envelope", "courier").reason())
                .isEqualTo("ENVELOPE_DESTROYED");
        assertThat(order.cancel().reason()).isEqualTo("PICKUP_ENDED");

        service.publish(
                new TokenBurned(cellar.token(1), "li", order.id, new LedgerReference(Ids.next(), 1, 2)),
                cellar.token(1));
        await().untilAsserted(() -> assertThat(
                        cellar.tryPickup(List.of(cellar.token(1)), "sf").reason())
                .isEqualTo("TOKEN_NOT_HELD"));
    }

    @Test
    void deliversAtTheSecondAttemptWithANewCode() {
        Order order = Order.of(1).collected();
        String first = order.code();
        assertThat(order.fail("NOBODY_HOME").status()).isEqualTo(200);
        assertThat(order.published(DeliveryFailed.class).attempt()).isEqualTo(1);
        String second = order.code();
        assertThat(second).isNotEqualTo(first);
        assertThat(order.handOver(order.cellar.delivered(), first).reason()).isEqualTo("HANDOVER_CODE_WRONG");
        assertThat(order.handOver(order.cellar.delivered(), second).status()).isEqualTo(200);
        order.reaching("ENDED").hasNoSaga();
    }

    @Test
    void deliversSomeAndTakesTheOthersBack() {
        Order order = Order.of(3).collected();
        Cellar cellar = order.cellar;
        assertThat(order.handOver(cellar.delivered(1), order.code()).status()).isEqualTo(200);
        assertThat(order.fail("CASE_DAMAGED").status()).isEqualTo(200);
        ReturnRequested back = order.published(ReturnRequested.class);
        assertThat(back.cases()).isEqualTo(cellar.delivered(2, 3));
        assertThat(back.reason()).isEqualTo(FailureReason.CASE_DAMAGED);
        order.published(AddressDestroyed.class);
        order.hasNoEnvelope();
        order.bringBack(cellar.delivered(3));
        order.bringBack(cellar.delivered(2));
        order.reaching("ENDED").hasNoSaga();
        await().untilAsserted(() -> assertThat(order.all(PickupCancelled.class))
                .extracting(PickupCancelled::reason, PickupCancelled::tokens)
                .containsExactly(
                        tuple(PickupCancellation.RETURNED, List.of(cellar.token(3))),
                        tuple(PickupCancellation.RETURNED, List.of(cellar.token(2)))));
        assertThat(cellar.tryPickup(List.of(cellar.token(2)), "sf").reason()).isEqualTo("TOKEN_NOT_HELD");
        service.publish(new TokenUnlocked(cellar.token(2), "li", order.id), cellar.token(2));
        await().untilAsserted(() -> {
            Answer again = cellar.tryPickup(List.of(cellar.token(2)), "sf");
            assertThat(again.status()).isEqualTo(201);
            assertThat(again.json().path("cases").path(0).path("site").asString())
                    .isEqualTo("luzhou-2");
            assertThat(again.json().path("cases").path(0).path("bin").asString())
                    .isEqualTo("R-1");
        });
    }

    @Test
    void goesBackAfterTheThirdFailure() {
        Order order = Order.of(1).collected();
        assertThat(Stream.of("NOBODY_HOME", "RECIPIENT_UNDER_AGE", "OTHER")
                        .map(reason -> order.fail(reason).status()))
                .containsOnly(200);
        order.reaching("RETURNING");
        assertThat(order.fail("OTHER").reason()).isEqualTo("CASES_NOT_COLLECTED");
        order.bringBack(order.cellar.delivered());
        order.isCancelled(PickupCancellation.RETURNED);
    }

    // The ways back

    @Test
    void cancelsAllWhenOneTokenCannotBeLocked() {
        Order order = Order.of(2).authorised();
        order.lock(order.cellar.token(1));
        service.publish(
                new TokenLockRefused(order.cellar.token(2), order.id, LockRefusal.NOT_AVAILABLE),
                order.cellar.token(2));
        order.isCancelled(PickupCancellation.LOCK_REFUSED);
    }

    @Test
    void givesUpWhatIsOverdue() {
        Order unauthorised = Order.of(1);
        Order unlocked = Order.of(1).authorised();
        Order unaccepted = Order.of(1).requested();
        Order uncollected = Order.of(1).accepted();
        Order undelivered = Order.of(1).collected();
        bringDeadlinesForward();
        unauthorised.isCancelled(PickupCancellation.NOT_AUTHORISED_IN_TIME);
        unlocked.isCancelled(PickupCancellation.LOCK_OVERDUE);
        unaccepted.isCancelled(PickupCancellation.NOT_ACCEPTED_IN_TIME);
        uncollected.isCancelled(PickupCancellation.NOT_COLLECTED_IN_TIME);
        undelivered.reaching("RETURNING").hasNoEnvelope();
        undelivered.published(ReturnRequested.class);
        bringDeadlinesForward();
        undelivered.reaching("ENDED").hasNoSaga();
        assertThat(undelivered.published(CasesLost.class).cases()).isEqualTo(undelivered.cellar.delivered());
        undelivered.bringBack(undelivered.cellar.delivered());
        assertThat(undelivered.published(PickupCancelled.class).reason()).isEqualTo(PickupCancellation.RETURNED);
    }

    @Test
    void isCancelledByItsOwnerUntilItIsCollected() {
        Order accepted = Order.of(1).accepted();
        assertThat(accepted.cancel().status()).isEqualTo(200);
        accepted.isCancelled(PickupCancellation.OWNER);
        Order collected = Order.of(1).collected();
        assertThat(collected.cancel().reason()).isEqualTo("PICKUP_COLLECTED");
        assertThat(collected.status()).isEqualTo("COLLECTED");
    }

    @Test
    void callsBackACaseThatLeftWhileItWasCancelled() {
        Order order = Order.of(1).accepted();
        assertThat(order.cancel().status()).isEqualTo(200);
        order.ship(order.cellar.delivered());
        assertThat(order.published(ReturnRequested.class).cases()).isEqualTo(order.cellar.delivered());
        service.publish(new TokenUnlocked(order.cellar.token(1), "li", order.id), order.cellar.token(1));
        await().untilAsserted(() -> assertThat(
                        order.cellar.tryPickup(order.cellar.tokens(), "sf").reason())
                .isEqualTo("CASE_NOT_IN_STORAGE"));
        order.bringBack(order.cellar.delivered());
        await().untilAsserted(() -> assertThat(
                        order.cellar.tryPickup(order.cellar.tokens(), "sf").status())
                .isEqualTo(201));
    }

    @Test
    void waitsForTheShipmentWhenAReturnIsReadFirst() {
        Order order = Order.of(1).accepted();
        service.publish(
                new CasesReturned(order.id, "luzhou-2", "R-1", order.cellar.delivered()), "returns-" + order.id);
        await().untilAsserted(() -> assertThat(
                        count("select count(*) from parked_event where event_key = ?", "returns-" + order.id))
                .isEqualTo(1));
        order.ship(order.cellar.delivered());
        order.isCancelled(PickupCancellation.RETURNED);
    }

    // Password

    @Test
    void setsAndChangesThePickupPassword() {
        String user = "minor";
        assertThat(putPassword(user, Map.of("new", "12345678")).reason()).isEqualTo("PASSWORD_TOO_WEAK");
        assertThat(putPassword(user, Map.of("new", "first-Password")).status()).isEqualTo(204);
        assertThat(putPassword(user, Map.of("new", "other-Password")).reason()).isEqualTo("PASSWORD_CHANGE_NOT_PROVEN");
        assertThat(putPassword(user, Map.of("new", "other-Password", "current", "wrong"))
                        .reason())
                .isEqualTo("PASSWORD_WRONG");
        assertThat(putPassword(user, Map.of("new", "other-Password", "current", "first-Password"))
                        .status())
                .isEqualTo(204);
        assertThat(putPassword(
                                user,
                                Map.of("new", "third-Password", "intent", LI.sign("set-pickup-password", Map.of())))
                        .reason())
                .isEqualTo("INTENT_KEY_UNKNOWN");
        for (String malformed : List.of(
                "",
                "{",
                "[]",
                "{}",
                "null",
                "{\"new\": 12345678}",
                "{\"new\": null}",
                "{\"new\": \"x\", \"old\": \"y\"}")) {
            Answer answer = putPassword(user, malformed);
            assertThat(answer.reason()).as(malformed).isEqualTo("MALFORMED_BODY");
            assertThat(answer.response().body()).doesNotContain("12345678");
        }
    }

    @Test
    void locksThePasswordAfterFiveWrongTriesUntilTimeOrADeviceUnlocksIt() {
        String user = "wang";
        Order order = Cellar.of(user, 1).order();
        String envelope = seal(SF, ADDRESS);
        Map<String, Object> wrong = order.authorisation("wrong", envelope, WANG.sign("pickup", order.claims(envelope)));
        Map<String, Object> right =
                order.authorisation("eastgate-1573", envelope, WANG.sign("pickup", order.claims(envelope)));
        assertThat(order.authorise(wrong).reason()).isEqualTo("PASSWORD_NOT_SET");
        assertThat(putPassword(user, Map.of("new", "eastgate-1573")).status()).isEqualTo(204);
        double counted = refused("authorise", "PASSWORD_WRONG");
        for (int left = 4; left > 0; left--) {
            Answer answer = order.authorise(wrong);
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.reason()).isEqualTo("PASSWORD_WRONG");
            assertThat(answer.json().path("detail").asString()).isEqualTo(left + " tries left");
        }
        assertThat(order.authorise(wrong).reason()).isEqualTo("PASSWORD_LOCKED");
        assertThat(refused("authorise", "PASSWORD_WRONG")).isEqualTo(counted + 4);
        Answer locked = order.authorise(right);
        assertThat(locked.status()).isEqualTo(423);
        assertThat(locked.json().path("detail").asString()).startsWith("locked until 20");
        assertThat(putPassword(user, Map.of("new", "other-Password", "current", "eastgate-1573"))
                        .reason())
                .isEqualTo("PASSWORD_LOCKED");
        assertThat(order.status()).isEqualTo("ORDERED");

        service.bean(JdbcClient.class)
                .sql("update pickup_password set locked_until = now() - interval '1 second' where owner = ?")
                .param(user)
                .update();
        assertThat(order.authorise(wrong).json().path("detail").asString()).isEqualTo("4 tries left");
        Stream.generate(() -> order.authorise(wrong))
                .limit(4)
                .forEach(answer -> assertThat(answer.status()).isNotEqualTo(200));
        assertThat(order.authorise(right).reason()).isEqualTo("PASSWORD_LOCKED");
        assertThat(putPassword(
                                user,
                                Map.of("new", "eastgate-1573", "intent", WANG.sign("set-pickup-password", Map.of())))
                        .status())
                .isEqualTo(204);
        assertThat(order.authorise(right).status()).isEqualTo(200);
    }

    @Test
    void countsGuessesSideBySideOneByOne() throws Exception {
        Order order = Order.of(1);
        Map<String, Object> wrong = order.authorisation("wrong", "x", "x");
        try {
            List<Answer> answers = together(20, i -> order.authorise(wrong));
            assertThat(answers.stream().filter(answer -> answer.status() == 403))
                    .hasSize(4);
            assertThat(answers.stream().filter(answer -> answer.status() == 423))
                    .hasSize(16);
        } finally {
            putPassword("li", Map.of("new", PASSWORD, "intent", LI.sign("set-pickup-password", Map.of())));
        }
    }

    // Bad input

    private static void assertRefused(Order order, String reason, Map<String, Object> authorisation) {
        long events = count("select count(*) from domain_event_entry");
        long envelopes = count("select count(*) from used_envelope");
        long intents = count("select count(*) from used_intent");
        double counted = refused("authorise", reason);
        assertThat(order.authorise(authorisation).reason()).isEqualTo(reason);
        assertThat(order.status()).isEqualTo("ORDERED");
        assertThat(refused("authorise", reason)).isEqualTo(counted + 1);
        assertThat(count("select count(*) from domain_event_entry")).isEqualTo(events);
        assertThat(count("select count(*) from used_envelope")).isEqualTo(envelopes);
        assertThat(count("select count(*) from used_intent")).isEqualTo(intents);
    }

    @Test
    void refusesAnAuthorisationThatIsNotWhollyInOrder() {
        Order order = Order.of(2);
        String good = seal(SF, ADDRESS);
        String intent = LI.sign("pickup", order.claims(good));
        for (RSAKey key : List.of(SF_EXPIRED, SF_SOON)) {
            String envelope = seal(key, ADDRESS);
            assertRefused(
                    order,
                    "CARRIER_KEY_NOT_VALID",
                    order.authorisation(PASSWORD, envelope, LI.sign("pickup", order.claims(envelope))));
        }
        String forAnother = seal(EMS, ADDRESS);
        assertRefused(
                order,
                "CARRIER_KEY_NOT_FOUND",
                order.authorisation(PASSWORD, forAnother, LI.sign("pickup", order.claims(forAnother))));
        String truncated = good.substring(0, good.length() - 8);
        assertRefused(
                order,
                "ENVELOPE_MALFORMED",
                order.authorisation(PASSWORD, truncated, LI.sign("pickup", order.claims(truncated))));
        assertRefused(order, "INTENT_MALFORMED", order.authorisation(PASSWORD, good, "x"));
        assertRefused(order, "INTENT_NOT_FOR_THIS", order.authorisation(PASSWORD, good, LI.sign("order", Map.of())));
        assertRefused(
                order,
                "INTENT_KEY_UNKNOWN",
                order.authorisation(PASSWORD, good, WANG.sign("pickup", order.claims(good))));
        assertRefused(
                order,
                "INTENT_SIGNATURE_INVALID",
                order.authorisation(PASSWORD, good, intent.substring(0, intent.length() - 8) + "AAAAAAAA"));
        Map<String, Object> others = Map.of(
                "pickup", Ids.next(),
                "to", "ems",
                "terms", sha256("another"),
                "tokens", List.of(order.cellar.token(1).toString()),
                "address", ADDRESS);
        others.forEach((claim, value) -> {
            Map<String, Object> claims = order.claims(good);
            claims.put(claim, value);
            assertRefused(order, "INTENT_MISMATCH", order.authorisation(PASSWORD, good, LI.sign("pickup", claims)));
        });
        assertRefused(order, "INTENT_EXPIRED", order.authorisation(PASSWORD, good, expired(order, good)));
        assertThat(order.authorise(order.authorisation(PASSWORD, good, intent)).status())
                .isEqualTo(200);
        assertThat(order.authorise(order.authorisation()).reason()).isEqualTo("PICKUP_NOT_ORDERED");
    }

    @SuppressWarnings("JavaUtilDate") // Nimbus's own.
    private static String expired(Order order, String envelope) {
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .issuer(TestPlatform.ENVIRONMENT)
                .subject("li")
                .claim("act", "pickup")
                .jwtID(Ids.next())
                .issueTime(Date.from(Instant.now().minusSeconds(600)))
                .expirationTime(Date.from(Instant.now().minusSeconds(300)));
        order.claims(envelope).forEach(claims::claim);
        return LI.sign(claims.build());
    }

    @Test
    void takesNoEnvelopeAndNoIntentTwice() {
        Order first = Order.of(1);
        String envelope = seal(SF, ADDRESS);
        String intent = LI.sign("pickup", first.claims(envelope));
        assertThat(first.authorise(first.authorisation(PASSWORD, envelope, intent))
                        .status())
                .isEqualTo(200);
        Order second = Order.of(1);
        assertRefused(
                second,
                "ENVELOPE_REUSED",
                second.authorisation(PASSWORD, envelope, LI.sign("pickup", second.claims(envelope))));
        assertRefused(second, "INTENT_REUSED", second.authorisation(PASSWORD, seal(SF, ADDRESS), intent));
        assertThat(first.cancel().status()).isEqualTo(200);
        assertRefused(
                second,
                "ENVELOPE_REUSED",
                second.authorisation(PASSWORD, envelope, LI.sign("pickup", second.claims(envelope))));
    }

    @Test
    void ordersOnlyWhatIsOnesOwnAndThere() {
        Cellar li = Cellar.of("li", 1);
        Cellar wang = Cellar.of("wang", 1);
        assertThat(li.tryPickup(wang.tokens(), "sf").reason()).isEqualTo("TOKEN_NOT_FOUND");
        assertThat(li.tryPickup(List.of(li.token(1), li.token(1)), "sf").reason())
                .isEqualTo("TOKENS_INVALID");
        assertThat(li.tryPickup(List.of(), "sf").reason()).isEqualTo("TOKENS_INVALID");
        assertThat(li.tryPickup(li.tokens(), "dhl").reason()).isEqualTo("CARRIER_NOT_FOUND");
        Order order = li.order();
        assertThat(service.get(order.path(), "wang").reason()).isEqualTo("PICKUP_NOT_FOUND");
        assertThat(service.post(order.path() + "/cancellation", "", "wang").reason())
                .isEqualTo("PICKUP_NOT_FOUND");
        assertThat(service.post(order.path() + "/authorisation", order.authorisation(), "wang")
                        .reason())
                .isEqualTo("PICKUP_NOT_FOUND");
        assertThat(service.get("/api/v1/pickups?limit=1", "li").json().path("items"))
                .singleElement()
                .satisfies(
                        newest -> assertThat(newest.path("pickupId").asString()).isEqualTo(order.id.value()));
    }

    @Test
    void handsOverOnlyToWhoeverKnowsTheCode() {
        Order order = Order.of(1).collected();
        List<DeliveredCase> cases = order.cellar.delivered();
        String wrong = order.code().equals("000000") ? "000001" : "000000";
        for (int left = 4; left >= 0; left--) {
            Answer answer = order.handOver(cases, wrong);
            assertThat(answer.reason()).isEqualTo("HANDOVER_CODE_WRONG");
            assertThat(answer.json().path("detail").asString()).isEqualTo(left + " tries left");
        }
        assertThat(order.handOver(cases, order.code()).reason()).isEqualTo("HANDOVER_CODE_LOCKED");
        assertThat(order.fail("HANDOVER_CODE_WRONG").status()).isEqualTo(200);
        assertThat(order.handOver(cases, order.code()).status()).isEqualTo(200);
        assertThat(refused("hand-over", "HANDOVER_CODE_LOCKED")).isPositive();
    }

    @Test
    void handsOverOnlyWhatIsProven() {
        Order order = Order.of(2).collected();
        List<DeliveredCase> one = order.cellar.delivered(1);
        List<DeliveredCase> foreign = Order.of(1).cellar.delivered();
        String code = order.code();
        long events = count("select count(*) from domain_event_entry");
        assertThat(order.handOver(order.handover(one, code, order.proof(one, false)))
                        .reason())
                .isEqualTo("AGE_NOT_CHECKED");
        assertThat(order.handOver(order.handover(one, code, order.proof(order.cellar.delivered(), true)))
                        .reason())
                .isEqualTo("PROOF_MISMATCH");
        assertThat(order.handOver(foreign, code).reason()).isEqualTo("BOX_NOT_IN_PICKUP");
        assertThat(order.handOver(Map.of("boxCodes", List.of("x"), "handoverCode", code, "proof", "x"))
                        .reason())
                .isEqualTo("BOX_CODE_MALFORMED");
        assertThat(order.handOver(order.handover(one, code, LI.sign("deliver", Map.of())))
                        .reason())
                .isEqualTo("INTENT_KEY_UNKNOWN");
        assertThat(order.handOver(order.handover(one, code, COURIER.sign("deliver", Map.of("note", ADDRESS))))
                        .reason())
                .isEqualTo("INTENT_MISMATCH");
        assertThat(service.post(
                                order.delivery() + "/handover",
                                order.handover(one, code, order.proof(one, true)),
                                "rider")
                        .reason())
                .isEqualTo("DELIVERY_NOT_FOUND");
        assertThat(count("select count(*) from domain_event_entry")).isEqualTo(events);
        assertThat(order.handOver(one, code).status()).isEqualTo(200);
        assertThat(order.handOver(one, order.code()).reason()).isEqualTo("BOX_NOT_OUT");
    }

    @Test
    void showsADeliveryToItsCarrierAlone() {
        Order order = Order.of(1).requested();
        assertThat(service.get(order.delivery(), "rider").reason()).isEqualTo("DELIVERY_NOT_FOUND");
        assertThat(order.accept("rider").reason()).isEqualTo("DELIVERY_NOT_FOUND");
        assertThat(service.get("/api/v1/deliveries", "rider").json().path("items"))
                .isEmpty();
        JsonNode seen = service.get(order.delivery(), "courier").json();
        assertThat(seen.has("deliveryFee") || seen.has("owner") || seen.has("handoverCode"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "null",
                "{\"tokenIds\": [null], \"carrier\": \"sf\"}",
                "{\"tokenIds\": [\"1\"], \"carrier\": \"sf\"}",
                "{\"tokenIds\": [], \"carrier\": null}"
            })
    void refusesABodyThatIsNoPickup(String body) {
        assertThat(service.post("/api/v1/pickups", body, "li").reason()).isEqualTo("MALFORMED_BODY");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/pickups/1, li, MALFORMED_PARAMETER",
        "/api/v1/pickups?cursor=x, li, MALFORMED_CURSOR",
        "/api/v1/pickups?limit=0, li, MALFORMED_PARAMETER",
        "/api/v1/pickups/01919191-9191-7191-9191-919191919191, li, PICKUP_NOT_FOUND",
        "/api/v1/pickups, courier, FORBIDDEN",
        "/api/v1/pickups, , UNAUTHENTICATED",
        "/api/v1/deliveries?state=x, courier, MALFORMED_PARAMETER",
        "/api/v1/deliveries?cursor=x, courier, MALFORMED_CURSOR",
        "/api/v1/deliveries/1/envelope, courier, MALFORMED_PARAMETER",
        "/api/v1/deliveries, li, FORBIDDEN",
        "/api/v1/carriers/dhl/keys, , CARRIER_NOT_FOUND"
    })
    void refusesAMalformedOrForbiddenRequest(String path, @Nullable String user, String reason) {
        assertThat(service.get(path, user).reason()).isEqualTo(reason);
    }

    // Carriers

    @Test
    void publishesKeysAndRotatesThemWithoutARestart() throws Exception {
        assertThat(service.get("/api/v1/carriers", null).json())
                .extracting(carrier -> carrier.path("name").asString())
                .containsExactly("sf", "ems");
        assertThat(publishedKeys()).containsExactly("sf-1", "sf-2");
        assertThat(service.get("/api/v1/carriers/sf/keys", null).response().body())
                .doesNotContain("\"d\"");
        RSAKey next = rsa("sf-3", Duration.ofMinutes(-1), Duration.ofDays(300));
        try {
            carriersFile(SF, SF_EXPIRED, SF_SOON, next);
            touch(1);
            assertThat(publishedKeys()).containsExactly("sf-1", "sf-2", "sf-3");
            Order order = Order.of(1);
            String envelope = seal(next, ADDRESS);
            assertThat(order.authorise(
                                    order.authorisation(PASSWORD, envelope, LI.sign("pickup", order.claims(envelope))))
                            .status())
                    .isEqualTo(200);
            write(CARRIERS, "{");
            touch(2);
            assertThat(publishedKeys()).containsExactly("sf-1", "sf-2", "sf-3");
        } finally {
            carriersFile(SF, SF_EXPIRED, SF_SOON);
            touch(3);
        }
        assertThat(publishedKeys()).containsExactly("sf-1", "sf-2");
    }

    /** However coarse the file system's clock is. */
    private static void touch(int seconds) throws IOException {
        Files.setLastModifiedTime(CARRIERS, FileTime.from(Instant.now().plusSeconds(seconds)));
    }

    private static List<String> publishedKeys() {
        return service.get("/api/v1/carriers/sf/keys", null)
                .json()
                .path("keys")
                .valueStream()
                .map(key -> key.path("kid").asString())
                .toList();
    }

    // Races

    private interface Numbered {
        Answer run(int number);
    }

    private static List<Answer> together(int threads, Numbered request) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Answer>> answers = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < threads; i++) {
                int number = i;
                answers.add(pool.submit(() -> {
                    start.await();
                    return request.run(number);
                }));
            }
            start.countDown();
        }
        List<Answer> done = new ArrayList<>();
        for (Future<Answer> answer : answers) {
            done.add(answer.get());
        }
        return done;
    }

    @Test
    void hasOneOutcomeHoweverManyTryAtTheDoor() throws Exception {
        Order order = Order.of(1).collected();
        List<DeliveredCase> cases = order.cellar.delivered();
        String code = order.code();
        List<Supplier<Answer>> attempts = List.of(
                () -> order.handOver(cases, code),
                () -> order.fail("REFUSED_BY_RECIPIENT"),
                order::cancel,
                () -> order.authorise(order.authorisation()));
        List<Answer> answers =
                together(THREADS, i -> attempts.get(i % attempts.size()).get());
        assertThat(answers.stream().filter(answer -> answer.status() == 200)).hasSize(1);
        assertThat(answers.stream().map(Answer::status)).containsOnly(200, 409);
        order.published(AddressDestroyed.class);
        await().untilAsserted(
                        () -> assertThat(order.all(DeliveryCompleted.class).size()
                                        + order.all(ReturnRequested.class).size())
                                .isEqualTo(1));
        assertThat(order.all(PickupCancelled.class)).isEmpty();
        assertThat(order.all(AddressDestroyed.class)).hasSize(1);
        order.hasNoEnvelope();
    }

    @Test
    void isAuthorisedAtMostOnceAndCancelledOnce() throws Exception {
        Order order = Order.of(1);
        List<Answer> answers =
                together(THREADS, i -> i % 2 == 0 ? order.authorise(order.authorisation()) : order.cancel());
        assertThat(answers.stream().map(Answer::status)).containsOnly(200, 409);
        order.isCancelled(PickupCancellation.OWNER);
        int authorised = order.all(PickupAuthorised.class).size();
        assertThat(authorised).isLessThanOrEqualTo(1);
        assertThat(answers.stream().filter(answer -> answer.status() == 200)).hasSize(1 + authorised);
        assertThat(order.all(PickupCancelled.class)).hasSize(1);
        assertThat(order.all(AddressDestroyed.class)).hasSize(authorised);
    }

    // Events

    @Test
    void countsAnEventThatComesTwiceOnce() {
        Order order = Order.of(1).accepted();
        CloudEvent shipped = service.publish(new CasesShipped(order.id, "courier", order.cellar.delivered()), order.id);
        service.publish(shipped);
        order.reaching("COLLECTED");
        Order after = Order.of(1);
        after.published(PickupOrdered.class);
        assertThat(order.all(CasesCollected.class)).hasSize(1);
        assertThat(count("select count(*) from parked_event where event_key = ?", order.id.value()))
                .isZero();
    }

    @Test
    void takesNoEventThatItsServiceDidNotSignAndGoesOn() {
        Order forged = Order.of(1).authorised();
        Order altered = Order.of(1).authorised();
        Order expired = Order.of(1).authorised();
        Order genuine = Order.of(1).authorised();
        TokenLocked lock = new TokenLocked(forged.cellar.token(1), "li", forged.id, "0".repeat(64));
        service.publish(service.platform()
                .signed(lock, lock.tokenId().toString(), new EventSigner(new byte[32], "token-1"), Instant.now()));
        CloudEvent signed = service.platform()
                .signed(
                        new TokenLocked(altered.cellar.token(1), "li", altered.id, "0".repeat(64)),
                        altered.cellar.token(1).toString());
        service.publish(new CloudEventBuilder(signed)
                .withData(
                        "application/json",
                        EventJson.write(new TokenLocked(altered.cellar.token(1), "wang", altered.id, "0".repeat(64))))
                .build());
        service.publish(service.platform()
                .signed(
                        new TokenLocked(expired.cellar.token(1), "li", expired.id, "0".repeat(64)),
                        expired.cellar.token(1).toString(),
                        service.platform().expiredSigner("token"),
                        Instant.now()));
        genuine.lock(genuine.cellar.token(1));
        genuine.reaching("REQUESTED");
        for (Order order : List.of(forged, altered, expired)) {
            await().untilAsserted(() -> assertThat(count(
                            "select count(*) from parked_event where event_key = ?",
                            order.cellar.token(1).toString()))
                    .isEqualTo(1));
            assertThat(order.status()).isEqualTo("AUTHORISED");
        }
    }

    @Test
    void leavesAContradictionToAPerson() {
        Order order = Order.of(1).collected();
        assertThat(order.handOver(order.cellar.delivered(), order.code()).status())
                .isEqualTo(200);
        order.bringBack(order.cellar.delivered());
        await().untilAsserted(() -> assertThat(count(
                        "select count(*) from parked_event where event_key = ? and reason = 'HANDLER_FAILED'",
                        order.id.value()))
                .isEqualTo(1));
        assertThat(order.all(PickupCancelled.class)).isEmpty();
    }

    // Secrecy (I9)

    @Test
    void keepsNoAddressNoPasswordAndNoCodeInTheClearAndInTheEndNoCiphertext() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level level = root.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.addAppender(log);
        root.setLevel(Level.DEBUG);
        String marker = "幸福路" + Ids.next() + "号";
        String envelope = seal(SF, marker);
        Order order = Order.of(1);
        byte[] keyBytes;
        byte[] ciphertext;
        String code;
        String key = Ids.next();
        try {
            Map<String, Object> authorisation =
                    order.authorisation(PASSWORD, envelope, LI.sign("pickup", order.claims(envelope)));
            assertThat(service.post(order.path() + "/authorisation", authorisation, "li", key)
                            .status())
                    .isEqualTo(200);
            order.lock(order.cellar.token(1));
            order.reaching("REQUESTED");
            assertThat(order.accept("courier").status()).isEqualTo(200);
            order.ship(order.cellar.delivered());
            order.reaching("COLLECTED");
            keyBytes = bytes("select key_bytes from envelope_key where pickup_id = ?", order);
            ciphertext = bytes("select ciphertext from envelope where pickup_id = ?", order);
            assertThat(service.get(order.delivery() + "/envelope", "courier")
                            .response()
                            .body())
                    .isEqualTo(envelope);
            code = order.code();
            // Even now, what is stored is neither the address nor its envelope.
            assertThat(tablesHold(marker)).isFalse();
            assertThat(tablesHold(envelope)).isFalse();
            assertThat(tablesHold(HexFormat.of().formatHex(ciphertext))).isTrue();
            long file = count("select pg_relation_filenode('envelope_key')");
            assertThat(order.handOver(order.cellar.delivered(), code).status()).isEqualTo(200);
            order.published(AddressDestroyed.class);
            await().untilAsserted(() -> assertThat(count("select pg_relation_filenode('envelope_key')"))
                    .as("rewritten without the old versions of its rows")
                    .isNotEqualTo(file));
        } finally {
            root.setLevel(level);
            root.detachAppender(log);
        }
        for (String secret : List.of(marker, envelope, PASSWORD, key)) {
            assertThat(tablesHold(secret)).as(secret).isFalse();
        }
        for (byte[] secret : List.of(keyBytes, ciphertext)) {
            assertThat(tablesHold(HexFormat.of().formatHex(secret))).isFalse();
        }
        List<String> topics = topics();
        assertThat(topics).contains(Topics.DELIVERY_EVENTS);
        for (String topic : topics) {
            service.records(topic).forEach(record -> {
                String text = new String(record.value(), StandardCharsets.UTF_8)
                        + Arrays.toString(record.headers().toArray());
                assertThat(text).doesNotContain(marker, envelope, PASSWORD);
            });
        }
        List<String> lines = List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
        assertThat(lines).hasSizeGreaterThan(100);
        assertThat(lines)
                .noneMatch(line -> line.contains(marker) || line.contains(PASSWORD) || line.contains(envelope));
        assertThat(lines).noneMatch(line -> line.contains("\"" + code + "\"") || line.contains("=" + code));
    }

    private static byte[] bytes(String sql, Order order) {
        return service.bean(JdbcClient.class)
                .sql(sql)
                .param(order.id.value())
                .query((row, number) -> row.getBytes(1))
                .single();
    }

    /** Any row of any table, its text as it is and its binary columns as text and as hex. */
    private static boolean tablesHold(String secret) {
        JdbcClient jdbc = service.bean(JdbcClient.class);
        List<String> tables = jdbc.sql("select tablename from pg_tables where schemaname = 'public'")
                .query((row, number) -> row.getString(1))
                .list();
        assertThat(tables).contains("envelope", "envelope_key", "domain_event_entry", "idempotent_request");
        String inHex = HexFormat.of().formatHex(secret.getBytes(StandardCharsets.UTF_8));
        return tables.stream()
                .anyMatch(table -> jdbc.sql(
                                "select exists (select from \"%s\" t where position(:text in t::text) > 0 or position(:hex in t::text) > 0)"
                                        .formatted(table))
                        .param("text", secret)
                        .param("hex", inHex)
                        .query(Boolean.class)
                        .single());
    }

    private static List<String> topics() throws Exception {
        try (Admin admin = Admin.create(
                Map.of("bootstrap.servers", service.infrastructure().bootstrapServers()))) {
            return List.copyOf(admin.listTopics().names().get());
        }
    }
}
