package io.jiucang.token;

import static io.jiucang.token.TokenFixtures.GTIN;
import static io.jiucang.token.TokenFixtures.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.cloudevents.CloudEvent;
import io.jiucang.events.BoxCode;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancellation;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.EventTypes;
import io.jiucang.events.Ids;
import io.jiucang.events.LedgerReference;
import io.jiucang.events.Money;
import io.jiucang.events.OrderEvent.CustodyAgreement;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.OrderId;
import io.jiucang.events.PickupId;
import io.jiucang.events.PlanId;
import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenEvent.TokenBurned;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenId;
import io.jiucang.events.VaultId;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.token.TokenCommand.BurnToken;
import io.jiucang.token.TokenCommand.LockForPickup;
import io.jiucang.token.TokenCommand.UnlockFromPickup;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** S6 and S7 as token-service has a part in them: nothing is locked or burned without the people whose affair it is. */
@RealInfrastructure
class PickupIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String CARRIER = "顺丰";
    private static final String ENVELOPE = "ab".repeat(32);
    private static final TestLedger ledger = new TestLedger();

    @RegisterExtension
    static final RunningService service = new RunningService(
            TokenServiceApplication.class,
            "token",
            Map.of("jiucang.ledger.origin", TestLedger.ORIGIN, "jiucang.ledger.vkey", ledger.vkey()));

    private final ECKey phone = register("li");
    private final ECKey scanner = register("courier");

    @Test
    void burnsATokenOnceItsDeliveryIsProvenAndKeepsItsHistory() {
        TokenId token = held();
        PickupId pickup = new PickupId(Ids.next());
        CloudEvent authorised = service.publish(authorised(pickup, token, phone, Instant.now(), claims -> {}), pickup);
        service.awaitPublished(TokenLocked.class, locked -> locked.equals(new TokenLocked(token, "li", pickup)));
        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        assertThat(view(token).path("pickupId").asString()).isEqualTo(pickup.value());

        CloudEvent delivery = service.publish(completed(pickup, token, scanner, claims -> {}), pickup);
        awaitTaken(delivery);
        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        service.publish(TestLedger.withFalseProofs(ledger.anchor(authorised, delivery)), "ledger");
        anchor(authorised);
        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        anchor(delivery);

        TokenBurned burned = service.awaitPublished(
                TokenBurned.class, event -> event.tokenId().equals(token));
        assertThat(burned.pickupId()).isEqualTo(pickup);
        assertThat(burned.delivery().eventId()).isEqualTo(delivery.getId());
        JsonNode life = service.get("/api/v1/tokens/" + token, "li").json();
        assertThat(life.path("token").path("state").asString()).isEqualTo("BURNED");
        assertThat(life.path("token").path("delivery").path("index").asLong())
                .isEqualTo(burned.delivery().index());
        assertThat(life.path("history"))
                .extracting(step -> step.path("type").asString())
                .endsWith(
                        Stream.of(PickupAuthorised.class, TokenLocked.class, DeliveryCompleted.class, TokenBurned.class)
                                .map(EventTypes::typeOf)
                                .toArray(String[]::new));
        assertThat(life.path("history"))
                .filteredOn(step -> step.has("ledgerIndex"))
                .extracting(step -> step.path("eventId").asString())
                .contains(authorised.getId(), delivery.getId());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(service.get("/api/v1/tokens/" + token + "/evidence", "auditor")
                                .json()
                                .path("events"))
                        .extracting(event -> event.path("id").asString())
                        .contains(authorised.getId(), delivery.getId()));
        assertThat(service.get("/api/v1/tokens", "li").json().path("items")).anySatisfy(item -> {
            assertThat(item.path("tokenId").asString()).isEqualTo(token.toString());
            assertThat(item.path("state").asString()).isEqualTo("BURNED");
        });
        assertThat(sagas(pickup)).isZero();
        assertBooks(token.vault());
    }

    /** Every service's key is in the test's hands, and one device of somebody else; only the owner's is not. */
    @Test
    void letsThePlatformAloneMakeNoPickup() throws JOSEException {
        TokenId token = held();
        ECKey stranger =
                new ECKeyGenerator(Curve.P_256).keyIDFromThumbprint(true).generate();
        ECKey impostor = new ECKey.Builder(stranger).keyID(phone.getKeyID()).build();
        ECKey revoked = register("li");
        assertThat(service.delete("/api/v1/wallet/keys/" + revoked.getKeyID(), "li")
                        .status())
                .isEqualTo(204);
        PickupId spent = new PickupId(Ids.next());
        PickupAuthorised genuine = authorised(spent, token, phone, Instant.now(), claims -> {});
        Instant now = Instant.now();
        List<PickupAuthorised> forgeries = new ArrayList<>();
        for (ECKey wrong : List.of(stranger, impostor, scanner, revoked)) {
            forgeries.add(authorised(new PickupId(Ids.next()), token, wrong, now, claims -> {}));
        }
        for (Consumer<JWTClaimsSet.Builder> wrong : List.<Consumer<JWTClaimsSet.Builder>>of(
                claims -> claims.claim("pickup", spent.value()),
                claims -> claims.claim("pickup", null),
                claims -> claims.claim("tokens", List.of(token.vault() + ".999")),
                claims -> claims.claim("tokens", List.of()),
                claims -> claims.claim("to", "another carrier"),
                claims -> claims.claim("terms", "cd".repeat(32)),
                claims -> claims.claim("act", "deliver"),
                claims -> claims.subject("wang"),
                claims -> claims.issuer("https://elsewhere.example"),
                claims -> claims.issueTime(Date.from(now.minusSeconds(900)))
                        .expirationTime(Date.from(now.minusSeconds(600))),
                claims -> claims.issueTime(Date.from(now.plusSeconds(300)))
                        .expirationTime(Date.from(now.plusSeconds(600))),
                claims -> claims.expirationTime(Date.from(now.plusSeconds(7200))))) {
            forgeries.add(authorised(new PickupId(Ids.next()), token, phone, now, wrong));
        }
        // The owner's own word, but for another pickup; and no word at all.
        forgeries.add(withIntent(new PickupId(Ids.next()), genuine, genuine.intent()));
        forgeries.add(withIntent(new PickupId(Ids.next()), genuine, "no JWS"));

        forgeries.forEach(forged -> service.publish(forged, forged.pickupId()));
        for (PickupAuthorised forged : forgeries) {
            assertThat(service.awaitPublished(
                                    TokenLockRefused.class,
                                    refused -> refused.pickupId().equals(forged.pickupId()))
                            .reason())
                    .isEqualTo(LockRefusal.INTENT_INVALID);
        }
        PickupId never = forgeries.getFirst().pickupId();
        double refusals = refusals("TOKEN_NOT_IN_PICKUP");
        CloudEvent delivery = service.publish(completed(never, token, scanner, claims -> {}), never);
        anchor(delivery);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(refusals("TOKEN_NOT_IN_PICKUP")).isEqualTo(refusals + 1));

        assertThat(view(token).path("state").asString()).isEqualTo("HELD");
        assertThat(sagas(never)).isZero();
        assertThat(lockings(token)).isZero();
        assertBooks(token.vault());
    }

    @Test
    void refusesAnothersTokenAndASecondPickup() {
        TokenId token = held();
        PickupId first = new PickupId(Ids.next());
        PickupId second = new PickupId(Ids.next());
        PickupId others = new PickupId(Ids.next());
        ECKey wangs = register("wang");
        PickupAuthorised theirs = authorised("wang", others, token, wangs, Instant.now(), claims -> {});
        service.publish(authorised(first, token, phone, Instant.now(), claims -> {}), first);
        service.awaitPublished(TokenLocked.class, locked -> locked.pickupId().equals(first));
        service.publish(authorised(second, token, phone, Instant.now(), claims -> {}), second);
        service.publish(theirs, others);

        assertThat(refusalOf(second)).isEqualTo(LockRefusal.NOT_AVAILABLE);
        assertThat(refusalOf(others)).isEqualTo(LockRefusal.NOT_THE_OWNER);
    }

    @Test
    void unlocksWhatWasNotDeliveredAndSpendsTheAuthorisation() {
        TokenId token = held();
        PickupId pickup = new PickupId(Ids.next());
        PickupAuthorised authorised = authorised(pickup, token, phone, Instant.now(), claims -> {});
        service.publish(authorised, pickup);
        service.publish(authorised, pickup);
        service.publish(
                new PickupCancelled(pickup, "li", List.of(token), PickupCancellation.NOT_ACCEPTED_IN_TIME), pickup);
        service.awaitPublished(
                TokenUnlocked.class, unlocked -> unlocked.pickupId().equals(pickup));
        service.publish(authorised, pickup);

        assertThat(refusalOf(pickup)).as("its intent is used up").isEqualTo(LockRefusal.INTENT_INVALID);
        assertThat(view(token).path("state").asString()).isEqualTo("HELD");
        assertThat(view(token).has("pickupId")).isFalse();
        assertThat(lockings(token)).isEqualTo(1);
    }

    @Test
    void judgesAKeyAsOfTheTimeTheOwnerSigned() {
        TokenId token = held();
        PickupId pickup = new PickupId(Ids.next());
        PickupAuthorised late = authorised(pickup, token, phone, Instant.now(), claims -> {});
        assertThat(service.delete("/api/v1/wallet/keys/" + phone.getKeyID(), "li")
                        .status())
                .isEqualTo(204);

        service.publish(late, pickup);

        service.awaitPublished(TokenLocked.class, locked -> locked.pickupId().equals(pickup));
    }

    @Test
    void burnsNothingWithoutTheCouriersProof() {
        TokenId token = held();
        PickupId pickup = new PickupId(Ids.next());
        service.publish(authorised(pickup, token, phone, Instant.now(), claims -> {}), pickup);
        double refusals = refusals("PROOF_INVALID");
        List<DeliveryCompleted> unproven = List.of(
                completed(pickup, token, phone, claims -> {}),
                completed(pickup, token, scanner, claims -> claims.claim("pickup", Ids.next())),
                completed(pickup, token, scanner, claims -> claims.claim("tokens", List.of(token.vault() + ".9"))),
                completed(pickup, token, scanner, claims -> claims.claim("boxCodes", List.of(box("X").toString()))),
                completed(pickup, token, scanner, claims -> claims.claim("ageChecked", false)),
                completed(pickup, token, scanner, claims -> claims.claim("act", "pickup")));
        unproven.forEach(delivery -> anchor(service.publish(delivery, pickup)));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(refusals("PROOF_INVALID")).isEqualTo(refusals + unproven.size()));

        double others = refusals("TOKEN_HAS_ANOTHER_CASE");
        DeliveredCase otherBox = new DeliveredCase(token, box("Y"));
        anchor(service.publish(completed(pickup, otherBox, scanner, claims -> {}), pickup));
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(refusals("TOKEN_HAS_ANOTHER_CASE")).isEqualTo(others + 1));

        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        assertThat(sagas(pickup)).isZero();
    }

    @Test
    void hasOneOutcomeHoweverManyActAtOnce() throws Exception {
        TokenId token = held();
        PickupId pickup = new PickupId(Ids.next());
        CommandGateway commands = service.bean(CommandGateway.class);
        TransactionTemplate transaction = new TransactionTemplate(service.bean(PlatformTransactionManager.class));
        transaction.executeWithoutResult(status -> commands.sendAndWait(new LockForPickup(token, pickup, "li")));
        LedgerReference proven = new LedgerReference(Ids.next(), 1, 2);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> acts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 64; i++) {
                TokenCommand command = switch (i % 3) {
                    case 0 -> new LockForPickup(token, new PickupId(Ids.next()), "li");
                    case 1 -> new UnlockFromPickup(token, pickup);
                    default -> new BurnToken(token, pickup, "li", box(token), proven);
                };
                acts.add(threads.submit(() -> {
                    start.await();
                    try {
                        transaction.executeWithoutResult(status -> commands.sendAndWait(command));
                        return true;
                    } catch (TokenRejected rejected) {
                        return false;
                    }
                }));
            }
            start.countDown();
        }
        for (Future<Boolean> act : acts) {
            act.get();
        }

        List<Object> fate = service.bean(EventStorageEngine.class)
                .readEvents(token.toString())
                .asStream()
                .<Object>map(event -> event.getPayload())
                .filter(event -> event instanceof TokenUnlocked || event instanceof TokenBurned)
                .toList();
        assertThat(fate).hasSize(1);
        boolean burned = fate.getFirst() instanceof TokenBurned;
        assertThat(lockings(token)).isBetween(1L, burned ? 1L : 2L);
        assertThat(view(token).path("state").asString())
                .isIn(burned ? List.of("BURNED") : List.of("HELD", "PICKUP_PENDING"));
        assertBooks(token.vault());
    }

    // What the rest of the platform does

    /** A token of li's, the only one of its plan that was sold. */
    private static TokenId held() {
        Map<String, Object> plan = Map.of(
                "sku",
                "guojiao-1573-52",
                "gtin",
                GTIN,
                "name",
                Map.of("zh-CN", "国窖1573 经典装"),
                "cases",
                10,
                "unitPrice",
                Map.of("currency", "CNY", "minorUnits", 588_000),
                "perBuyerLimit",
                3,
                "saleFrom",
                "2020-01-01T00:00:00+08:00",
                "saleUntil",
                "2099-12-31T23:59:59+08:00",
                "vault",
                Map.of("site", "泸州黄舣酒库", "code", "VLT-01"));
        JsonNode created = service.post("/api/v1/plans", plan, "winery").json();
        PlanId planId = new PlanId(created.path("planId").asString());
        VaultId vault = new VaultId(created.path("vaultId").asString());
        OrderId order = new OrderId(Ids.next());
        service.publish(
                new OrderPlaced(
                        order,
                        "li",
                        planId,
                        vault,
                        1,
                        Money.cny(588_000),
                        new CustodyAgreement("2026-01", "0".repeat(64)),
                        "an intent that order-service has verified",
                        Instant.now()),
                order);
        service.awaitPublished(
                TokensReserved.class, reserved -> reserved.orderId().equals(order));
        TokenId token = new TokenId(vault, 1);
        CloudEvent sale = service.publish(TokenFixtures.saleRecorded(vault, order, "li", range(1, 1)), order);
        CloudEvent release = service.publish(
                TokenFixtures.casesReleased(vault, order, new ReleasedCase(token, box(token), "A-01")), order);
        anchor(sale, release);
        service.awaitPublished(TokenGranted.class, granted -> granted.tokenId().equals(token));
        return token;
    }

    private static BoxCode box(TokenId token) {
        return box(token.vault().value().substring(24));
    }

    private static BoxCode box(String serial) {
        return new BoxCode(GTIN, serial);
    }

    private static PickupAuthorised authorised(
            PickupId pickup, TokenId token, ECKey device, Instant at, Consumer<JWTClaimsSet.Builder> change) {
        return authorised("li", pickup, token, device, at, change);
    }

    private static PickupAuthorised authorised(
            String owner,
            PickupId pickup,
            TokenId token,
            ECKey device,
            Instant at,
            Consumer<JWTClaimsSet.Builder> change) {
        String intent = signed(
                device,
                owner,
                "pickup",
                claims -> change.accept(claims.claim("tokens", List.of(token.toString()))
                        .claim("to", CARRIER)
                        .claim("pickup", pickup.value())
                        .claim("terms", ENVELOPE)));
        return new PickupAuthorised(pickup, owner, List.of(token), CARRIER, "carrier-1", ENVELOPE, intent, at);
    }

    private static PickupAuthorised withIntent(PickupId pickup, PickupAuthorised like, String intent) {
        return new PickupAuthorised(
                pickup,
                like.owner(),
                like.tokens(),
                like.carrier(),
                like.carrierKeyId(),
                like.envelopeSha256(),
                intent,
                like.authorisedAt());
    }

    private static DeliveryCompleted completed(
            PickupId pickup, TokenId token, ECKey device, Consumer<JWTClaimsSet.Builder> change) {
        return completed(pickup, new DeliveredCase(token, box(token)), device, change);
    }

    private static DeliveryCompleted completed(
            PickupId pickup, DeliveredCase delivered, ECKey device, Consumer<JWTClaimsSet.Builder> change) {
        String proof = signed(
                device,
                "courier",
                "deliver",
                claims -> change.accept(claims.claim("pickup", pickup.value())
                        .claim("tokens", List.of(delivered.tokenId().toString()))
                        .claim("boxCodes", List.of(delivered.boxCode().toString()))
                        .claim("ageChecked", true)));
        return new DeliveryCompleted(pickup, "li", "courier", List.of(delivered), proof, Instant.now());
    }

    private static void anchor(CloudEvent... events) {
        awaitTaken(service.publish(ledger.anchor(events), "ledger"));
    }

    // What there is to see

    private static JsonNode view(TokenId token) {
        return service.get("/api/v1/tokens/" + token, "li").json().path("token");
    }

    private static LockRefusal refusalOf(PickupId pickup) {
        return service.awaitPublished(
                        TokenLockRefused.class, refused -> refused.pickupId().equals(pickup))
                .reason();
    }

    private static long lockings(TokenId token) {
        return service.bean(EventStorageEngine.class)
                .readEvents(token.toString())
                .asStream()
                .filter(event -> event.getPayload() instanceof TokenLocked)
                .count();
    }

    /** I1: minted = unsold + held + burned, when every sale is settled. */
    private static void assertBooks(VaultId vault) {
        assertThat(count("""
                        select p.cases - p.unsold - count(*) filter (where t.burned_at is null)
                            - count(*) filter (where t.burned_at is not null)
                        from sales_plan p join token t on t.plan_id = p.plan_id
                        where p.vault_id = ? and t.owner is not null group by p.cases, p.unsold""", vault)).isZero();
    }

    private static double refusals(String reason) {
        return service.bean(MeterRegistry.class)
                .counter(BurnSaga.REFUSED, "reason", reason)
                .count();
    }

    private static long sagas(PickupId pickup) {
        return count(
                "select count(*) from association_value_entry where association_key = 'pickupId' and association_value = ?",
                pickup);
    }

    private static void awaitTaken(CloudEvent event) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> count("select count(*) from inbox_event where event_id = ?", event.getId()) == 1);
    }

    private static long count(String sql, Object parameter) {
        return service.bean(JdbcClient.class)
                .sql(sql)
                .param(parameter.toString())
                .query(Long.class)
                .single();
    }

    // Devices

    private static ECKey register(String owner) {
        try {
            ECKey device =
                    new ECKeyGenerator(Curve.P_256).keyIDFromThumbprint(true).generate();
            Answer registered = service.post(
                    "/api/v1/wallet/keys",
                    Map.of(
                            "jwk", device.toPublicJWK().toJSONObject(),
                            "label", "手机",
                            "proof", signed(device, owner, "register-key", claims -> {})),
                    owner);
            assertThat(registered.status()).isEqualTo(201);
            return device;
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String signed(ECKey device, String owner, String act, Consumer<JWTClaimsSet.Builder> more) {
        try {
            Instant now = Instant.now();
            JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                    .issuer(TestPlatform.ENVIRONMENT)
                    .subject(owner)
                    .claim("act", act)
                    .jwtID(Ids.next())
                    .issueTime(Date.from(now))
                    .expirationTime(Date.from(now.plusSeconds(300)));
            more.accept(claims);
            SignedJWT jws = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.ES256)
                            .keyID(device.getKeyID())
                            .build(),
                    claims.build());
            jws.sign(new ECDSASigner(device));
            return jws.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
