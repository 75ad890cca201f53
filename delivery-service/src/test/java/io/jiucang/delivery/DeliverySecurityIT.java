package io.jiucang.delivery;

import static io.jiucang.starter.test.TestPlatform.COURIER;
import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.starter.test.TestPlatform.MINOR;
import static io.jiucang.starter.test.TestPlatform.RIDER;
import static io.jiucang.starter.test.TestPlatform.WANG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import io.jiucang.events.DeliveryEvent.AddressDestroyed;
import io.jiucang.events.Topics;
import io.jiucang.events.value.Ids;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.device.HandoverCode;
import io.jiucang.simulators.device.Wallet;
import io.jiucang.simulators.statement.Speaker;
import io.jiucang.starter.test.ForgedStatements;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.starter.test.TestPlatform;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What gets in: nobody else, and nothing that is not wholly in order. What gets out: no secret. */
class DeliverySecurityIT extends DeliveryTestbed {

    // Password

    @Test
    void setsAndChangesThePickupPassword() {
        String user = MINOR;
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
                                Map.of(
                                        "new",
                                        "third-Password",
                                        "intent",
                                        LIS_PHONE.sign("set-pickup-password", Map.of())))
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
        String user = WANG;
        Order order = Cellar.of(user, 1).order();
        String envelope = seal(SF, ADDRESS);
        Map<String, Object> wrong = order.authorisation("wrong", envelope, order.statement(WANGS_PHONE, envelope));
        Map<String, Object> right =
                order.authorisation("eastgate-1573", envelope, order.statement(WANGS_PHONE, envelope));
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
                                Map.of(
                                        "new",
                                        "eastgate-1573",
                                        "intent",
                                        WANGS_PHONE.sign("set-pickup-password", Map.of())))
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
            putPassword(LI, Map.of("new", PASSWORD, "intent", LIS_PHONE.sign("set-pickup-password", Map.of())));
        }
    }

    // Bad input

    private static void assertRefused(Order order, String reason, Map<String, Object> authorisation) {
        long events = count("select count(*) from domain_event_entry");
        long envelopes = count("select count(*) from used_envelope");
        double counted = refused("authorise", reason);
        assertThat(order.authorise(authorisation).reason()).isEqualTo(reason);
        assertThat(order.status()).isEqualTo("ORDERED");
        assertThat(refused("authorise", reason)).isEqualTo(counted + 1);
        assertThat(count("select count(*) from domain_event_entry")).isEqualTo(events);
        assertThat(count("select count(*) from used_envelope")).isEqualTo(envelopes);
    }

    @Test
    void refusesAnAuthorisationThatIsNotWhollyInOrder() {
        Order order = Order.of(2);
        String good = seal(SF, ADDRESS);
        String statement = order.statement(LIS_PHONE, good);
        for (RSAKey key : List.of(SF_EXPIRED, SF_SOON)) {
            String envelope = seal(key, ADDRESS);
            assertRefused(
                    order,
                    "CARRIER_KEY_NOT_VALID",
                    order.authorisation(PASSWORD, envelope, order.statement(LIS_PHONE, envelope)));
        }
        String forAnother = seal(EMS, ADDRESS);
        assertRefused(
                order,
                "CARRIER_KEY_NOT_FOUND",
                order.authorisation(PASSWORD, forAnother, order.statement(LIS_PHONE, forAnother)));
        String truncated = good.substring(0, good.length() - 8);
        assertRefused(
                order,
                "ENVELOPE_MALFORMED",
                order.authorisation(PASSWORD, truncated, order.statement(LIS_PHONE, truncated)));
        Map<String, String> unspoken = new LinkedHashMap<>();
        ForgedStatements.notCanonical(statement, LIS_PHONE)
                .values()
                .forEach(forged -> unspoken.put(forged, "STATEMENT_MALFORMED"));
        unspoken.put(LIS_PHONE.speaking().pickupCancellation(Ids.next()), "STATEMENT_MALFORMED");
        unspoken.put(order.statement(WANGS_PHONE, good), "STATEMENT_NOT_FOR_THIS");
        unspoken.put(
                order.statement(lisPhone("staging.example/ledger", Instant.now()), good), "STATEMENT_NOT_FOR_THIS");
        unspoken.put(order.statement(LIS_PHONE.another(), good), "STATEMENT_KEY_UNKNOWN");
        unspoken.put(ForgedStatements.signedBy(WANGS_PHONE, statement), "STATEMENT_SIGNATURE_INVALID");
        unspoken.put(
                order.statement(lisPhone(TestPlatform.ORIGIN, Instant.now().minusSeconds(600)), good),
                "STATEMENT_EXPIRED");
        unspoken.forEach((said, reason) -> assertRefused(order, reason, order.authorisation(PASSWORD, good, said)));

        Wallet li = LIS_PHONE.speaking();
        Map<String, HandoverCode> codes = order.codes(order.cellar().tokens());
        Instant until = Instant.now().plus(Duration.ofDays(1));
        for (String another : List.of(
                li.pickup(Ids.next(), "sf", good, codes, until),
                li.pickup(order.id().value(), "ems", good, codes, until),
                li.pickup(order.id().value(), "sf", "another", codes, until),
                li.pickup(
                        order.id().value(),
                        "sf",
                        good,
                        order.codes(List.of(order.cellar().token(1))),
                        until))) {
            assertRefused(order, "PICKUP_MISMATCH", order.authorisation(PASSWORD, good, another));
        }
        String tooFarAhead =
                li.pickup(order.id().value(), "sf", good, codes, Instant.now().plus(Duration.ofDays(31)));
        assertRefused(order, "PICKUP_VOID", order.authorisation(PASSWORD, good, tooFarAhead));
        assertThat(order.authorise(order.authorisation(PASSWORD, good, statement))
                        .status())
                .isEqualTo(200);
        assertThat(order.authorise(order.authorisation()).reason()).isEqualTo("PICKUP_NOT_ORDERED");
    }

    @Test
    void takesNoWordOfADeviceOnceItIsRevoked() {
        Device lost = service.registerAnother("li");
        Order order = Order.of(1);
        String envelope = seal(SF, ADDRESS);
        service.revoke("li", lost);
        assertRefused(
                order,
                "STATEMENT_KEY_REVOKED",
                order.authorisation(PASSWORD, envelope, order.statement(lost, envelope)));
    }

    /** Her phone as it was at another time, or in another installation. */
    private static Device lisPhone(String origin, Instant at) {
        return Device.restore(TestPlatform.ENVIRONMENT, origin, LIS_PHONE.save(), Clock.fixed(at, ZoneOffset.UTC));
    }

    @Test
    void takesNoEnvelopeTwice() {
        Order first = Order.of(1);
        String envelope = seal(SF, ADDRESS);
        String statement = first.statement(LIS_PHONE, envelope);
        assertThat(first.authorise(first.authorisation(PASSWORD, envelope, statement))
                        .status())
                .isEqualTo(200);
        Order second = Order.of(1);
        assertRefused(
                second,
                "ENVELOPE_REUSED",
                second.authorisation(PASSWORD, envelope, second.statement(LIS_PHONE, envelope)));
        assertRefused(second, "PICKUP_MISMATCH", second.authorisation(PASSWORD, envelope, statement));
    }

    @Test
    void takesNoCancellationThatIsNotWhollyInOrder() {
        Order order = Order.of(1).authorised();
        Order another = Order.of(1).authorised();
        String hold = order.holdId();
        String statement = LIS_PHONE.speaking().pickupCancellation(hold);
        Map<String, String> unspoken = new LinkedHashMap<>();
        ForgedStatements.notCanonical(statement, LIS_PHONE)
                .values()
                .forEach(forged -> unspoken.put(forged, "STATEMENT_MALFORMED"));
        unspoken.put(WANGS_PHONE.speaking().pickupCancellation(hold), "STATEMENT_NOT_FOR_THIS");
        unspoken.put(ForgedStatements.signedBy(WANGS_PHONE, statement), "STATEMENT_SIGNATURE_INVALID");
        unspoken.put(LIS_PHONE.speaking().pickupCancellation(another.holdId()), "PICKUP_MISMATCH");
        unspoken.forEach((said, reason) -> {
            double counted = refused("cancel", reason);
            assertThat(order.cancel(said).reason()).isEqualTo(reason);
            assertThat(refused("cancel", reason)).isEqualTo(counted + 1);
        });
        assertThat(Order.of(1).cancel(statement).reason()).isEqualTo("PICKUP_NOT_AUTHORISED");
        assertThat(order.status()).isEqualTo("AUTHORISED");
        assertThat(order.cancel(statement).status()).isEqualTo(200);
    }

    /** The hold that it would end is not in the ledger yet. */
    @Test
    void takesNoCancellationBeforeItCanHaveEffect() {
        Order order = Order.of(1);
        service.ledger().anchorOnly(event -> !event.getType().endsWith(".PickupAuthorised.v1"));
        try {
            assertThat(order.authorise(order.authorisation()).status()).isEqualTo(200);
            assertThat(order.cancel().reason()).isEqualTo("PICKUP_VOID");
            assertThat(order.status()).isEqualTo("AUTHORISED");
        } finally {
            service.ledger().anchorOnly(event -> true);
        }
        await().untilAsserted(() -> assertThat(order.cancel().status()).isEqualTo(200));
    }

    @Test
    void ordersOnlyWhatIsOnesOwnAndThere() {
        Cellar li = Cellar.of(LI, 1);
        Cellar wang = Cellar.of(WANG, 1);
        assertThat(li.tryPickup(wang.tokens(), "sf").reason()).isEqualTo("TOKEN_NOT_FOUND");
        assertThat(li.tryPickup(List.of(li.token(1), li.token(1)), "sf").reason())
                .isEqualTo("TOKENS_INVALID");
        assertThat(li.tryPickup(List.of(), "sf").reason()).isEqualTo("TOKENS_INVALID");
        assertThat(li.tryPickup(li.tokens(), "dhl").reason()).isEqualTo("CARRIER_NOT_FOUND");
        Order order = li.order();
        assertThat(service.get(order.path(), WANG).reason()).isEqualTo("PICKUP_NOT_FOUND");
        assertThat(service.post(order.path() + "/cancellation", Map.of("statement", "x"), WANG)
                        .reason())
                .isEqualTo("PICKUP_NOT_FOUND");
        assertThat(service.post(order.path() + "/authorisation", order.authorisation(), WANG)
                        .reason())
                .isEqualTo("PICKUP_NOT_FOUND");
        assertThat(service.get("/api/v1/pickups?limit=1", LI).json().path("items"))
                .singleElement()
                .satisfies(newest -> assertThat(newest.path("pickupId").asString())
                        .isEqualTo(order.id().value()));
    }

    private static void assertNotHandedOver(Order order, String reason, String proof) {
        long events = count("select count(*) from domain_event_entry");
        double counted = refused("hand-over", reason);
        assertThat(order.handOver(proof).reason()).isEqualTo(reason);
        assertThat(refused("hand-over", reason)).isEqualTo(counted + 1);
        assertThat(count("select count(*) from domain_event_entry")).isEqualTo(events);
    }

    @Test
    void handsOverOnlyWhatIsProven() {
        Order order = Order.of(2).collected();
        Cellar cellar = order.cellar();
        String hold = order.holdId();
        String token = cellar.token(1).toString();
        HandoverCode code = order.code(cellar.token(1));
        HandoverCode otherCode = order.code(cellar.token(2));
        Order another = Order.of(1).authorised();
        String foreign = another.cellar().token(1).toString();
        HandoverCode foreignCode = another.code(another.cellar().token(1));
        for (Map<String, HandoverCode> wrong :
                List.of(Map.of(token, otherCode), Map.of(token, foreignCode), Map.of(foreign, foreignCode))) {
            assertNotHandedOver(order, "HANDOVER_CODE_WRONG", Order.proof(COURIERS_PHONE, hold, wrong));
        }
        assertNotHandedOver(
                order, "PROOF_MISMATCH", Order.proof(COURIERS_PHONE, another.holdId(), Map.of(token, code)));
        String good = Order.proof(COURIERS_PHONE, hold, Map.of(token, code));
        assertThat(order.handOver(good).status()).isEqualTo(200);
        assertNotHandedOver(order, "CASE_NOT_OUT", good);
        assertNotHandedOver(order, "CASE_NOT_OUT", order.proof(cellar.delivered()));
    }

    @Test
    void handsOverOnlyForTheWordOfThePhoneThatHasTheDelivery() {
        Order order = Order.of(1).collected();
        String hold = order.holdId();
        Map<String, HandoverCode> codes = order.codes(order.cellar().tokens());
        String good = Order.proof(COURIERS_PHONE, hold, codes);
        ForgedStatements.notCanonical(good, COURIERS_PHONE)
                .values()
                .forEach(forged -> assertNotHandedOver(order, "STATEMENT_MALFORMED", forged));
        Speaker courier = Speaker.terminal(TestPlatform.ORIGIN, COURIERS_PHONE.signingKey(), Clock.systemUTC());
        Map<String, String> texts = codes.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, each -> each.getValue().text()));
        for (Map<String, Object> malformed : List.<Map<String, Object>>of(
                Map.of("hold", hold, "codes", texts, "ageChecked", false),
                Map.of("hold", hold, "codes", texts),
                Map.of("hold", hold, "codes", Map.of(), "ageChecked", true),
                Map.of("hold", hold, "codes", Map.of(order.cellar().token(1).toString(), "123456"), "ageChecked", true),
                Map.of("hold", hold, "codes", texts, "ageChecked", true, "note", ADDRESS))) {
            assertNotHandedOver(order, "STATEMENT_MALFORMED", courier.say("delivery", malformed));
        }
        assertNotHandedOver(order, "STATEMENT_MALFORMED", LIS_PHONE.speaking().pickupCancellation(hold));
        assertNotHandedOver(order, "STATEMENT_KEY_UNKNOWN", Order.proof(LIS_PHONE, hold, codes));
        assertNotHandedOver(order, "STATEMENT_SIGNATURE_INVALID", ForgedStatements.signedBy(LIS_PHONE, good));
        Device withdrawn = TestPlatform.device("withdrawn");
        service.enrol(withdrawn, service.platform().carrier());
        assertNotHandedOver(order, "NOT_THE_COURIER", Order.proof(withdrawn, hold, codes));
        service.withdraw(withdrawn, service.platform().carrier());
        assertNotHandedOver(order, "STATEMENT_KEY_UNKNOWN", Order.proof(withdrawn, hold, codes));

        String riders = Order.proof(RIDERS_PHONE, hold, codes);
        assertNotHandedOver(order, "NOT_THE_COURIER", riders);
        assertThat(service.post(order.delivery() + "/handover", Map.of("statement", riders), RIDER)
                        .reason())
                .isEqualTo("DELIVERY_NOT_FOUND");
        assertThat(order.handOver(good).status()).isEqualTo(200);
    }

    @Test
    void showsADeliveryToItsCarrierAlone() {
        Order order = Order.of(1).requested();
        assertThat(service.get(order.delivery(), RIDER).reason()).isEqualTo("DELIVERY_NOT_FOUND");
        assertThat(order.accept(RIDER).reason()).isEqualTo("DELIVERY_NOT_FOUND");
        assertThat(service.get("/api/v1/deliveries", RIDER).json().path("items"))
                .isEmpty();
        JsonNode seen = service.get(order.delivery(), COURIER).json();
        assertThat(seen.has("deliveryFee") || seen.has("owner")).isFalse();
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
        assertThat(service.post("/api/v1/pickups", body, LI).reason()).isEqualTo("MALFORMED_BODY");
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
        String wallet = user == null ? null : TestPlatform.device(user).wallet();
        assertThat(service.get(path, wallet).reason()).isEqualTo(reason);
    }

    // Carriers

    @Test
    void publishesKeysAndRotatesThemWithoutARestart() throws Exception {
        assertThat(service.get("/api/v1/carriers", null).json())
                .extracting(carrier -> carrier.path("name").asString())
                .containsExactly("sf", "ems");
        assertThat(publishedKeys()).containsExactly(SF.getKeyID(), SF_SOON.getKeyID());
        assertThat(service.get("/api/v1/carriers/sf/keys", null).response().body())
                .doesNotContain("\"d\"");
        RSAKey next = rsa(Duration.ofMinutes(-1), Duration.ofDays(300));
        try {
            carriersFile(SF, SF_EXPIRED, SF_SOON, next);
            touch(1);
            assertThat(publishedKeys()).containsExactly(SF.getKeyID(), SF_SOON.getKeyID(), next.getKeyID());
            Order order = Order.of(1);
            String envelope = seal(next, ADDRESS);
            assertThat(order.authorise(order.authorisation(PASSWORD, envelope, order.statement(LIS_PHONE, envelope)))
                            .status())
                    .isEqualTo(200);
            write(CARRIERS, "{");
            touch(2);
            assertThat(publishedKeys()).containsExactly(SF.getKeyID(), SF_SOON.getKeyID(), next.getKeyID());
        } finally {
            carriersFile(SF, SF_EXPIRED, SF_SOON);
            touch(3);
        }
        assertThat(publishedKeys()).containsExactly(SF.getKeyID(), SF_SOON.getKeyID());
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

    // Couriers

    @SuppressWarnings("JavaUtilDate") // Nimbus's own.
    private static Answer deliveryFor(String courier, String carrier, Order order) {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(service.platform().walletIssuer())
                .subject(courier)
                .audience("jiucang")
                .expirationTime(Date.from(Instant.now().plusSeconds(300)))
                .claim("roles", List.of("courier"))
                .claim("carrier", carrier)
                .build();
        return service.send(HttpRequest.newBuilder(service.uri(order.delivery()))
                .header("Authorization", "Bearer " + service.platform().walletToken(claims))
                .build());
    }

    @Test
    void knowsNoCourierWhosePhoneWasWithdrawn() {
        Order order = Order.of(1).requested();
        Device phone = TestPlatform.device("former");
        service.enrol(phone, service.platform().carrier());
        assertThat(deliveryFor(phone.kid(), "sf", order).status()).isEqualTo(200);
        service.withdraw(phone, service.platform().carrier());
        assertThat(deliveryFor(phone.kid(), "sf", order).reason()).isEqualTo("NOT_A_CARRIERS_COURIER");
    }

    @Test
    void knowsByItsCarrierAloneWhomACourierWorksFor() {
        Order order = Order.of(1).requested();
        assertThat(deliveryFor("newcomer", "sf", order).reason()).isEqualTo("NOT_A_CARRIERS_COURIER");
        assertThat(deliveryFor(RIDER, "sf", order).reason()).isEqualTo("DELIVERY_NOT_FOUND");
        assertThat(deliveryFor(COURIER, "ems", order).status()).isEqualTo(200);
        assertThat(service.get(order.delivery(), "courier").reason()).isEqualTo("WALLET_TOKEN_NEEDED");
    }

    // Secrecy (I9)

    @Test
    void keepsNoAddressPasswordOrCodeInTheClearAndInTheEndNoCiphertext() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level level = root.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.addAppender(log);
        root.setLevel(Level.DEBUG);
        // Where bodies are read and written; below this level they are cut short.
        Logger web = (Logger) LoggerFactory.getLogger("org.springframework.web");
        web.setLevel(Level.TRACE);
        String marker = "幸福路" + Ids.next() + "号";
        String envelope = seal(SF, marker);
        Order order = Order.of(1);
        byte[] keyBytes;
        byte[] ciphertext;
        String code = order.code(order.cellar().token(1)).text();
        String proof;
        String refused = Order.proof(
                COURIERS_PHONE, Ids.next(), order.codes(order.cellar().tokens()));
        String key = Ids.next();
        String ofDigits = "195211411573";
        try {
            Map<String, Object> authorisation =
                    order.authorisation(PASSWORD, envelope, order.statement(LIS_PHONE, envelope));
            assertThat(service.post(order.path() + "/authorisation", authorisation, LI, key)
                            .status())
                    .isEqualTo(200);
            proof = order.proof(order.cellar().delivered());
            order.lock(order.cellar().token(1));
            order.reaching("REQUESTED");
            assertThat(order.accept(COURIER).status()).isEqualTo(200);
            order.ship(order.cellar().delivered());
            order.reaching("COLLECTED");
            keyBytes = bytes("select key_bytes from envelope_key where pickup_id = ?", order);
            ciphertext = bytes("select ciphertext from envelope where pickup_id = ?", order);
            assertThat(service.get(order.delivery() + "/envelope", COURIER)
                            .response()
                            .body())
                    .isEqualTo(envelope);
            assertThat(order.handOver(refused).reason()).isEqualTo("PROOF_MISMATCH");
            assertThat(putPassword("minor", Map.of("new", Long.valueOf(ofDigits)))
                            .reason())
                    .isEqualTo("MALFORMED_BODY");
            // Even now, what is stored is neither the address nor its envelope.
            assertThat(tablesHold(marker)).isFalse();
            assertThat(tablesHold(envelope)).isFalse();
            assertThat(tablesHold(code)).isFalse();
            assertThat(tablesHold(refused)).isFalse();
            assertThat(tablesHold(HexFormat.of().formatHex(ciphertext))).isTrue();
            long file = count("select pg_relation_filenode('envelope_key')");
            assertThat(order.handOver(proof).status()).isEqualTo(200);
            order.published(AddressDestroyed.class);
            await().untilAsserted(() -> assertThat(count("select pg_relation_filenode('envelope_key')"))
                    .as("rewritten without the old versions of its rows")
                    .isNotEqualTo(file));
        } finally {
            root.setLevel(level);
            web.setLevel(null);
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
                .map(event -> event.getFormattedMessage()
                        + (event.getThrowableProxy() == null
                                ? ""
                                : ThrowableProxyUtil.asString(event.getThrowableProxy())))
                .toList();
        assertThat(lines).hasSizeGreaterThan(100);
        for (String secret : List.of(marker, PASSWORD, envelope, code, refused, proof, ofDigits)) {
            assertThat(lines).noneMatch(line -> line.contains(secret));
        }
    }

    private static byte[] bytes(String sql, Order order) {
        return service.bean(JdbcClient.class)
                .sql(sql)
                .param(order.id().value())
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
