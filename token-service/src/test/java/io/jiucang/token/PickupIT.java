package io.jiucang.token;

import static io.jiucang.starter.test.TestPlatform.COURIER;
import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.starter.test.TestPlatform.WANG;
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
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.HashlockedToken;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancellation;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventTypes;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenBurned;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.events.Topics;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.MerkleTree;
import io.jiucang.simulators.device.Device;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.TestLedger;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.starter.wallet.KeyRing;
import io.jiucang.title.Facts;
import io.jiucang.title.TokenState;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.Opening;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.statement.Act.WalletBirth;
import io.jiucang.title.statement.Statements;
import io.jiucang.token.TokenCommand.BurnToken;
import io.jiucang.token.TokenCommand.LockForPickup;
import io.jiucang.token.TokenCommand.UnlockFromPickup;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
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
    private static final HandoverCode PLATFORMS_CODE = HandoverCode.parse("0000-0000-0000-0000");

    @RegisterExtension
    static final RunningService service = new RunningService(TokenServiceApplication.class, "token")
            .anchoringOnly(event -> Opening.concerns(event.getType()))
            .onOneConnection(TokenServiceIT.class, PickupIT.class, WalletIT.class);

    private static final TestWallets wallets = new TestWallets(service);

    private static ECKey phone;
    private static ECKey scanner;
    private static ECKey wangs;

    @BeforeAll
    static void bearWallets() {
        phone = key(wallets.bear("li"));
        scanner = key(wallets.bear("courier"));
        wangs = key(wallets.bear("wang"));
    }

    @Test
    void burnsATokenOnceItsDeliveryIsProvenAndKeepsItsHistory() throws Exception {
        TokenId token = held();
        PickupId pickup = new PickupId(Ids.next());
        CloudEvent authorised = service.publish(authorised(pickup, token, phone, Instant.now(), claims -> {}), pickup);
        TokenLocked lock =
                new TokenLocked(token, LI, pickup, code(pickup, token).sha256());
        service.awaitPublished(TokenLocked.class, lock::equals);
        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        assertThat(view(token).path("pickupId").asString()).isEqualTo(pickup.value());

        CloudEvent delivery = service.publish(completed(pickup, token, scanner, claims -> {}), pickup);
        awaitTaken(delivery);
        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        service.publish(TestLedger.withFalseProofs(service.ledger().anchor(authorised, delivery)), "ledger");
        anchor(authorised);
        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        anchor(delivery);

        TokenBurned burned = service.awaitPublished(
                TokenBurned.class, event -> event.tokenId().equals(token));
        assertThat(burned.pickupId()).isEqualTo(pickup);
        assertThat(burned.delivery().eventId()).isEqualTo(delivery.getId());
        JsonNode life = service.get("/api/v1/tokens/" + token, LI).json();
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
        assertThat(service.get("/api/v1/tokens", LI).json().path("items")).anySatisfy(item -> {
            assertThat(item.path("tokenId").asString()).isEqualTo(token.toString());
            assertThat(item.path("state").asString()).isEqualTo("BURNED");
        });
        assertThat(sagas(pickup)).isZero();
        assertBooks(token);
        provesItsWholeLife(token, lock, burned);
    }

    /** To an outsider, who trusts nobody's word for what an owner or a courier signed. */
    private static void provesItsWholeLife(TokenId token, TokenLocked lock, TokenBurned burned) throws Exception {
        List<JsonNode> evidence = new ArrayList<>();
        await().atMost(PATIENCE).untilAsserted(() -> {
            evidence.clear();
            service.get("/api/v1/tokens/" + token + "/evidence", LI)
                    .json()
                    .path("events")
                    .forEach(evidence::add);
            assertThat(evidence)
                    .extracting(event -> event.path("type").asString())
                    .startsWith(EventTypes.typeOf(WalletBorn.class), EventTypes.typeOf(WalletBorn.class))
                    .containsExactlyInAnyOrderElementsOf(Stream.of(
                                    WalletBorn.class,
                                    WalletBorn.class,
                                    SalesPlanCreated.class,
                                    VaultOpened.class,
                                    TokensMinted.class,
                                    TokensReserved.class,
                                    SaleRecorded.class,
                                    TokensSold.class,
                                    CasesReleased.class,
                                    TokenGranted.class,
                                    PickupAuthorised.class,
                                    TokenLocked.class,
                                    DeliveryCompleted.class,
                                    TokenBurned.class)
                            .map(EventTypes::typeOf)
                            .toList());
        });
        EventVerifier outsider = new EventVerifier(service.platform().eventKeys());
        List<DomainEvent> life = evidence.stream()
                .map(event -> outsider.verify(TokenFixtures.cloudEvent(event)).domainEvent())
                .toList();
        assertThat(life).contains(lock, burned);
        PickupAuthorised authorised = one(PickupAuthorised.class, life);
        DeliveryCompleted delivery = one(DeliveryCompleted.class, life);

        JWTClaimsSet intent = signedByDeviceOf(authorised.owner(), authorised.intent(), life);
        assertThat(intent.getStringClaim("pickup")).isEqualTo(burned.pickupId().value());
        assertThat(intent.getJSONObjectClaim("hashlocks")).containsEntry(token.toString(), lock.codeSha256());
        JWTClaimsSet proof = signedByDeviceOf(delivery.courier(), delivery.proof(), life);
        assertThat(proof.getStringClaim("pickup")).isEqualTo(burned.pickupId().value());
        String code = String.valueOf(proof.getJSONObjectClaim("codes").get(token.toString()));
        assertThat(HandoverCode.parse(code).sha256()).isEqualTo(lock.codeSha256());
    }

    private static <E extends DomainEvent> E one(Class<E> type, List<DomainEvent> life) {
        return type.cast(life.stream().filter(type::isInstance).findFirst().orElseThrow());
    }

    private static JWTClaimsSet signedByDeviceOf(String signer, String text, List<DomainEvent> life) throws Exception {
        SignedJWT jws = SignedJWT.parse(text);
        WalletBorn born = life.stream()
                .filter(WalletBorn.class::isInstance)
                .map(WalletBorn.class::cast)
                .filter(wallet -> wallet.wallet().equals(signer))
                .findFirst()
                .orElseThrow();
        P256Key key = KeyRing.born(Statements.read(born.statement(), WalletBirth.class))
                .keys()
                .getFirst()
                .key();
        assertThat(jws.getHeader().getKeyID()).isEqualTo(key.thumbprint());
        assertThat(key.verifies(jws.getSigningInput(), jws.getSignature().decode()))
                .isTrue();
        return jws.getJWTClaimsSet();
    }

    /** Every service's key is in the test's hands, and one device of somebody else; only the owner's is not. */
    @Test
    void letsThePlatformAloneMakeNoPickup() throws JOSEException {
        TokenId token = held();
        ECKey stranger =
                new ECKeyGenerator(Curve.P_256).keyIDFromThumbprint(true).generate();
        ECKey impostor = new ECKey.Builder(stranger).keyID(phone.getKeyID()).build();
        ECKey revoked = key(wallets.letIn("li"));
        Instant beforeTheLoss = Instant.now();
        wallets.revoke("li", revoked.getKeyID());
        PickupId spent = new PickupId(Ids.next());
        PickupAuthorised genuine = authorised(spent, token, phone, Instant.now(), claims -> {});
        Instant now = Instant.now();
        List<PickupAuthorised> forgeries = new ArrayList<>();
        for (ECKey wrong : List.of(stranger, impostor, scanner, revoked)) {
            forgeries.add(authorised(new PickupId(Ids.next()), token, wrong, now, claims -> {}));
        }
        // By a stolen device, dated back to before its loss.
        forgeries.add(authorised(new PickupId(Ids.next()), token, revoked, beforeTheLoss, claims -> {}));
        for (Consumer<JWTClaimsSet.Builder> wrong : List.<Consumer<JWTClaimsSet.Builder>>of(
                claims -> claims.claim("pickup", spent.value()),
                claims -> claims.claim("pickup", null),
                claims -> claims.claim("tokens", List.of(token.vault() + ".999")),
                claims -> claims.claim("tokens", List.of()),
                claims -> claims.claim("hashlocks", null),
                claims -> claims.claim("hashlocks", Map.of()),
                claims -> claims.claim("hashlocks", Map.of(token.toString(), PLATFORMS_CODE.sha256())),
                claims -> claims.claim("to", "another carrier"),
                claims -> claims.claim("terms", "cd".repeat(32)),
                claims -> claims.claim("act", "deliver"),
                claims -> claims.subject(WANG),
                claims -> claims.issuer("https://elsewhere.example"),
                claims -> claims.issueTime(Date.from(now.minusSeconds(900)))
                        .expirationTime(Date.from(now.minusSeconds(600))),
                claims -> claims.issueTime(Date.from(now.plusSeconds(300)))
                        .expirationTime(Date.from(now.plusSeconds(600))),
                claims -> claims.expirationTime(Date.from(now.plusSeconds(7200))))) {
            forgeries.add(authorised(new PickupId(Ids.next()), token, phone, now, wrong));
        }
        // The owner's own word, but for another pickup or another code; and no word at all.
        forgeries.add(like(genuine, new PickupId(Ids.next()), genuine.tokens(), genuine.intent()));
        forgeries.add(like(genuine, new PickupId(Ids.next()), genuine.tokens(), "no JWS"));
        PickupId wider = new PickupId(Ids.next());
        Map<String, String> hashlocks =
                Map.of(token.toString(), code(wider, token).sha256(), token.vault() + ".9", PLATFORMS_CODE.sha256());
        forgeries.add(authorised(wider, token, phone, now, claims -> claims.claim("hashlocks", hashlocks)));
        PickupAuthorised other = authorised(new PickupId(Ids.next()), token, phone, now, claims -> {});
        forgeries.add(like(
                other, other.pickupId(), List.of(new HashlockedToken(token, PLATFORMS_CODE.sha256())), other.intent()));

        forgeries.forEach(forged -> service.publish(forged, forged.pickupId()));
        for (PickupAuthorised forged : forgeries) {
            assertThat(service.awaitPublished(
                                    TokenLockRefused.class,
                                    refused -> refused.pickupId().equals(forged.pickupId()))
                            .reason())
                    .isEqualTo(LockRefusal.INTENT_INVALID);
        }
        PickupId never = forgeries.getFirst().pickupId();
        long quarantined = service.quarantined();
        // Token-service's own key says nothing to token-service, wherever it speaks.
        for (DomainEvent forged : List.of(
                new TokenLocked(token, LI, never, PLATFORMS_CODE.sha256()),
                new TokenBurned(token, LI, never, new LedgerReference(Ids.next(), 1, 2)))) {
            ProducerRecord<String, byte[]> own =
                    SignedEvents.toRecord(service.platform().signed(forged, token.toString()));
            service.publish(own);
            service.publish(new ProducerRecord<>(Topics.DELIVERY_EVENTS, null, own.key(), own.value(), own.headers()));
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(service.quarantined()).isEqualTo(quarantined + 2));
        double refusals = refusals("TOKEN_NOT_IN_PICKUP");
        CloudEvent delivery = service.publish(
                completed(never, token, scanner, claims -> claims.claim("codes", codes(PLATFORMS_CODE, token))), never);
        anchor(delivery);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(refusals("TOKEN_NOT_IN_PICKUP")).isEqualTo(refusals + 1));

        assertThat(view(token).path("state").asString()).isEqualTo("HELD");
        assertThat(sagas(never)).isZero();
        assertThat(lockings(token)).isZero();
        assertBooks(token);
    }

    /** Every service's key is in the test's hands, a courier's device, and even the owner's word; only no recipient is. */
    @Test
    void burnsNothingWithoutTheRecipientsCode() {
        TokenId token = held();
        TokenId other = held();
        PickupId ended = new PickupId(Ids.next());
        service.publish(authorised(ended, token, phone, Instant.now(), claims -> {}), ended);
        awaitLocked(token, ended);
        service.publish(cancellation(ended, token), ended);
        service.awaitPublished(
                TokenUnlocked.class, unlocked -> unlocked.pickupId().equals(ended));
        PickupId pickup = new PickupId(Ids.next());
        PickupAuthorised genuine = authorised(LI, pickup, List.of(token, other), phone, Instant.now(), claims -> {});
        service.publish(genuine, pickup);
        awaitLocked(token, pickup);
        awaitLocked(other, pickup);

        service.publish(
                like(
                        genuine,
                        pickup,
                        List.of(
                                new HashlockedToken(token, PLATFORMS_CODE.sha256()),
                                new HashlockedToken(other, PLATFORMS_CODE.sha256())),
                        genuine.intent()),
                pickup);
        List<Consumer<JWTClaimsSet.Builder>> withoutCodes = List.of(
                claims -> claims.claim("codes", Map.of()),
                claims -> claims.claim("codes", codes(PLATFORMS_CODE, token, other)),
                claims -> claims.claim(
                        "codes",
                        Map.of(
                                token.toString(), code(pickup, other).text(),
                                other.toString(), code(pickup, token).text())),
                claims -> claims.claim("codes", codes(code(ended, token), token)));
        double refusals = refusals("HANDOVER_CODE_WRONG");
        withoutCodes.forEach(claims -> deliver(pickup, List.of(token, other), claims));
        assertThat(refusals("HANDOVER_CODE_WRONG")).isEqualTo(refusals + 2 * withoutCodes.size());

        List<@Nullable Object> noCodes = Arrays.asList(
                null,
                Map.of(token.toString(), code(pickup, token).sha256()),
                Map.of(token.toString(), 1),
                List.of(code(pickup, token).text()));
        double unproven = refusals("PROOF_INVALID");
        noCodes.forEach(codes -> deliver(pickup, List.of(token, other), claims -> claims.claim("codes", codes)));
        assertThat(refusals("PROOF_INVALID")).isEqualTo(unproven + noCodes.size());
        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        assertThat(view(other).path("state").asString()).isEqualTo("PICKUP_PENDING");

        // Whoever received one case gives one code; so it was the codes alone that were missing.
        deliver(pickup, List.of(token, other), claims -> claims.claim("codes", codes(code(pickup, token), token)));
        assertThat(view(token).path("state").asString()).isEqualTo("BURNED");
        assertThat(view(other).path("state").asString()).isEqualTo("PICKUP_PENDING");
        deliver(pickup, List.of(other), claims -> {});
        assertThat(view(other).path("state").asString()).isEqualTo("BURNED");
        assertThat(sagas(pickup)).isZero();
        assertBooks(token);
        assertBooks(other);
    }

    @Test
    void locksNoTwoTokensUnderOneCode() {
        TokenId token = held();
        TokenId other = held();
        PickupId pickup = new PickupId(Ids.next());
        String codeSha256 = code(pickup, token).sha256();
        PickupAuthorised careless = authorised(
                LI,
                pickup,
                List.of(token, other),
                phone,
                Instant.now(),
                claims ->
                        claims.claim("hashlocks", Map.of(token.toString(), codeSha256, other.toString(), codeSha256)));

        service.publish(
                like(
                        careless,
                        pickup,
                        List.of(new HashlockedToken(token, codeSha256), new HashlockedToken(other, codeSha256)),
                        careless.intent()),
                pickup);

        for (TokenId each : List.of(token, other)) {
            service.awaitPublished(
                    TokenLockRefused.class,
                    refused -> refused.equals(new TokenLockRefused(each, pickup, LockRefusal.INTENT_INVALID)));
            assertThat(view(each).path("state").asString()).isEqualTo("HELD");
        }
    }

    /** Otherwise nothing would be granted or burned any more, because what the ledger tells would be parked. */
    @Test
    void goesOnAfterTheDeliveryOfACaseThatNeverWas() {
        TokenId token = held();
        TokenId never = new TokenId(token.vault(), 9);
        PickupId pickup = new PickupId(Ids.next());
        double refusals = refusals("TOKEN_NOT_IN_PICKUP");

        deliver(pickup, List.of(never), claims -> {});

        assertThat(refusals("TOKEN_NOT_IN_PICKUP")).isEqualTo(refusals + 1);
        assertThat(sagas(pickup)).isZero();
        assertThat(parked("ledger")).isZero();
        assertThat(lockings(never)).isZero();
    }

    @Test
    void refusesAnothersTokenAndASecondPickup() {
        TokenId token = held();
        PickupId first = new PickupId(Ids.next());
        PickupId second = new PickupId(Ids.next());
        PickupId others = new PickupId(Ids.next());
        PickupAuthorised theirs = authorised(WANG, others, List.of(token), wangs, Instant.now(), claims -> {});
        service.publish(authorised(first, token, phone, Instant.now(), claims -> {}), first);
        awaitLocked(token, first);
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
        service.publish(cancellation(pickup, token), pickup);
        service.awaitPublished(
                TokenUnlocked.class, unlocked -> unlocked.pickupId().equals(pickup));
        service.publish(authorised, pickup);

        assertThat(refusalOf(pickup)).as("its intent is used up").isEqualTo(LockRefusal.INTENT_INVALID);
        assertThat(view(token).path("state").asString()).isEqualTo("HELD");
        assertThat(view(token).has("pickupId")).isFalse();
        assertThat(lockings(token)).isEqualTo(1);
    }

    @Test
    void ignoresWhatComesLateOrFromAnotherPickup() {
        TokenId token = held();
        PickupId cancelled = new PickupId(Ids.next());
        PickupId pickup = new PickupId(Ids.next());
        service.publish(authorised(cancelled, token, phone, Instant.now(), claims -> {}), cancelled);
        awaitLocked(token, cancelled);
        awaitTaken(service.publish(cancellation(cancelled, token), cancelled));
        service.publish(authorised(pickup, token, phone, Instant.now(), claims -> {}), pickup);
        awaitLocked(token, pickup);

        awaitTaken(service.publish(cancellation(cancelled, token), cancelled));
        double refusals = refusals("TOKEN_NOT_IN_PICKUP");
        deliver(cancelled, List.of(token), claims -> {});
        assertThat(refusals("TOKEN_NOT_IN_PICKUP")).isEqualTo(refusals + 1);
        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        assertThat(view(token).path("pickupId").asString()).isEqualTo(pickup.value());

        deliver(pickup, List.of(token), claims -> {});
        awaitTaken(service.publish(cancellation(pickup, token), pickup));
        deliver(pickup, List.of(token), claims -> {});
        assertThat(refusals("TOKEN_NOT_IN_PICKUP")).isEqualTo(refusals + 2);
        assertThat(view(token).path("state").asString()).isEqualTo("BURNED");
        PickupId tooLate = new PickupId(Ids.next());
        service.publish(authorised(tooLate, token, phone, Instant.now(), claims -> {}), tooLate);
        assertThat(refusalOf(tooLate)).isEqualTo(LockRefusal.NOT_AVAILABLE);
        for (PickupId each : List.of(cancelled, pickup, tooLate)) {
            assertThat(sagas(each)).isZero();
            assertThat(parked(each)).isZero();
        }
        assertBooks(token);
    }

    /** What was only asked for is not done for whoever may have the device by now; what was handed over was. */
    @Test
    void stopsThePickupOfADeviceThatWasLostSinceButNotTheBurningForOne() {
        TokenId token = held();
        ECKey lost = key(wallets.letIn("li"));
        PickupId stopped = new PickupId(Ids.next());
        PickupAuthorised late = authorised(stopped, token, lost, Instant.now(), claims -> {});
        wallets.revoke("li", lost.getKeyID());
        service.publish(late, stopped);
        assertThat(refusalOf(stopped)).isEqualTo(LockRefusal.INTENT_INVALID);

        PickupId pickup = new PickupId(Ids.next());
        service.publish(authorised(pickup, token, phone, Instant.now(), claims -> {}), pickup);
        awaitLocked(token, pickup);
        ECKey droppedAtTheDoor = key(wallets.letIn("courier"));
        DeliveryCompleted done = completed(pickup, token, droppedAtTheDoor, claims -> {});
        wallets.revoke("courier", droppedAtTheDoor.getKeyID());
        CloudEvent delivery = service.publish(done, pickup);
        awaitTaken(delivery);
        anchor(delivery);
        service.awaitPublished(TokenBurned.class, burned -> burned.tokenId().equals(token));
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
        anchor(service.publish(completed(pickup, List.of(otherBox), scanner, claims -> {}), pickup));
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
        transaction.executeWithoutResult(status -> commands.sendAndWait(
                new LockForPickup(token, pickup, LI, code(pickup, token).sha256())));
        LedgerReference proven = new LedgerReference(Ids.next(), 1, 2);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> acts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 64; i++) {
                TokenCommand command = switch (i % 3) {
                    case 0 -> new LockForPickup(token, new PickupId(Ids.next()), LI, PLATFORMS_CODE.sha256());
                    case 1 -> new UnlockFromPickup(token, pickup);
                    default -> {
                        HandoverCode code = i % 2 == 0 ? code(pickup, token) : PLATFORMS_CODE;
                        yield new BurnToken(token, pickup, LI, box(token), code, proven);
                    }
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
        assertBooks(token);
    }

    // What the rest of the platform does

    /** A token of li's, the only one of its plan that was sold. */
    private static TokenId held() {
        JsonNode created = service.post("/api/v1/plans", TokenFixtures.newPlan(service.platform(), 10, 3), "winery")
                .json();
        VaultId vault = new VaultId(created.path("vaultId").asString());
        service.bear(List.of(LI));
        service.awaitLaw(state ->
                state.plans().containsKey(new PlanId(created.path("planId").asString())));
        OrderPlaced placed = TokenFixtures.orderPlaced(
                TokenFixtures.order(created.path("offer").asString(), LI, 1));
        OrderId order = placed.orderId();
        service.publish(placed, order);
        service.awaitPublished(
                TokensReserved.class, reserved -> reserved.orderId().equals(order));
        TokenId token = new TokenId(vault, 1);
        service.pay(order);
        service.awaitLaw(state -> state.findOrder(order).orElseThrow().sale().isPresent());
        service.publish(TokenFixtures.saleRecorded(vault, order, LI, range(1, 1)), order);
        Cite sale = service.bean(LawReader.class)
                .read(state -> state.findOrder(order)
                        .flatMap(Facts.Order::sale)
                        .flatMap(state::findSale)
                        .orElseThrow()
                        .at());
        service.publish(
                service.sales().released(order, sale, TestPlatform.SITES.getFirst(), Map.of(token, box(token))), order);
        service.awaitLaw(state -> state.token(token).orElseThrow() instanceof TokenState.Owned);
        await().atMost(PATIENCE)
                .until(() -> view(token).path("state").asString().equals("HELD"));
        return token;
    }

    private static BoxCode box(TokenId token) {
        return box(token.vault().value().substring(24));
    }

    private static BoxCode box(String serial) {
        return new BoxCode(GTIN, serial);
    }

    /** Made of what it is for, so that a test need not keep it; a real device draws it. */
    private static HandoverCode code(PickupId pickup, TokenId token) {
        byte[] text = (pickup + " " + token).getBytes(StandardCharsets.UTF_8);
        return HandoverCode.parse(MerkleTree.leafHash(text).hex().substring(0, 16));
    }

    private static Map<String, String> codes(HandoverCode code, TokenId... tokens) {
        return Stream.of(tokens).collect(Collectors.toMap(TokenId::toString, token -> code.text()));
    }

    private static PickupAuthorised authorised(
            PickupId pickup, TokenId token, ECKey device, Instant at, Consumer<JWTClaimsSet.Builder> change) {
        return authorised(LI, pickup, List.of(token), device, at, change);
    }

    private static PickupAuthorised authorised(
            String owner,
            PickupId pickup,
            List<TokenId> tokens,
            ECKey device,
            Instant at,
            Consumer<JWTClaimsSet.Builder> change) {
        List<HashlockedToken> hashlocked = tokens.stream()
                .map(token -> new HashlockedToken(token, code(pickup, token).sha256()))
                .toList();
        String intent = signed(
                device,
                owner,
                "pickup",
                claims -> change.accept(claims.claim(
                                "tokens", tokens.stream().map(TokenId::toString).toList())
                        .claim("to", CARRIER)
                        .claim("pickup", pickup.value())
                        .claim(
                                "hashlocks",
                                hashlocked.stream()
                                        .collect(Collectors.toMap(
                                                token -> token.tokenId().toString(), HashlockedToken::codeSha256)))
                        .claim("terms", ENVELOPE)));
        return new PickupAuthorised(pickup, owner, hashlocked, CARRIER, "carrier-1", ENVELOPE, intent, at);
    }

    private static PickupAuthorised like(
            PickupAuthorised model, PickupId pickup, List<HashlockedToken> tokens, String intent) {
        return new PickupAuthorised(
                pickup,
                model.owner(),
                tokens,
                model.carrier(),
                model.carrierKeyId(),
                model.envelopeSha256(),
                intent,
                model.authorisedAt());
    }

    private static PickupCancelled cancellation(PickupId pickup, TokenId token) {
        return new PickupCancelled(pickup, LI, List.of(token), PickupCancellation.RETURNED);
    }

    private static DeliveryCompleted completed(
            PickupId pickup, TokenId token, ECKey device, Consumer<JWTClaimsSet.Builder> change) {
        return completed(pickup, List.of(new DeliveredCase(token, box(token))), device, change);
    }

    private static DeliveryCompleted completed(
            PickupId pickup, List<DeliveredCase> cases, ECKey device, Consumer<JWTClaimsSet.Builder> change) {
        String proof = signed(
                device,
                COURIER,
                "deliver",
                claims -> change.accept(claims.claim("pickup", pickup.value())
                        .claim(
                                "tokens",
                                cases.stream()
                                        .map(delivered -> delivered.tokenId().toString())
                                        .toList())
                        .claim(
                                "boxCodes",
                                cases.stream()
                                        .map(delivered -> delivered.boxCode().toString())
                                        .toList())
                        .claim(
                                "codes",
                                cases.stream()
                                        .collect(Collectors.toMap(
                                                delivered -> delivered.tokenId().toString(),
                                                delivered -> code(pickup, delivered.tokenId())
                                                        .text())))
                        .claim("ageChecked", true)));
        return new DeliveryCompleted(pickup, LI, COURIER, cases, proof, Instant.now());
    }

    /** Returns once the delivery is proven, and has had whatever effect it has. */
    private static void deliver(PickupId pickup, List<TokenId> tokens, Consumer<JWTClaimsSet.Builder> change) {
        List<DeliveredCase> cases = tokens.stream()
                .map(token -> new DeliveredCase(token, box(token)))
                .toList();
        CloudEvent delivery = service.publish(completed(pickup, cases, scanner, change), pickup);
        awaitTaken(delivery);
        anchor(delivery);
    }

    private static void anchor(CloudEvent... events) {
        awaitTaken(service.publish(service.ledger().anchor(events), "ledger"));
    }

    // What there is to see

    private static JsonNode view(TokenId token) {
        return service.get("/api/v1/tokens/" + token, LI).json().path("token");
    }

    private static LockRefusal refusalOf(PickupId pickup) {
        return service.awaitPublished(
                        TokenLockRefused.class, refused -> refused.pickupId().equals(pickup))
                .reason();
    }

    private static long lockings(TokenId token) {
        return recorded(token, TokenLocked.class);
    }

    private static long recorded(TokenId token, Class<? extends DomainEvent> type) {
        return service.bean(EventStorageEngine.class)
                .readEvents(token.toString())
                .asStream()
                .filter(event -> type.isInstance(event.getPayload()))
                .count();
    }

    private static long parked(Object key) {
        return count("select count(*) from parked_event where event_key = ?", key);
    }

    private static void awaitLocked(TokenId token, PickupId pickup) {
        service.awaitPublished(
                TokenLocked.class,
                locked -> locked.tokenId().equals(token) && locked.pickupId().equals(pickup));
    }

    /** I1: minted = unsold + held + burned, per plan when every sale is settled, and per box code. */
    private static void assertBooks(TokenId token) {
        assertThat(count("""
                        select p.cases - p.unsold - count(*) filter (where t.burned_at is null)
                            - count(*) filter (where t.burned_at is not null)
                        from sales_plan p join token t on t.vault_id = p.vault_id
                        where p.vault_id = ? group by p.cases, p.unsold""", token.vault())).isZero();
        assertThat(count("""
                        select (select count(*) from domain_event_entry
                                where payload_type = 'io.jiucang.token.TokenGranted.v1'
                                    and convert_from(payload, 'UTF8')::json ->> 'boxCode' = t.box_code)
                            - count(*) filter (where t.burned_at is null)
                            - count(*) filter (where t.burned_at is not null)
                        from token t where t.box_code = ? group by t.box_code""", box(token))).isZero();
        assertThat(recorded(token, TokenBurned.class))
                .isEqualTo(view(token).path("state").asString().equals("BURNED") ? 1 : 0);
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
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> service.hasTaken(event));
    }

    private static long count(String sql, Object parameter) {
        return service.bean(JdbcClient.class)
                .sql(sql)
                .param(parameter.toString())
                .query(Long.class)
                .single();
    }

    // Devices

    private static ECKey key(Device device) {
        try {
            return ECKey.parse(device.save());
        } catch (ParseException e) {
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
