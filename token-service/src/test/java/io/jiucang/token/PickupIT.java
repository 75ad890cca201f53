package io.jiucang.token;

import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.starter.test.TestPlatform.WANG;
import static io.jiucang.token.TokenFixtures.GTIN;
import static io.jiucang.token.TokenFixtures.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.DeliveryEvent.PickupEnded;
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
import io.jiucang.simulators.courier.Phone;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.statement.Speaker;
import io.jiucang.starter.test.ForgedStatements;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.TestLedger;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.title.TokenState;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.Opening;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Hashlock;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import io.jiucang.token.TokenCommand.BurnToken;
import io.jiucang.token.TokenCommand.LockForPickup;
import io.jiucang.token.TokenCommand.UnlockFromPickup;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
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
    private static final String ENVELOPE = "a sealed address";
    private static final HandoverCode PLATFORMS_CODE = HandoverCode.parse("0000-0000-0000-0000");

    @RegisterExtension
    static final RunningService service = new RunningService(TokenServiceApplication.class, "token")
            .anchoringOnly(event -> Opening.concerns(event.getType()))
            .onOneConnection(TokenServiceIT.class, PickupIT.class, WalletIT.class);

    private static final TestWallets wallets = new TestWallets(service);

    private static Device phone;
    private static Device wangs;

    /** The courier's, of the carrier that the owner names, and another carrier's. */
    private static final Device couriers = TestPlatform.device("courier");

    private static final Device riders = TestPlatform.device("rider");

    @BeforeAll
    static void bearWalletsAndEnrolPhones() {
        phone = wallets.bear("li");
        wangs = wallets.bear("wang");
        service.enrol(couriers, service.platform().carrier());
        service.enrol(riders, service.platform().otherCarrier());
    }

    @Test
    void burnsATokenOnceItsDeliveryIsProvenAndKeepsItsHistory() throws Exception {
        TokenId token = held();
        PickupId pickup = new PickupId(Ids.next());
        PickupAuthorised called = authorised(phone, pickup, token);
        CloudEvent authorised = service.publish(called, pickup);
        TokenLocked lock = new TokenLocked(token, LI, pickup, lock(pickup, token));
        service.awaitPublished(TokenLocked.class, lock::equals);
        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        assertThat(view(token).path("pickupId").asString()).isEqualTo(pickup.value());

        CloudEvent delivery = service.publish(completed(called, token), pickup);
        awaitTaken(delivery);
        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        service.publish(TestLedger.withFalseProofs(service.ledger().anchor(delivery, authorised)), "ledger");
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

    /** To an outsider, who trusts nobody's word for what an owner or a courier signed; whose phone it is, the ledger tells all. */
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
                    .startsWith(EventTypes.typeOf(WalletBorn.class))
                    .containsExactlyInAnyOrderElementsOf(Stream.of(
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

        WalletBorn born = one(WalletBorn.class, life);
        Statement<Act.Pickup> signed = pickupOf(authorised);
        assertThat(signed.spoken().sub()).isEqualTo(born.wallet());
        assertThat(signed.isSignedBy(Statements.read(born.statement(), Act.WalletBirth.class)
                        .act()
                        .key()))
                .isTrue();
        assertThat(signed.act().pickup()).isEqualTo(burned.pickupId());
        assertThat(Objects.requireNonNull(signed.act().hashlocks().get(token)).hex())
                .isEqualTo(lock.hashlock());
        Statement<Act.Delivery> proof = Statements.read(delivery.statement(), Act.Delivery.class);
        assertThat(proof.spoken().sub()).isEqualTo(couriers.kid());
        assertThat(proof.act().hold()).isEqualTo(signed.holdId());
        HandoverCode code = Objects.requireNonNull(proof.act().codes().get(token));
        assertThat(Hashlock.of(burned.pickupId(), token, code).hex()).isEqualTo(lock.hashlock());
    }

    private static <E extends DomainEvent> E one(Class<E> type, List<DomainEvent> life) {
        return type.cast(life.stream().filter(type::isInstance).findFirst().orElseThrow());
    }

    /** Every service's key is in the test's hands, and one device of somebody else; only the owner's is not. */
    @Test
    void letsThePlatformAloneMakeNoPickup() {
        TokenId token = held();
        Device revoked = wallets.letIn("li");
        wallets.revoke("li", revoked.kid());
        PickupAuthorised genuine = authorised(phone, new PickupId(Ids.next()), token);
        List<PickupAuthorised> forgeries = new ArrayList<>();
        for (Device wrong : List.of(
                Device.create(TestPlatform.ENVIRONMENT, TestPlatform.ORIGIN, Clock.systemUTC()),
                phone.another(),
                couriers,
                revoked,
                elsewhere("staging.example/ledger", Instant.now()),
                elsewhere(TestPlatform.ORIGIN, Instant.now().minusSeconds(3600)))) {
            forgeries.add(authorised(wrong, new PickupId(Ids.next()), token));
        }
        for (Function<PickupId, String> wrong : List.<Function<PickupId, String>>of(
                pickup -> ForgedStatements.signedBy(wangs, statement(phone, pickup, token)),
                pickup -> ForgedStatements.with("sub", '"' + WANG + '"', statement(phone, pickup, token), phone),
                pickup -> ForgedStatements.with("exp", "4000000000", statement(phone, pickup, token), phone),
                pickup -> ForgedStatements.with("until", "4000000000", statement(phone, pickup, token), phone),
                pickup -> ForgedStatements.with("carrier", "\"dhl\"", statement(phone, pickup, token), phone),
                pickup -> phone.speaking().pickupCancellation(pickup.value()),
                // The owner's own word, but for another pickup; and no word at all.
                pickup -> genuine.statement(),
                pickup -> "no JWS")) {
            PickupId pickup = new PickupId(Ids.next());
            forgeries.add(new PickupAuthorised(pickup, "carrier-1", wrong.apply(pickup)));
        }
        PickupId pickup = new PickupId(Ids.next());
        ForgedStatements.notCanonical(statement(phone, pickup, token), phone)
                .values()
                .forEach(forged -> forgeries.add(new PickupAuthorised(pickup, "carrier-1", forged)));

        forgeries.stream()
                .map(forged -> service.publish(forged, forged.pickupId()))
                .toList()
                .forEach(PickupIT::awaitTaken);
        assertThat(service.published(TokenLockRefused.class))
                .extracting(TokenLockRefused::pickupId)
                .doesNotContainAnyElementsOf(
                        forgeries.stream().map(PickupAuthorised::pickupId).toList());
        PickupId never = forgeries.getFirst().pickupId();
        long quarantined = service.quarantined();
        // Token-service's own key says nothing to token-service, wherever it speaks.
        for (DomainEvent forged : List.of(
                new TokenLocked(token, LI, never, "0".repeat(64)),
                new TokenBurned(token, LI, never, new LedgerReference(Ids.next(), 1, 2)))) {
            ProducerRecord<String, byte[]> own =
                    SignedEvents.toRecord(service.platform().signed(forged, token.toString()));
            service.publish(own);
            service.publish(new ProducerRecord<>(Topics.DELIVERY_EVENTS, null, own.key(), own.value(), own.headers()));
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(service.quarantined()).isEqualTo(quarantined + 2));
        double refusals = refusals("PROOF_INVALID");
        anchor(service.publish(completed(genuine, never, Map.of(token, PLATFORMS_CODE)), never));
        assertThat(refusals("PROOF_INVALID")).isEqualTo(refusals + 1);

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
        service.publish(authorised(phone, ended, token), ended);
        awaitLocked(token, ended);
        service.publish(ended(ended, token), ended);
        service.awaitPublished(
                TokenUnlocked.class, unlocked -> unlocked.pickupId().equals(ended));
        PickupId pickup = new PickupId(Ids.next());
        PickupAuthorised called = authorised(phone, pickup, token, other);
        service.publish(called, pickup);
        awaitLocked(token, pickup);
        awaitLocked(other, pickup);

        double refusals = refusals("HANDOVER_CODE_WRONG");
        for (Map<TokenId, HandoverCode> wrong : List.of(
                Map.of(token, PLATFORMS_CODE, other, PLATFORMS_CODE),
                Map.of(token, code(pickup, other), other, code(pickup, token)),
                Map.of(token, code(ended, token), other, code(ended, other)))) {
            deliver(called, wrong);
        }
        assertThat(refusals("HANDOVER_CODE_WRONG")).isEqualTo(refusals + 6);

        double unproven = refusals("PROOF_INVALID");
        Speaker courier = Speaker.terminal(TestPlatform.ORIGIN, couriers.signingKey(), Clock.systemUTC());
        List<DeliveredCase> both = cases(List.of(token, other));
        String hold = pickupOf(called).holdId().value();
        for (Object codes : List.of(
                Map.of(),
                Map.of(token.toString(), lock(pickup, token)),
                Map.of(token.toString(), 1),
                List.of(code(pickup, token).text()))) {
            String statement = courier.say("delivery", Map.of("hold", hold, "codes", codes, "ageChecked", true));
            tell(new DeliveryCompleted(pickup, LI, both, statement));
        }
        // One code, and two cases with it.
        tell(new DeliveryCompleted(pickup, LI, both, proof(couriers, called, Map.of(token, code(pickup, token)))));
        assertThat(refusals("PROOF_INVALID")).isEqualTo(unproven + 5);
        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        assertThat(view(other).path("state").asString()).isEqualTo("PICKUP_PENDING");

        // Whoever received one case gives one code; so it was the codes alone that were missing.
        deliver(called, Map.of(token, code(pickup, token)));
        assertThat(view(token).path("state").asString()).isEqualTo("BURNED");
        assertThat(view(other).path("state").asString()).isEqualTo("PICKUP_PENDING");
        deliver(called, Map.of(other, code(pickup, other)));
        assertThat(view(other).path("state").asString()).isEqualTo("BURNED");
        assertThat(sagas(pickup)).isZero();
        assertBooks(token);
        assertBooks(other);
    }

    @Test
    void locksNoTwoTokensUnderOneHashlock() {
        TokenId token = held();
        TokenId other = held();
        PickupId pickup = new PickupId(Ids.next());
        String lock = lock(pickup, token);
        String careless = phone.speaking()
                .speaker()
                .say(
                        "pickup",
                        Map.of(
                                "pickup", pickup.value(),
                                "carrier", TestPlatform.CARRIER,
                                "envelope", lock,
                                "hashlocks", Map.of(token.toString(), lock, other.toString(), lock),
                                "until", Instant.now().plusSeconds(86_400).getEpochSecond()));

        awaitTaken(service.publish(new PickupAuthorised(pickup, "carrier-1", careless), pickup));

        for (TokenId each : List.of(token, other)) {
            assertThat(lockings(each)).isZero();
            assertThat(view(each).path("state").asString()).isEqualTo("HELD");
        }
    }

    /** Otherwise nothing would be granted or burned any more, because what the ledger tells would be parked. */
    @Test
    void goesOnAfterTheDeliveryOfACaseThatNeverWas() {
        TokenId token = held();
        TokenId never = new TokenId(token.vault(), 9);
        PickupId pickup = new PickupId(Ids.next());
        PickupAuthorised called = authorised(phone, pickup, never);
        service.publish(called, pickup);
        assertThat(refusalOf(pickup)).isEqualTo(LockRefusal.NOT_THE_OWNER);
        double refusals = refusals("TOKEN_NOT_IN_PICKUP");

        deliver(called, Map.of(never, code(pickup, never)));

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
        service.publish(authorised(phone, first, token), first);
        awaitLocked(token, first);
        service.publish(authorised(phone, second, token), second);
        service.publish(authorised(wangs, others, token), others);

        assertThat(refusalOf(second)).isEqualTo(LockRefusal.NOT_AVAILABLE);
        assertThat(refusalOf(others)).isEqualTo(LockRefusal.NOT_THE_OWNER);
    }

    @Test
    void unlocksWhatWasNotDeliveredAndSpendsTheAuthorisation() {
        TokenId token = held();
        PickupId pickup = new PickupId(Ids.next());
        PickupAuthorised authorised = authorised(phone, pickup, token);
        service.publish(authorised, pickup);
        service.publish(authorised, pickup);
        service.publish(ended(pickup, token), pickup);
        service.awaitPublished(
                TokenUnlocked.class, unlocked -> unlocked.pickupId().equals(pickup));
        awaitTaken(service.publish(authorised, pickup));

        assertThat(view(token).path("state").asString()).isEqualTo("HELD");
        assertThat(view(token).has("pickupId")).isFalse();
        assertThat(lockings(token)).isEqualTo(1);
    }

    @Test
    void ignoresWhatComesLateOrFromAnotherPickup() {
        TokenId token = held();
        PickupId cancelled = new PickupId(Ids.next());
        PickupId pickup = new PickupId(Ids.next());
        PickupAuthorised first = authorised(phone, cancelled, token);
        service.publish(first, cancelled);
        awaitLocked(token, cancelled);
        awaitTaken(service.publish(ended(cancelled, token), cancelled));
        PickupAuthorised second = authorised(phone, pickup, token);
        service.publish(second, pickup);
        awaitLocked(token, pickup);

        awaitTaken(service.publish(ended(cancelled, token), cancelled));
        double refusals = refusals("TOKEN_NOT_IN_PICKUP");
        deliver(first, Map.of(token, code(cancelled, token)));
        assertThat(refusals("TOKEN_NOT_IN_PICKUP")).isEqualTo(refusals + 1);
        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        assertThat(view(token).path("pickupId").asString()).isEqualTo(pickup.value());

        deliver(second, Map.of(token, code(pickup, token)));
        awaitTaken(service.publish(ended(pickup, token), pickup));
        deliver(second, Map.of(token, code(pickup, token)));
        assertThat(refusals("TOKEN_NOT_IN_PICKUP")).isEqualTo(refusals + 2);
        assertThat(view(token).path("state").asString()).isEqualTo("BURNED");
        PickupId tooLate = new PickupId(Ids.next());
        service.publish(authorised(phone, tooLate, token), tooLate);
        assertThat(refusalOf(tooLate)).isEqualTo(LockRefusal.NOT_AVAILABLE);
        for (PickupId each : List.of(cancelled, pickup, tooLate)) {
            assertThat(sagas(each)).isZero();
            assertThat(parked(each)).isZero();
        }
        assertBooks(token);
    }

    @Test
    void burnsNothingWithoutTheWordOfAPhoneOfTheCarrierNamed() {
        TokenId token = held();
        PickupId pickup = new PickupId(Ids.next());
        PickupAuthorised called = authorised(phone, pickup, token);
        service.publish(called, pickup);
        awaitLocked(token, pickup);
        PickupAuthorised another = authorised(phone, new PickupId(Ids.next()), token);
        Device withdrawn = TestPlatform.device("withdrawn");
        service.enrol(withdrawn, service.platform().carrier());
        service.withdraw(withdrawn, service.platform().carrier());
        Map<TokenId, HandoverCode> codes = Map.of(token, code(pickup, token));
        List<String> unproven = List.of(
                proof(phone, called, codes),
                proof(riders, called, codes),
                proof(withdrawn, called, codes),
                proof(couriers, another, codes),
                ForgedStatements.signedBy(riders, proof(couriers, called, codes)),
                ForgedStatements.with("iss", "\"staging\"", proof(couriers, called, codes), couriers),
                phone.speaking().pickupCancellation(pickupOf(called).holdId().value()),
                "no JWS");
        double refusals = refusals("PROOF_INVALID");
        unproven.forEach(statement -> tell(new DeliveryCompleted(pickup, LI, cases(List.of(token)), statement)));
        assertThat(refusals("PROOF_INVALID")).isEqualTo(refusals + unproven.size());

        double others = refusals("TOKEN_HAS_ANOTHER_CASE");
        List<DeliveredCase> otherBox = List.of(new DeliveredCase(token, box("Y")));
        tell(new DeliveryCompleted(pickup, LI, otherBox, proof(couriers, called, codes)));
        assertThat(refusals("TOKEN_HAS_ANOTHER_CASE")).isEqualTo(others + 1);

        assertThat(view(token).path("state").asString()).isEqualTo("PICKUP_PENDING");
        assertThat(sagas(pickup)).isZero();
    }

    @Test
    void hasOneOutcomeHoweverManyActAtOnce() throws Exception {
        TokenId token = held();
        PickupId pickup = new PickupId(Ids.next());
        CommandGateway commands = service.bean(CommandGateway.class);
        TransactionTemplate transaction = new TransactionTemplate(service.bean(PlatformTransactionManager.class));
        transaction.executeWithoutResult(
                status -> commands.sendAndWait(new LockForPickup(token, pickup, LI, lock(pickup, token))));
        LedgerReference proven = new LedgerReference(Ids.next(), 1, 2);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> acts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 64; i++) {
                TokenCommand command = switch (i % 3) {
                    case 0 -> new LockForPickup(token, new PickupId(Ids.next()), LI, "0".repeat(64));
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
        service.publish(TokenFixtures.saleRecorded(vault, order, LI, range(1, 1)), order);
        Cite sale = service.saleOf(order);
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

    private static String lock(PickupId pickup, TokenId token) {
        return TokenFixtures.hashlock(pickup, token, code(pickup, token));
    }

    private static PickupAuthorised authorised(Device device, PickupId pickup, TokenId... tokens) {
        return new PickupAuthorised(pickup, "carrier-1", statement(device, pickup, tokens));
    }

    private static String statement(Device device, PickupId pickup, TokenId... tokens) {
        return device.speaking()
                .pickup(
                        pickup.value(),
                        TestPlatform.CARRIER,
                        ENVELOPE,
                        Stream.of(tokens)
                                .collect(Collectors.toMap(TokenId::toString, token -> given(code(pickup, token)))),
                        Instant.now().plusSeconds(86_400));
    }

    private static io.jiucang.simulators.device.HandoverCode given(HandoverCode code) {
        return new io.jiucang.simulators.device.HandoverCode(code.text());
    }

    private static Statement<Act.Pickup> pickupOf(PickupAuthorised event) {
        return Statements.read(event.statement(), Act.Pickup.class);
    }

    private static PickupEnded ended(PickupId pickup, TokenId token) {
        return new PickupEnded(pickup, LI, List.of(token), PickupEndReason.RETURNED);
    }

    private static String proof(Device courier, PickupAuthorised called, Map<TokenId, HandoverCode> codes) {
        return new Phone(Speaker.terminal(TestPlatform.ORIGIN, courier.signingKey(), Clock.systemUTC()))
                .delivery(
                        pickupOf(called).holdId().value(),
                        codes.entrySet().stream()
                                .collect(Collectors.toMap(
                                        each -> each.getKey().toString(), each -> given(each.getValue()))));
    }

    private static List<DeliveredCase> cases(Collection<TokenId> tokens) {
        return tokens.stream()
                .map(token -> new DeliveredCase(token, box(token)))
                .toList();
    }

    private static DeliveryCompleted completed(PickupAuthorised called, TokenId token) {
        return completed(called, called.pickupId(), Map.of(token, code(called.pickupId(), token)));
    }

    private static DeliveryCompleted completed(
            PickupAuthorised called, PickupId told, Map<TokenId, HandoverCode> codes) {
        return new DeliveryCompleted(told, LI, cases(codes.keySet()), proof(couriers, called, codes));
    }

    /** Returns once the delivery is proven, and has had whatever effect it has. */
    private static void deliver(PickupAuthorised called, Map<TokenId, HandoverCode> codes) {
        tell(completed(called, called.pickupId(), codes));
    }

    private static void tell(DeliveryCompleted event) {
        CloudEvent delivery = service.publish(event, event.pickupId());
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

    /** Li's phone as it was at another time, or in another installation. */
    private static Device elsewhere(String origin, Instant at) {
        return Device.restore(TestPlatform.ENVIRONMENT, origin, phone.save(), Clock.fixed(at, ZoneOffset.UTC));
    }
}
