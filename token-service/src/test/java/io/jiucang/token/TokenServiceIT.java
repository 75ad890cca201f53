package io.jiucang.token;

import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.starter.test.TestPlatform.WANG;
import static io.jiucang.token.TokenFixtures.GTIN;
import static io.jiucang.token.TokenFixtures.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventTypes;
import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.LawAdopted;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.TokenEvent.SaleRefused;
import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.WarehouseEvent.CaseStated;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Hash;
import io.jiucang.simulators.statement.SigningKey;
import io.jiucang.simulators.statement.Speaker;
import io.jiucang.simulators.statement.StatementId;
import io.jiucang.simulators.statement.Winery;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.law.OwnAnchored;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.title.TokenState;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.Opening;
import io.jiucang.token.TokenCommand.BurnToken;
import io.jiucang.token.TokenCommand.LockForPickup;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.AnnotationEventHandlerAdapter;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

@RealInfrastructure
class TokenServiceIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    static final RunningService service = new RunningService(TokenServiceApplication.class, "token")
            .anchoringOnly(event -> Opening.concerns(event.getType()))
            .onOneConnection(TokenServiceIT.class, PickupIT.class, WalletIT.class);

    // S1

    @Test
    void opensAPlanOfAHundredThousandCasesInThreeEvents() {
        Map<String, Object> offered = plan(100_000, 6);
        Answer created = service.post("/api/v1/plans", offered, "winery");

        assertThat(created.status()).isEqualTo(201);
        Vaulted plan = new Vaulted(created.json());
        assertThat(created.response().headers().firstValue("Location")).hasValue("/api/v1/plans/" + plan.planId);
        assertThat(count("select count(*) from domain_event_entry where aggregate_identifier = ?", plan.vaultId))
                .isEqualTo(3);
        assertThat(count("select count(*) from token_history where vault_id = ?", plan.vaultId))
                .isEqualTo(3);
        assertThat(service.awaitPublished(
                        TokensMinted.class, minted -> minted.vaultId().equals(plan.vaultId)))
                .isEqualTo(new TokensMinted(plan.vaultId, plan.planId, 1, 100_000));
        assertThat(service.published(SalesPlanCreated.class))
                .filteredOn(event -> event.planId().equals(plan.planId))
                .singleElement()
                .satisfies(event -> assertThat(event.statement()).isEqualTo(offered.get("statement")));
        assertThat(service.published(VaultOpened.class))
                .filteredOn(event -> event.planId().equals(plan.planId))
                .singleElement()
                .satisfies(event -> assertThat(event.site()).isEqualTo(TestPlatform.SITES.getFirst()));
    }

    @Test
    void showsThePlanToEverybody() {
        Vaulted plan = open(10, 3);
        order(plan, LI, 2);
        awaitReserved(plan, 1);

        JsonNode shown = service.get("/api/v1/plans/" + plan.planId, null).json();

        assertThat(shown.path("unsold").asLong()).isEqualTo(8);
        assertThat(shown.path("count").asLong()).isEqualTo(10);
        assertThat(shown.path("winery").asString()).isEqualTo(TestPlatform.WINERY);
        assertThat(shown.path("offer").asString()).isEqualTo(plan.offer);
        assertThat(StatementId.of(shown.path("statement").asString()).hex()).isEqualTo(plan.offer);
        assertThat(shown.path("name").path("zh-CN").asString()).isEqualTo("国窖1573 经典装");
        assertThat(shown.path("name").path("en").asString()).isEqualTo("Guojiao 1573 Classic");
        assertThat(shown.path("price").path("minorUnits").asLong()).isEqualTo(588_000);
        assertThat(catalogue()).contains(plan.planId.value());
    }

    @Test
    void turnsThePagesOfTheCatalogue() {
        Set<String> before = Set.copyOf(catalogue());
        for (int i = 0; i < PlanViews.PAGE_SIZE; i++) {
            open(1, 1);
        }

        assertThat(catalogue()).doesNotHaveDuplicates().hasSize(before.size() + PlanViews.PAGE_SIZE);
    }

    @Test
    void refusesPlansThatAreNone() {
        long plans = count("select count(*) from sales_plan");
        Map<String, Object> noName = new HashMap<>(plan(10, 3));
        noName.remove("name");
        Map<String, Object> blank = new HashMap<>(plan(10, 3));
        blank.put("name", Map.of("en", " "));
        Map<String, Object> unknown = new HashMap<>(plan(10, 3));
        unknown.put("discount", 5);

        assertRefused(service.post("/api/v1/plans", blank, "winery"), 422, "SALES_PLAN_INVALID");
        assertRefused(service.post("/api/v1/plans", noName, "winery"), 400, "MALFORMED_BODY");
        assertRefused(service.post("/api/v1/plans", unknown, "winery"), 400, "MALFORMED_BODY");
        assertRefused(service.post("/api/v1/plans", "{", "winery"), 400, "MALFORMED_BODY");
        assertRefused(service.post("/api/v1/plans", plan(10, 3), LI), 403, "FORBIDDEN");
        assertThat(service.post("/api/v1/plans", plan(10, 3), null).status()).isIn(401, 403);
        assertThat(count("select count(*) from sales_plan")).isEqualTo(plans);
    }

    /** S1: nobody offers for a winery but itself, and only what it may. */
    @Test
    void refusesOffersThatTheLawHoldsVoid() {
        long plans = count("select count(*) from sales_plan");
        TestPlatform platform = service.platform();
        Instant from = Instant.parse("2020-01-01T00:00:00Z");
        Winery.Offer offer = TokenFixtures.offer(10, 3, from, from.plusSeconds(60));
        String genuine = platform.winery().offer(offer);

        assertOffer(
                422,
                "OFFER_VOID",
                winery(TestPlatform.WINERY, SigningKey.create(), TestPlatform.ORIGIN)
                        .offer(offer));
        assertOffer(
                422,
                "OFFER_VOID",
                winery(TestPlatform.WINERY, platform.partyKey(TestPlatform.WAREHOUSE), TestPlatform.ORIGIN)
                        .offer(offer));
        assertOffer(
                422,
                "OFFER_VOID",
                winery(TestPlatform.WAREHOUSE, platform.partyKey(TestPlatform.WAREHOUSE), TestPlatform.ORIGIN)
                        .offer(offer));
        assertOffer(
                422,
                "OFFER_VOID",
                winery(TestPlatform.WINERY, platform.partyKey(TestPlatform.WINERY), "staging.jiucang.example/ledger")
                        .offer(offer));
        for (Winery.Offer changed : List.of(
                with(offer, "nowhere", TestPlatform.APPID, TestPlatform.PAYEE, Duration.ofMinutes(30)),
                with(offer, offer.site(), "wx0000000000000000", TestPlatform.PAYEE, Duration.ofMinutes(30)),
                with(offer, offer.site(), TestPlatform.APPID, "1900000110", Duration.ofMinutes(30)),
                with(offer, offer.site(), TestPlatform.APPID, TestPlatform.PAYEE, Duration.ofDays(31)))) {
            assertOffer(422, "OFFER_VOID", platform.winery().offer(changed));
        }
        assertOffer(400, "STATEMENT_MALFORMED", genuine + "=");
        assertOffer(400, "STATEMENT_MALFORMED", TestPlatform.device("li").birth());
        assertOffer(400, "STATEMENT_MALFORMED", "nothing");
        assertThat(count("select count(*) from sales_plan")).isEqualTo(plans);

        assertOffer(201, null, genuine);
        assertOffer(409, "SALES_PLAN_EXISTS", genuine);
    }

    private static void assertOffer(int status, @Nullable String reason, String statement) {
        Answer answer = service.post(
                "/api/v1/plans",
                Map.of("name", TokenFixtures.NAME, "code", "VLT-01", "statement", statement),
                "winery");
        assertThat(answer.status()).isEqualTo(status);
        if (reason != null) {
            assertThat(answer.reason()).isEqualTo(reason);
        }
    }

    private static Winery winery(String id, SigningKey key, String origin) {
        return new Winery(Speaker.party(origin, id, key, Clock.systemUTC()));
    }

    private static Winery.Offer with(
            Winery.Offer offer, String site, String appid, String payee, Duration longestPayBy) {
        return new Winery.Offer(
                offer.product(),
                offer.gtin(),
                offer.count(),
                offer.fen(),
                offer.limit(),
                offer.from(),
                offer.until(),
                site,
                appid,
                payee,
                offer.agreement(),
                offer.deliverBy(),
                longestPayBy);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/plans/nonsense, 400, MALFORMED_PARAMETER",
        "/api/v1/plans/01a204ec-4df6-7152-bfd0-5fedfa4e9d72, 404, SALES_PLAN_NOT_FOUND",
        "/api/v1/plans?cursor=nonsense, 400, MALFORMED_CURSOR",
        "/api/v1/tokens?cursor=nonsense, 400, MALFORMED_CURSOR",
        "/api/v1/tokens/nonsense, 400, MALFORMED_PARAMETER",
        "/api/v1/tokens/01a204ec-4df6-7152-bfd0-5fedfa4e9d72.0, 400, MALFORMED_PARAMETER",
        "/api/v1/tokens/01a204ec-4df6-7152-bfd0-5fedfa4e9d72.1, 404, TOKEN_NOT_FOUND",
        "/api/v1/tokens/01a204ec-4df6-7152-bfd0-5fedfa4e9d72.1/evidence, 404, TOKEN_NOT_FOUND",
    })
    void answersWhatCannotBeFoundWithAProblem(String path, int status, String reason) {
        assertRefused(service.get(path, LI), status, reason);
    }

    @Test
    void keepsCellarsAndWalletsClosed() {
        for (String path : List.of("/api/v1/tokens", "/api/v1/wallet/keys", "/api/v1/wallet/token")) {
            assertRefused(service.get(path, null), 401, "UNAUTHENTICATED");
            assertRefused(service.get(path, "scanner"), 403, "FORBIDDEN");
        }
    }

    // S2

    @Test
    void sellsOutWithoutEverOverselling() {
        Vaulted plan = open(110, 1);
        service.bear(IntStream.range(0, 130).mapToObj(i -> "buyer " + i).toList());
        List<OrderId> orders = IntStream.range(0, 130)
                .mapToObj(i -> order(plan, "buyer " + i, 1))
                .toList();

        awaitReserved(plan, 110);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(refusals(plan)).hasSize(20));

        assertThat(refusals(plan)).allSatisfy(refusal -> {
            assertThat(refusal.reason()).isEqualTo(RefusalReason.SOLD_OUT);
            assertThat(orders).contains(refusal.orderId());
        });
        Set<Long> handedOut = new HashSet<>();
        reserved(plan)
                .forEach(reservation -> reservation
                        .serials()
                        .forEach(serials ->
                                assertThat(handedOut.add(serials.from())).isTrue()));
        assertThat(handedOut).hasSize(110).allMatch(serial -> serial >= 1 && serial <= 110);
        assertThat(unsold(plan)).isZero();
        assertThat(count("select count(*) from snapshot_event_entry where aggregate_identifier = ?", plan.vaultId))
                .as("the vault is read from its snapshot")
                .isPositive();
    }

    @Test
    void limitsEachBuyerAndHandsReleasedCasesOutAgain() {
        Vaulted plan = open(4, 3);
        OrderId first = order(plan, LI, 2);
        awaitReserved(plan, 1);
        order(plan, LI, 2);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(refusals(plan))
                        .extracting(ReservationRefused::reason)
                        .containsExactly(RefusalReason.BUYER_LIMIT_EXCEEDED));

        end(plan, first);
        awaitRecorded(ReservationReleased.class, released -> released.orderId().equals(first));
        OrderId second = order(plan, LI, 3);
        awaitReserved(plan, 2);
        OrderId third = order(plan, WANG, 1);
        awaitReserved(plan, 3);

        assertThat(reservationOf(plan, second).serials()).containsExactly(range(1, 3));
        assertThat(reservationOf(plan, third).serials()).containsExactly(range(4, 4));
        assertThat(unsold(plan)).isZero();
    }

    @Test
    void judgesTheSaleByWhenTheOrderWasPlaced() {
        Vaulted plan = open(4, 3);
        OrderPlaced placed = placed(plan, LI, 1);
        TestPlatform platform = service.platform();
        service.publish(platform.signed(
                placed, placed.orderId().value(), platform.signer("order"), Instant.parse("2019-12-31T23:59:59Z")));

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(refusals(plan))
                        .extracting(ReservationRefused::reason)
                        .containsExactly(RefusalReason.SALE_NOT_OPEN));
    }

    @Test
    void reservesOnceForAnOrderToldTwice() {
        Vaulted plan = open(10, 3);
        OrderPlaced placed = placed(plan, LI, 1);
        OrderId order = placed.orderId();
        CloudEvent event = publish(placed);
        service.publish(event);
        publish(placed);
        order(plan, WANG, 1);

        awaitReserved(plan, 2);
        assertThat(reserved(plan)).extracting(TokensReserved::orderId).containsOnlyOnce(order);
        assertThat(unsold(plan)).isEqualTo(8);
    }

    @Test
    void takesNothingFromForgers() {
        Vaulted plan = open(10, 3);
        OrderPlaced placed = placed(plan, LI, 1);
        OrderId forged = placed.orderId();
        TestPlatform platform = service.platform();
        long quarantined = service.quarantined();
        service.publish(platform.signed(placed, forged.value(), platform.expiredSigner("order"), Instant.now()));
        CloudEvent honest = platform.signed(placed, forged.value());
        service.publish(CloudEventBuilder.v1(honest)
                .withTime(OffsetDateTime.parse("2026-01-01T00:00:00Z"))
                .build());
        order(plan, WANG, 1);

        awaitReserved(plan, 1);
        assertThat(reserved(plan)).extracting(TokensReserved::buyer).containsExactly(WANG);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(service.quarantined()).isEqualTo(quarantined + 2));
    }

    /** Who has order-service's key has no buyer's: what they tell is void, and stops nothing. */
    @Test
    void reservesNothingForAThiefWithOrderServicesKey() {
        Vaulted plan = open(10, 3);
        service.bear(List.of(LI, WANG));
        String genuine = TokenFixtures.order(plan.offer, LI, 1);
        String oneFen = TokenFixtures.order(plan.offer, WANG, 1, 1);
        String nobodys = TokenFixtures.order(plan.offer, "a wallet that was never born", 1);
        String unsigned = genuine.substring(0, genuine.lastIndexOf('.')) + oneFen.substring(oneFen.lastIndexOf('.'));
        List<OrderPlaced> forgeries = List.of(
                TokenFixtures.orderPlaced(oneFen),
                TokenFixtures.orderPlaced(nobodys),
                TokenFixtures.orderPlaced(unsigned),
                new OrderPlaced(new OrderId(Ids.next()), "no statement at all"),
                new OrderPlaced(new OrderId(Ids.next()), genuine));
        for (OrderPlaced forged : forgeries) {
            CloudEvent event = publish(forged);
            await().atMost(PATIENCE).until(() -> service.hasTaken(event));
        }

        publish(TokenFixtures.orderPlaced(genuine));

        awaitReserved(plan, 1);
        assertThat(reserved(plan)).extracting(TokensReserved::buyer).containsExactly(LI);
        assertThat(unsold(plan)).isEqualTo(9);
    }

    // S4 and S5

    @Test
    void passesTitleAfterSaleAndRelease() throws Exception {
        Vaulted plan = open(10, 3);
        OrderId order = order(plan, LI, 2);
        awaitReserved(plan, 1);
        Cite paid = service.pay(order);
        TokensSold sale = awaitSold(order);
        assertThat(sale.payments()).containsExactly(paid.told());
        CloudEvent recorded = publish(TokenFixtures.saleRecorded(plan.vaultId, order, LI, range(1, 2)));
        CloudEvent release = release(plan, order, 1, 2);
        TokenGranted granted = awaitGranted(plan, 1);
        awaitGranted(plan, 2);

        assertThat(granted.owner()).isEqualTo(LI);
        assertThat(granted.sale()).isEqualTo(service.saleOf(order).told());
        assertThat(granted.prev()).isEqualTo(service.saleOf(order).leaf().hex());
        assertThat(granted.release().leafHash()).isEqualTo(leafOf(release).hex());

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(cellar(LI, plan)).hasSize(2));
        JsonNode mine = cellar(LI, plan).getFirst();
        assertThat(mine.path("tokenId").asString()).isEqualTo(plan.vaultId + ".1");
        assertThat(mine.path("state").asString()).isEqualTo("HELD");
        assertThat(mine.path("site").asString()).isEqualTo(TestPlatform.SITES.getFirst());
        assertThat(mine.path("boxCode").asString()).isEqualTo(boxCode(plan, 1).toString());
        assertThat(mine.path("name").path("en").asString()).isEqualTo("Guojiao 1573 Classic");
        assertThat(mine.path("sale").path("leafHash").asString())
                .isEqualTo(granted.sale().leafHash());
        assertThat(cellar(WANG, plan)).isEmpty();

        showsTheWholeLife(plan, recorded, release);
    }

    private static void showsTheWholeLife(Vaulted plan, CloudEvent recorded, CloudEvent release) throws IOException {
        String path = "/api/v1/tokens/" + plan.vaultId + ".1";
        List<String> life = Stream.of(
                        SalesPlanCreated.class,
                        VaultOpened.class,
                        TokensMinted.class,
                        TokensReserved.class,
                        SaleRecorded.class,
                        TokensSold.class,
                        CasesReleased.class,
                        TokenGranted.class)
                .map(EventTypes::typeOf)
                .toList();
        // Our own events are there once they were sent.
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                service.get(path + "/evidence", LI).json().path("events"))
                        .hasSize(life.size()));
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode token = service.get(path, LI).json();
            assertThat(token.path("token").path("state").asString()).isEqualTo("HELD");
            assertThat(token.path("history"))
                    .extracting(step -> step.path("type").asString())
                    .containsExactlyInAnyOrderElementsOf(life);
            assertThat(token.path("history"))
                    .filteredOn(step -> step.has("ledgerIndex"))
                    .extracting(step -> step.path("eventId").asString())
                    .as("the offer, the sale, the release and the grant")
                    .contains(release.getId())
                    .doesNotContain(recorded.getId())
                    .hasSize(4);
        });
        EventVerifier outsider = new EventVerifier(service.platform().eventKeys());
        for (JsonNode event : service.get(path + "/evidence", "auditor").json().path("events")) {
            assertThat(outsider.verify(TokenFixtures.cloudEvent(event)).event().getId())
                    .isEqualTo(event.path("id").asString());
        }
        assertRefused(service.get(path, WANG), 404, "TOKEN_NOT_FOUND");
        assertRefused(service.get(path + "/evidence", WANG), 404, "TOKEN_NOT_FOUND");
        assertThat(service.get("/api/v1/tokens/" + plan.vaultId + ".10", "auditor")
                        .json()
                        .path("token")
                        .path("state")
                        .asString())
                .isEqualTo("MINTED");
        assertRefused(service.get("/api/v1/tokens/" + plan.vaultId + ".11", "auditor"), 404, "TOKEN_NOT_FOUND");
    }

    /** Whoever signs chooses the id: another service's event under one that was used is another event. */
    @Test
    void anIdThatAnotherHasUsedIsNotTaken() {
        Vaulted plan = open(1, 1);
        OrderId order = order(plan, LI, 1);
        awaitReserved(plan, 1);
        service.pay(order);
        awaitSold(order);
        CloudEvent recorded = publish(TokenFixtures.saleRecorded(plan.vaultId, order, LI, range(1, 1)));
        await().atMost(PATIENCE).until(() -> service.hasTaken(recorded));
        service.publish(service.platform()
                .signer("warehouse")
                .sign(SignedEvents.toCloudEvent(
                        releaseOf(plan, order, 1),
                        new EventMetadata(
                                recorded.getId(), order.value(), Instant.now(), 1, recorded.getId(), null, null))));

        awaitGranted(plan, 1);
        awaitOwned(plan, 1);
        assertThat(service.get("/api/v1/tokens/" + plan.vaultId + ".1/evidence", LI)
                        .json()
                        .path("events"))
                .filteredOn(event -> event.path("id").asString().equals(recorded.getId()))
                .extracting(event -> event.path("type").asString())
                .contains(EventTypes.typeOf(SaleRecorded.class), EventTypes.typeOf(CasesReleased.class));
    }

    /** Whoever else believes a payment or a release before the ledger has it: no title comes of it here. */
    @Test
    void sellsAndGrantsNothingThatTheLedgerDoesNotHave() {
        Vaulted plan = open(10, 3);
        OrderId order = order(plan, LI, 1);
        awaitReserved(plan, 1);
        service.pay(order);
        awaitSold(order);
        service.saleOf(order);
        service.ledger()
                .anchorOnly(event -> Opening.concerns(event.getType())
                        && !event.getType().equals(EventTypes.typeOf(CasesReleased.class)));
        release(plan, order, 1);
        awaitParked(order, 1);
        assertThat(recorded(TokenGranted.class))
                .noneMatch(granted -> granted.orderId().equals(order));

        service.ledger().anchorOnly(event -> Opening.concerns(event.getType()));
        assertThat(awaitGranted(plan, 1).owner()).isEqualTo(LI);
    }

    @Test
    void whatTheWarehouseRefusesIsUndoneAndLost() {
        Vaulted plan = open(3, 3);
        OrderId order = order(plan, LI, 3);
        awaitReserved(plan, 1);
        service.pay(order);
        awaitSold(order);
        release(plan, order, 1, 3);
        awaitGranted(plan, 1);
        String sale = service.saleOf(order).leaf().hex();
        List<String> second = List.of(plan.vaultId + ".2");
        state(
                order,
                service.sales().dock(TestPlatform.SITES.getFirst()).refusal(sale, second),
                service.platform().warehouse().refusal(sale, second));

        SaleUndone undone =
                awaitRecorded(SaleUndone.class, each -> each.orderId().equals(order));
        assertThat(undone.prev()).isEqualTo(Map.of(new TokenId(plan.vaultId, 2), sale));
        service.awaitLaw(state -> state.token(new TokenId(plan.vaultId, 2)).orElseThrow() instanceof TokenState.Lost);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(held(order)).isEqualTo(TokenFixtures.serials(range(1, 1), range(3, 3))));
        assertThat(state(plan, 2)).isEqualTo("LOST");
        assertThat(unsold(plan)).isZero();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(cellar(LI, plan)).hasSize(2));
    }

    @Test
    void whatItsBuyerCancelsAndTheDockKeepsIsSoldAgain() {
        Vaulted plan = open(1, 1);
        OrderId order = order(plan, LI, 1);
        awaitReserved(plan, 1);
        service.pay(order);
        awaitSold(order);
        String sale = service.saleOf(order).leaf().hex();
        publish(cancelled(order, LI));
        service.awaitLaw(
                state -> state.findOrder(order).orElseThrow().cancelled().isPresent());
        assertThat(recorded(SaleUndone.class)).noneMatch(each -> each.orderId().equals(order));
        state(
                order,
                service.sales().dock(TestPlatform.SITES.getFirst()).notReleased(sale, List.of(plan.vaultId + ".1")));

        SaleUndone undone =
                awaitRecorded(SaleUndone.class, each -> each.orderId().equals(order));
        assertThat(undone.reasons()).hasSize(2);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(unsold(plan)).isEqualTo(1));
        assertThat(state(plan, 1)).isEqualTo("MINTED");

        OrderId next = order(plan, WANG, 1);
        awaitReserved(plan, 2);
        service.pay(next);
        TokensSold again = awaitSold(next);
        assertThat(again.prev()).containsOnlyKeys(new TokenId(plan.vaultId, 1));
        service.awaitLaw(state -> state.findOrder(next).orElseThrow().sale().isPresent());
    }

    @Test
    void sellsNothingToAnOrderThatHasEnded() {
        Vaulted plan = open(10, 3);
        OrderId order = order(plan, LI, 1);
        awaitReserved(plan, 1);
        end(plan, order);
        awaitRecorded(ReservationReleased.class, released -> released.orderId().equals(order));
        service.pay(order);

        CloudEvent sentinel = publish(TokenFixtures.saleRecorded(plan.vaultId, order, LI, range(1, 1)));
        await().atMost(PATIENCE).until(() -> service.hasTaken(sentinel));
        assertThat(unsold(plan)).isEqualTo(10);
        assertThat(recorded(TokensSold.class)).noneMatch(sold -> sold.orderId().equals(order));
    }

    @Test
    void saysThatACancelledOrderHasNoSale() {
        Vaulted plan = open(10, 3);
        OrderId order = order(plan, LI, 2);
        awaitReserved(plan, 1);
        publish(cancelled(order, LI));
        service.awaitLaw(
                state -> state.findOrder(order).orElseThrow().cancelled().isPresent());
        service.pay(order);

        assertThat(awaitRecorded(SaleRefused.class, refused -> refused.orderId().equals(order))
                        .why())
                .startsWith("S7");
        assertThat(unsold(plan)).isEqualTo(10);
        assertThat(recorded(TokensSold.class)).noneMatch(sold -> sold.orderId().equals(order));
    }

    // With token-service's key, and no more than that

    @Test
    void grantsNothingToAThiefWithThisServicesKey() {
        Vaulted plan = open(10, 3);
        OrderId order = order(plan, LI, 1);
        awaitReserved(plan, 1);
        service.pay(order);
        awaitSold(order);
        Cite sale = service.saleOf(order);
        TokenId token = new TokenId(plan.vaultId, 1);
        TokenGranted forged = new TokenGranted(
                token,
                order,
                WANG,
                boxCode(plan, 1),
                sale.told(),
                sale.told(),
                sale.leaf().hex());
        CloudEvent event = service.publish(forged, token);
        await().atMost(PATIENCE).until(() -> service.hasTaken(event));
        assertThat(cellar(WANG, plan)).isEmpty();
        assertRefused(service.get("/api/v1/tokens/" + token, WANG), 404, "TOKEN_NOT_FOUND");

        release(plan, order, 1);
        assertThat(awaitGranted(plan, 1).owner()).isEqualTo(LI);
        awaitOwned(plan, 1);
        assertThat(cellar(WANG, plan)).isEmpty();
    }

    /** "Same statement first", and other serials: the lower index takes it, and this service goes by it. */
    @Test
    void goesByASaleThatSomebodyElseToldFirst() {
        Vaulted plan = open(4, 3);
        OrderId order = order(plan, LI, 1);
        OrderId other = order(plan, WANG, 2);
        awaitReserved(plan, 2);
        service.whileTheInboxLooksAway(() -> {
            Cite paid = service.pay(order);
            Cite placed = service.bean(LawReader.class)
                    .read(state -> state.findOrder(order).orElseThrow().placed());
            TokensSold theirs = new TokensSold(
                    plan.vaultId, order, List.of(range(3, 3)), placed.told(), List.of(paid.told()), Map.of());
            service.publish(theirs, plan.vaultId);
            service.awaitLaw(
                    state -> state.findOrder(order).orElseThrow().sale().isPresent());
        });

        LawAdopted adopted =
                awaitRecorded(LawAdopted.class, each -> each.orderId().equals(order));
        assertThat(adopted.serials()).containsExactly(range(3, 3));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(held(order)).isEqualTo(TokenFixtures.serials(range(3, 3))));
        release(plan, order, 3);
        assertThat(awaitGranted(plan, 3).owner()).isEqualTo(LI);
        awaitOwned(plan, 3);

        service.pay(other);
        assertThat(awaitRecorded(SaleRefused.class, refused -> refused.orderId().equals(other))
                        .why())
                .startsWith("S4");
    }

    @Test
    void keepsViewsThatEqualAReplayFromZero() throws Exception {
        Vaulted plan = open(3, 3);
        OrderId order = order(plan, LI, 3);
        awaitReserved(plan, 1);
        service.pay(order);
        awaitSold(order);
        release(plan, order, 1, 3);
        awaitOwned(plan, 1);
        awaitOwned(plan, 3);
        String sale = service.saleOf(order).leaf().hex();
        List<String> second = List.of(plan.vaultId + ".2");
        state(
                order,
                service.sales().dock(TestPlatform.SITES.getFirst()).refusal(sale, second),
                service.platform().warehouse().refusal(sale, second));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(held(order).contains(2)).isFalse());
        TestWallets wallets = new TestWallets(service);
        wallets.bear("li");
        wallets.revoke("li", wallets.letIn("li").kid());
        pickUp(plan, 1, 3);

        new TransactionTemplate(service.bean(PlatformTransactionManager.class)).executeWithoutResult(transaction -> {
            List<List<Map<String, @Nullable Object>>> kept = views();
            for (String table : List.of("sales_plan", "reservation", "token", "token_history", "device_key")) {
                jdbc().sql("delete from " + table).update();
            }
            List<AnnotationEventHandlerAdapter> handlers = Stream.of(
                            PlanViews.class, ReservationTable.class, TokenViews.class, WalletViews.class)
                    .map(view -> new AnnotationEventHandlerAdapter(service.bean(view)))
                    .toList();
            try (Stream<? extends EventMessage<?>> events =
                    service.bean(EventStorageEngine.class).readEvents(null, false)) {
                events.forEach(event -> {
                    handlers.forEach(handler -> replay(handler, event));
                    anchored(event).ifPresent(own -> handlers.forEach(handler -> replay(handler, own)));
                });
            }

            List<List<Map<String, @Nullable Object>>> replayed = views();
            for (int view = 0; view < kept.size(); view++) {
                assertThat(replayed.get(view)).isNotEmpty().containsExactlyElementsOf(kept.get(view));
            }
            // What came from other services is not ours to replay.
            transaction.setRollbackOnly();
        });
    }

    /** Burns the token of one case, and locks that of another. */
    private static void pickUp(Vaulted plan, long burned, long locked) {
        PickupId pickup = new PickupId(Ids.next());
        CommandGateway commands = service.bean(CommandGateway.class);
        new TransactionTemplate(service.bean(PlatformTransactionManager.class)).executeWithoutResult(transaction -> {
            for (long serial : List.of(burned, locked)) {
                TokenId token = new TokenId(plan.vaultId, serial);
                commands.sendAndWait(new LockForPickup(
                        token, pickup, LI, TokenFixtures.hashlock(pickup, token, TokenFixtures.code(serial))));
            }
            commands.sendAndWait(new BurnToken(
                    new TokenId(plan.vaultId, burned),
                    pickup,
                    LI,
                    boxCode(plan, burned),
                    TokenFixtures.code(burned),
                    new LedgerReference(Ids.next(), 1, 2)));
        });
    }

    /** As the inbox tells it again. */
    private static Optional<EventMessage<?>> anchored(EventMessage<?> event) {
        return service.published().stream()
                .filter(published -> published.event().getId().equals(event.getIdentifier()))
                .findFirst()
                .flatMap(published -> service.bean(LawReader.class)
                        .ruled(Hash.of(published.leafHash()))
                        .map(ruled -> new GenericEventMessage<>(
                                event.getIdentifier(),
                                new OwnAnchored(
                                        Hash.of(published.leafHash()).hex(),
                                        published.domainEvent(),
                                        ruled.at(),
                                        ruled.ruling()),
                                Map.of(),
                                event.getTimestamp())));
    }

    private static void replay(AnnotationEventHandlerAdapter handler, EventMessage<?> event) {
        try {
            handler.handle(event);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static List<List<Map<String, @Nullable Object>>> views() {
        return Stream.of("""
                        select plan_id, vault_id, name, statement, cases, unsold, site, code
                        from sales_plan order by plan_id""", """
                        select order_id, vault_id, buyer, held, cases, sold from reservation order by order_id""", """
                        select token_id, vault_id, order_id, box_code, owner, granted_at, sale_index, sale_leaf,
                            release_index, release_leaf, pickup_id, burned_at, delivery_event_id, delivery_index,
                            delivery_tree_size
                        from token order by token_id""", """
                        select vault_id, serial, event_id, order_id, type, happened_at from token_history
                        where type like 'io.jiucang.token.%' order by vault_id, serial, event_id""", """
                        select kid, wallet, joined_at, revoked_at, event_id from device_key order by kid""")
                .map(sql -> jdbc().sql(sql).query().listOfRows())
                .toList();
    }

    // What the rest of the platform does

    /** @param offer the winery's statement's id, which orders name */
    private record Vaulted(PlanId planId, VaultId vaultId, String offer) {
        Vaulted(JsonNode plan) {
            this(
                    new PlanId(plan.path("planId").asString()),
                    new VaultId(plan.path("vaultId").asString()),
                    plan.path("offer").asString());
        }
    }

    private static Map<String, Object> plan(long cases, long limit) {
        return TokenFixtures.newPlan(service.platform(), cases, limit);
    }

    private static Vaulted open(long cases, long limit) {
        Answer created = service.post("/api/v1/plans", plan(cases, limit), "winery");
        assertThat(created.status()).isEqualTo(201);
        Vaulted plan = new Vaulted(created.json());
        service.awaitLaw(state -> state.plans().containsKey(plan.planId));
        return plan;
    }

    private static OrderId order(Vaulted plan, String buyer, long quantity) {
        OrderPlaced placed = placed(plan, buyer, quantity);
        publish(placed);
        return placed.orderId();
    }

    private static OrderPlaced placed(Vaulted plan, String buyer, long quantity) {
        service.bear(List.of(buyer));
        return TokenFixtures.orderPlaced(TokenFixtures.order(plan.offer, buyer, quantity));
    }

    private static void end(Vaulted plan, OrderId order) {
        publish(new OrderEnded(order, plan.planId, plan.vaultId, EndReason.BUYER));
    }

    private static OrderCancelled cancelled(OrderId order, String buyer) {
        return new OrderCancelled(order, TestPlatform.deviceOf(buyer).speaking().orderCancellation(order.value()));
    }

    /** Waits for the sale: docks release nothing before. */
    private static CloudEvent release(Vaulted plan, OrderId order, long... serials) {
        return publish(releaseOf(plan, order, serials));
    }

    private static CasesReleased releaseOf(Vaulted plan, OrderId order, long... serials) {
        Map<TokenId, BoxCode> boxes = new HashMap<>();
        for (long serial : serials) {
            boxes.put(new TokenId(plan.vaultId, serial), boxCode(plan, serial));
        }
        return service.sales().released(order, service.saleOf(order), TestPlatform.SITES.getFirst(), boxes);
    }

    private static void state(OrderId order, String... statements) {
        publish(new CaseStated(new ReleaseId(order.value()), List.of(statements)));
    }

    private static TokensSold awaitSold(OrderId order) {
        return awaitRecorded(TokensSold.class, sold -> sold.orderId().equals(order));
    }

    private static void awaitOwned(Vaulted plan, long serial) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(state(plan, serial)).isEqualTo("HELD"));
        assertThat(count("select count(*) from token where token_id = ?", plan.vaultId + "." + serial))
                .isEqualTo(1);
    }

    private static String state(Vaulted plan, long serial) {
        return service.get("/api/v1/tokens/" + plan.vaultId + "." + serial, "auditor")
                .json()
                .path("token")
                .path("state")
                .asString();
    }

    private static Serials held(OrderId order) {
        return service.bean(ReservationTable.class).get(order).held();
    }

    private static Hash leafOf(CloudEvent event) {
        return Hash.of(SignedEvents.leafHash(SignedEvents.dsseMaterial(event)));
    }

    /** Of this vault alone: the random end of its id is in it. */
    private static BoxCode boxCode(Vaulted plan, long serial) {
        return new BoxCode(GTIN, plan.vaultId.value().substring(24) + "-" + serial);
    }

    private static CloudEvent publish(DomainEvent event) {
        return switch (event) {
            case OrderPlaced placed -> service.publish(placed, placed.orderId());
            case OrderEnded ended -> service.publish(ended, ended.orderId());
            case OrderCancelled cancelled -> service.publish(cancelled, cancelled.orderId());
            case CaseStated stated -> service.publish(stated, stated.releaseId());
            case PaymentEvent payment -> service.publish(payment, payment.orderId());
            case CasesReleased released -> service.publish(released, released.releaseId());
            case DomainEvent other -> throw new IllegalArgumentException(other.toString());
        };
    }

    // What there is to see

    private static void awaitReserved(Vaulted plan, int orders) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(reserved(plan)).hasSize(orders));
    }

    private static List<TokensReserved> reserved(Vaulted plan) {
        return recorded(TokensReserved.class).stream()
                .filter(reserved -> reserved.vaultId().equals(plan.vaultId))
                .toList();
    }

    /** From the event store, which is quicker to read than the topic. */
    private static <E extends DomainEvent> List<E> recorded(Class<E> type) {
        return jdbc().sql("select payload from domain_event_entry where payload_type = ? order by global_index")
                .param(EventTypes.typeOf(type))
                .query((row, number) -> EventJson.read(row.getBytes(1), type))
                .list();
    }

    private static <E extends DomainEvent> E awaitRecorded(Class<E> type, Predicate<E> matching) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(recorded(type)).anyMatch(matching));
        return recorded(type).stream().filter(matching).findFirst().orElseThrow();
    }

    private static TokensReserved reservationOf(Vaulted plan, OrderId order) {
        return reserved(plan).stream()
                .filter(reserved -> reserved.orderId().equals(order))
                .findFirst()
                .orElseThrow();
    }

    private static List<ReservationRefused> refusals(Vaulted plan) {
        return recorded(ReservationRefused.class).stream()
                .filter(refused -> refused.vaultId().equals(plan.vaultId))
                .toList();
    }

    private static TokenGranted awaitGranted(Vaulted plan, long serial) {
        return awaitRecorded(
                TokenGranted.class, granted -> granted.tokenId().equals(new TokenId(plan.vaultId, serial)));
    }

    private static void awaitParked(OrderId key, int events) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(count("select count(*) from parked_event where event_key = ?", key))
                        .isEqualTo(events));
    }

    private static long unsold(Vaulted plan) {
        return service.get("/api/v1/plans/" + plan.planId, null)
                .json()
                .path("unsold")
                .asLong();
    }

    private static List<String> catalogue() {
        List<String> plans = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = service.get("/api/v1/plans" + cursor, null).json();
            page.path("items").forEach(plan -> plans.add(plan.path("planId").asString()));
            cursor = page.has("next") && !page.path("next").isNull()
                    ? "?cursor=" + page.path("next").asString()
                    : "";
        } while (!cursor.isEmpty());
        return plans;
    }

    private static List<JsonNode> cellar(String owner, Vaulted plan) {
        List<JsonNode> tokens = new ArrayList<>();
        service.get("/api/v1/tokens", owner).json().path("items").forEach(tokens::add);
        return tokens.stream()
                .filter(token -> token.path("planId").asString().equals(plan.planId.value())
                        || token.path("tokenId").asString().startsWith(plan.vaultId.value()))
                .toList();
    }

    private static long count(String sql, Object... parameters) {
        return jdbc().sql(sql)
                .params(Stream.of(parameters).map(Object::toString).toList())
                .query(Long.class)
                .single();
    }

    private static JdbcClient jdbc() {
        return service.bean(JdbcClient.class);
    }

    private static void assertRefused(Answer answer, int status, String reason) {
        assertThat(answer.reason()).isEqualTo(reason);
        assertThat(answer.status()).isEqualTo(status);
    }
}
