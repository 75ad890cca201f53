package io.jiucang.delivery;

import static io.jiucang.starter.test.TestPlatform.COURIER;
import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.starter.test.TestPlatform.WANG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.jiucang.events.DeliveryEvent;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.DeliveryEvent.PickupEnded;
import io.jiucang.events.EventJson;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ShipmentCancelled;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.simulators.courier.Phone;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.device.HandoverCode;
import io.jiucang.simulators.statement.Speaker;
import io.jiucang.simulators.statement.Winery;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.starter.test.TestSales;
import io.jiucang.starter.test.TestSales.Sold;
import io.jiucang.title.event.Cite;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.HoldId;
import io.jiucang.title.statement.Statement;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/**
 * A running delivery-service and everything around it: owners and a courier with their devices, cases in custody, carriers
 * with their keys. Token- and warehouse-service are played by the test.
 */
@RealInfrastructure
abstract class DeliveryTestbed {

    static final String PASSWORD = "窖藏19521141-Ab";
    static final String ADDRESS = "四川省泸州市江阳区国窖广场 1573 号 李娜 13800001573";
    static final String GTIN = "19521141111014";
    static final String NO_LOCK = "0".repeat(64);
    static final int THREADS = 64;
    static final Duration OWNERS_DATE = Duration.ofDays(20);

    static final RSAKey SF = rsa(Duration.ofDays(-100), Duration.ofDays(100));
    static final RSAKey SF_EXPIRED = rsa(Duration.ofDays(-300), Duration.ofDays(-1));
    static final RSAKey SF_SOON = rsa(Duration.ofDays(1), Duration.ofDays(300));
    static final RSAKey EMS = rsa(Duration.ofDays(-100), Duration.ofDays(100));

    static final Path DIRECTORY = temporaryDirectory();
    static final Path CARRIERS = DIRECTORY.resolve("carriers.json");

    static final Map<String, String> SETTINGS = Map.of(
            "jiucang.delivery.secret-file", secretFile().toString(),
            "jiucang.delivery.carriers-file",
                    carriersFile(SF, SF_EXPIRED, SF_SOON).toString());

    @RegisterExtension
    static final RunningService service = new RunningService(DeliveryServiceApplication.class, "delivery", SETTINGS)
            .onOneConnection(DeliveryServiceIT.class, DeliverySecurityIT.class);

    static final Device LIS_PHONE = TestPlatform.device("li");
    static final Device WANGS_PHONE = TestPlatform.device("wang");
    static final Device COURIERS_PHONE = TestPlatform.device("courier");
    static final Device RIDERS_PHONE = TestPlatform.device("rider");

    @SuppressWarnings("JavaUtilDate") // Nimbus's own.
    static RSAKey rsa(Duration from, Duration until) {
        try {
            return new RSAKeyGenerator(2048)
                    .keyIDFromThumbprint(true)
                    .keyUse(KeyUse.ENCRYPTION)
                    .algorithm(JWEAlgorithm.RSA_OAEP_256)
                    .notBeforeTime(Date.from(Instant.now().plus(from)))
                    .expirationTime(Date.from(Instant.now().plus(until)))
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("delivery");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path secretFile() {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        return write(DIRECTORY.resolve("secret"), Base64.getEncoder().encodeToString(secret) + "\n");
    }

    static Path carriersFile(RSAKey... keys) {
        return write(
                CARRIERS,
                EventJson.mapper()
                        .writeValueAsString(Map.of(
                                "carriers",
                                List.of(
                                        Map.of(
                                                "name", "sf",
                                                "title", Map.of("zh", "顺丰速运", "en", "SF Express"),
                                                "jwks", new JWKSet(List.of(keys)).toJSONObject(true)),
                                        Map.of(
                                                "name", "ems",
                                                "title", Map.of("zh", "邮政", "en", "EMS"),
                                                "jwks", new JWKSet(EMS).toJSONObject(true))))));
    }

    static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeAll
    static void registerDevicesAndPasswords() {
        service.bear(List.of(LI, WANG));
        service.enrol(COURIERS_PHONE, service.platform().carrier());
        service.enrol(RIDERS_PHONE, service.platform().otherCarrier());
        assertThat(putPassword(LI, Map.of("new", PASSWORD)).status()).isEqualTo(204);
    }

    static long count(String sql, Object... params) {
        return service.bean(JdbcClient.class)
                .sql(sql)
                .params(params)
                .query(Long.class)
                .single();
    }

    static double refused(String act, String reason) {
        return service.bean(MeterRegistry.class)
                .counter("jiucang.delivery.refused", "act", act, "reason", reason)
                .count();
    }

    static Answer putPassword(String user, Object body) {
        return service.send(service.request("/api/v1/pickup-password", user)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(
                        body instanceof String text ? text : EventJson.mapper().writeValueAsString(body)))
                .build());
    }

    static String seal(RSAKey key, String address) {
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

    static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Cases of one owner, of which every test has its own. */
    record Cellar(VaultId vault, String owner, long cases) {

        static Cellar of(String owner, long cases) {
            return of(owner, cases, Instant.now().minusSeconds(3600));
        }

        static Cellar of(String owner, long cases, Instant grantedAt) {
            TestSales sales = service.sales();
            Statement<Act.Offer> offer = sales.offer(service.platform()
                    .winery()
                    .offer(new Winery.Offer(
                            "sku",
                            GTIN,
                            1000,
                            100,
                            1000,
                            Instant.parse("2026-01-01T00:00:00Z"),
                            Instant.parse("2099-01-01T00:00:00Z"),
                            "luzhou-1",
                            TestPlatform.APPID,
                            TestPlatform.PAYEE,
                            "ab".repeat(32),
                            30,
                            Duration.ofMinutes(30))));
            Cellar cellar = new Cellar(offer.vaultId(), owner, cases);
            service.publish(new VaultOpened(cellar.vault, offer.planId(), "luzhou-1", "GJ-1"), cellar.vault);
            Sold sold =
                    sales.sell(offer, owner, LongStream.rangeClosed(1, cases).toArray());
            Cite release = sales.release(
                    sold,
                    cellar.tokens().stream()
                            .collect(Collectors.toMap(Function.identity(), token -> cellar.box(token.serial()))));
            cellar.tokens().forEach(token -> sales.grant(sold, release, token, cellar.box(token.serial()), grantedAt));
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
            return new BoxCode(GTIN, vault.value().substring(24) + "-" + serial);
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
    record Order(Cellar cellar, PickupId id) {

        static Order of(long cases) {
            return Cellar.of(LI, cases).order();
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

        /** As the owner's device makes them, except that it draws lots. */
        HandoverCode code(TokenId token) {
            String hash = sha256(id + "/" + token);
            return new HandoverCode(hash.substring(0, 16).toUpperCase(Locale.ROOT));
        }

        Map<String, HandoverCode> codes(Collection<TokenId> tokens) {
            return tokens.stream().collect(Collectors.toMap(TokenId::toString, this::code));
        }

        /** What the device signs. */
        String statement(Device phone, String envelope) {
            return phone.speaking()
                    .pickup(
                            id.value(),
                            "sf",
                            envelope,
                            codes(cellar.tokens()),
                            Instant.now().plus(OWNERS_DATE));
        }

        Map<String, Object> authorisation(String password, String envelope, String statement) {
            return Map.of("password", password, "envelope", envelope, "statement", statement);
        }

        Map<String, Object> authorisation() {
            String envelope = seal(SF, ADDRESS);
            return authorisation(PASSWORD, envelope, statement(LIS_PHONE, envelope));
        }

        Answer authorise(Map<String, Object> authorisation) {
            return service.post(path() + "/authorisation", authorisation, cellar.owner);
        }

        Order authorised() {
            Answer answer = authorise(authorisation());
            assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
            assertThat(answer.json().path("status").asString()).isEqualTo("AUTHORISED");
            HoldId hold = new HoldId(answer.json().path("holdId").asString());
            service.awaitLaw(state -> state.holds().containsKey(hold));
            return this;
        }

        Order requested() {
            authorised();
            cellar.tokens().forEach(this::lock);
            return reaching("REQUESTED");
        }

        void lock(TokenId token) {
            service.publish(new TokenLocked(token, cellar.owner, id, NO_LOCK), token);
        }

        Answer accept(String courier) {
            return service.post(delivery() + "/acceptance", "", courier);
        }

        Order accepted() {
            requested();
            assertThat(accept(COURIER).status()).isEqualTo(200);
            return this;
        }

        void ship(List<DeliveredCase> cases) {
            service.publish(new CasesShipped(id, COURIER, cases), id);
        }

        void keepBack(List<TokenId> tokens) {
            service.publish(new ShipmentCancelled(id, tokens), id);
        }

        void bringBack(List<DeliveredCase> cases) {
            service.publish(new CasesReturned(id, "luzhou-2", "R-1", cases), id);
        }

        Order collected() {
            accepted();
            ship(cellar.delivered());
            return reaching("COLLECTED");
        }

        Answer handOver(List<DeliveredCase> cases) {
            return handOver(proof(cases));
        }

        String proof(List<DeliveredCase> cases) {
            return proof(COURIERS_PHONE, holdId(), codes(DeliveredCase.tokens(cases)));
        }

        static String proof(Device phone, String hold, Map<String, HandoverCode> codes) {
            return new Phone(Speaker.terminal(TestPlatform.ORIGIN, phone.signingKey(), Clock.systemUTC()))
                    .delivery(hold, codes);
        }

        String holdId() {
            return read().path("holdId").asString();
        }

        Answer handOver(String statement) {
            return service.post(delivery() + "/handover", Map.of("statement", statement), COURIER);
        }

        Answer fail(String reason) {
            return service.post(delivery() + "/failure", Map.of("reason", reason), COURIER);
        }

        Answer cancel() {
            return cancel(LIS_PHONE.speaking().pickupCancellation(holdId()));
        }

        Answer cancel(String statement) {
            return service.post(path() + "/cancellation", Map.of("statement", statement), cellar.owner);
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

        void isEnded(PickupEndReason reason) {
            reaching("ENDED").hasNoSaga();
            PickupEnded ended = published(PickupEnded.class);
            assertThat(ended.reason()).isEqualTo(reason);
            assertThat(ended.tokens()).isEqualTo(cellar.tokens());
            assertThat(read().path("cancellation").asString()).isEqualTo(reason.name());
            hasNoEnvelope();
        }
    }

    /** All but the owner's own date: which of two that are due at once is met first is anybody's guess. */
    static void bringDeadlinesForward() {
        service.bean(JdbcClient.class).sql("""
                        update scheduled_tasks set execution_time = now()
                        where not picked and abs(extract(epoch from execution_time - now()) - ?) > 3600""").param(OWNERS_DATE.toSeconds()).update();
    }

    interface Numbered {
        Answer run(int number);
    }

    static List<Answer> together(int threads, Numbered request) throws Exception {
        service.connections(16);
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
}
