package io.jiucang.warehouse;

import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.warehouse.WarehouseFixtures.GTIN;
import static io.jiucang.warehouse.WarehouseFixtures.OTHER_GTIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryRequested;
import io.jiucang.events.DeliveryEvent.FailureReason;
import io.jiucang.events.DeliveryEvent.PickupCancellationRequested;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.EventJson;
import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.WarehouseEvent.CaseDamaged;
import io.jiucang.events.WarehouseEvent.CaseShelved;
import io.jiucang.events.WarehouseEvent.CaseStated;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.WarehouseEvent.ReleaseCancelled;
import io.jiucang.events.WarehouseEvent.ReleaseRequested;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.WarehouseEvent.ShipmentCancellationRefused;
import io.jiucang.events.WarehouseEvent.ShipmentCancelled;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.simulators.statement.StatementId;
import io.jiucang.simulators.statement.Winery;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.starter.test.TestSales;
import io.jiucang.starter.test.TestSales.Sold;
import io.jiucang.title.TokenState;
import io.jiucang.title.event.Cite;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.axonframework.eventhandling.AnnotationEventHandlerAdapter;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

@RealInfrastructure
class WarehouseServiceIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String SCANNER = "scanner";
    private static final String HASHLOCK = "5e".repeat(32);

    @RegisterExtension
    static final RunningService service = new RunningService(
                    WarehouseServiceApplication.class,
                    "warehouse",
                    Map.of("jiucang.warehouse.release-deadline", "PT1S", "jiucang.warehouse.shipment-deadline", "PT1S"))
            .onOneConnection();

    private static final Map<OrderId, Sale> SOLD = new ConcurrentHashMap<>();
    private static final AtomicInteger numbers = new AtomicInteger();
    private static final AtomicInteger sites = new AtomicInteger();

    /** A site of its own for each test, with a vault of one product. */
    private final Vault vault = openVault(nextSite(), GTIN);

    @Test
    void releasesACaseForEachTokenOfASale() {
        BoxCode first = shelve(vault, "A-1");
        BoxCode second = shelve(vault, "A-2");
        BoxCode third = shelve(vault, "A-3");
        OrderId order = sell(vault, 3);
        OrderId later = sell(vault, 1);

        JsonNode worklist = worklist(vault, "OPEN");
        assertThat(worklist.path("items"))
                .extracting(item -> item.path("releaseId").asString())
                .containsExactly(order.value(), later.value());
        JsonNode work = worklist.path("items").get(0);
        assertThat(work.path("gtin").asString()).isEqualTo(GTIN);
        assertThat(texts(work.path("waiting"))).containsExactly(token(1), token(2), token(3));
        assertThat(work.path("proposal").toString())
                .isEqualTo(
                        "[{\"bin\":\"A-1\",\"boxes\":1},{\"bin\":\"A-2\",\"boxes\":1},{\"bin\":\"A-3\",\"boxes\":1}]");
        assertThat(worklist.path("items").get(1).path("proposal"))
                .as("older releases keep theirs")
                .isEmpty();

        assertThat(scan(order, second, first).status()).isEqualTo(204);
        assertThat(scan(order, third).status()).isEqualTo(204);

        JsonNode done = release(order);
        assertThat(done.path("state").asString()).isEqualTo("RELEASED");
        assertThat(done.path("waiting")).isEmpty();
        assertThat(done.path("released")).hasSize(3);
        assertThat(texts(worklist(vault, "OPEN").path("items"), "releaseId")).containsExactly(later.value());
        JsonNode stock =
                stock("boxCode=" + encoded(second.toString())).path("items").get(0);
        assertThat(stock.path("state").asString()).isEqualTo("RELEASED");
        assertThat(stock.path("tokenId").asString()).isEqualTo(token(1));
        assertThat(stock.path("scanner").asString())
                .isEqualTo(service.sales().dock(vault.site()).speaker().key().thumbprint());

        service.awaitPublished(
                CasesReleased.class,
                event -> event.orderId().equals(order) && event.cases().equals(List.of(served(3, third, "A-3"))));
        assertThat(service.published(CasesReleased.class)).anySatisfy(event -> {
            assertThat(event.cases()).isEqualTo(List.of(served(1, second, "A-2"), served(2, first, "A-1")));
            assertThat(event.sale()).isEqualTo(sold(order).at().told());
        });
        service.awaitLaw(state -> state.token(new TokenId(vault.id(), 3)).orElseThrow() instanceof TokenState.Sold sold
                && sold.released().orElseThrow().box().equals(third));
        assertThat(service.published(CaseShelved.class)).contains(new CaseShelved(first, vault.site(), "A-1"));
    }

    @Test
    void showsAReleaseThatIsOverdueUntilItIsServed() {
        BoxCode box = shelve(vault, "A-1");
        OrderId order = sell(vault, 1);

        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(release(order).path("overdue").asBoolean()).isTrue());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(overdue("releases")).isEqualTo(openReleases()));

        assertThat(scan(order, box).status()).isEqualTo(204);
        assertThat(release(order).path("overdue").asBoolean()).isFalse();
        assertThat(overdue("releases")).isEqualTo(openReleases());
    }

    static Stream<Arguments> refusedPosts() {
        return Stream.of(
                Arguments.of("BOX_UNKNOWN", 422),
                Arguments.of("BOX_AT_OTHER_SITE", 422),
                Arguments.of("BOX_DAMAGED", 409),
                Arguments.of("BOX_RELEASED", 409),
                Arguments.of("STATEMENT_VOID", 422));
    }

    @ParameterizedTest
    @MethodSource("refusedPosts")
    void refusesAPostWithOneWrongBoxAsAWhole(String reason, int status) {
        BoxCode sound = shelve(vault, "A-1");
        OrderId order = sell(vault, 2);
        BoxCode wrong = switch (reason) {
            case "BOX_UNKNOWN" -> newBox(GTIN);
            case "STATEMENT_VOID" -> shelve(openVault(vault.site(), OTHER_GTIN), "B-1");
            case "BOX_AT_OTHER_SITE" -> shelve(openVault(nextSite(), GTIN), "C-1");
            case "BOX_DAMAGED" -> damage(shelve(vault, "A-2"));
            case "BOX_RELEASED" -> {
                BoxCode used = shelve(vault, "A-2");
                OrderId given = sell(vault, 1);
                assertThat(scan(given, used).status()).isEqualTo(204);
                yield used;
            }
            default -> throw new IllegalArgumentException(reason);
        };
        long events = storedEvents();

        Answer refused = scan(order, sound, wrong);

        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused.status()).isEqualTo(status);
        assertThat(storedEvents()).isEqualTo(events);
        assertThat(release(order).path("waiting")).hasSize(2);
        assertThat(scan(order, sound).status()).as("the sound box is free").isEqualTo(204);
    }

    @Test
    void answersARepeatedPostWithoutReleasingAgain() {
        BoxCode box = shelve(vault, "A-1");
        OrderId order = sell(vault, 2);
        String key = Ids.next();
        Map<String, Object> body = words(releasing(order, box));

        Answer first = service.post(statements(order), body, SCANNER, key);
        long events = storedEvents();
        Answer second = service.post(statements(order), body, SCANNER, key);

        assertThat(first.status()).isEqualTo(204);
        assertThat(second.status()).isEqualTo(204);
        assertThat(storedEvents()).isEqualTo(events);
        assertThat(service.post(statements(order), body, SCANNER).reason()).isEqualTo("BOX_RELEASED");
        assertThat(storedEvents()).isEqualTo(events);
    }

    @Test
    void answersARepeatedRefusalTheSame() {
        BoxCode box = newBox(GTIN);
        OrderId order = sell(vault, 2);
        String path = statements(order);
        String key = Ids.next();
        Map<String, Object> body = words(releasing(order, shelve(vault, "A-1"), box));

        Answer refused = service.post(path, body, SCANNER, key);
        assertThat(refused.reason()).isEqualTo("BOX_UNKNOWN");
        assertThat(post(vault, "A-1", List.of(box)).status()).isEqualTo(201);

        assertThat(service.post(path, body, SCANNER, key).response().body())
                .isEqualTo(refused.response().body());
        assertThat(service.post(path, body, SCANNER).status()).isEqualTo(204);
    }

    @Test
    void givesNoBoxToTwoReleasesHoweverManyScannersPostItAtOnce() throws Exception {
        service.connections(16);
        List<BoxCode> boxes =
                IntStream.range(0, 4).mapToObj(i -> shelve(vault, "A-" + i)).toList();
        List<OrderId> orders =
                IntStream.range(0, 64).mapToObj(i -> saleOf(vault, 2)).toList();
        orders.forEach(this::awaitRelease);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Answer>> posts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < orders.size(); i++) {
                OrderId order = orders.get(i);
                BoxCode one = boxes.get(i % 4);
                BoxCode other = boxes.get((i + 1) % 4);
                Map<String, Object> body =
                        words(i % 8 < 4 ? releasing(order, other, one) : releasing(order, one, other));
                posts.add(threads.submit(() -> {
                    start.await();
                    return service.post(statements(order), body, SCANNER);
                }));
            }
            start.countDown();
        }

        // Two neighbours in a ring of four win, and then the two others: whoever shares one with them gets nothing.
        List<Answer> answers = new ArrayList<>();
        for (Future<Answer> post : posts) {
            answers.add(post.get());
        }
        Set<String> given = new HashSet<>();
        for (int i = 0; i < orders.size(); i++) {
            if (answers.get(i).status() == 204) {
                given.addAll(texts(release(orders.get(i)).path("released"), "boxCode"));
            }
        }
        assertThat(given)
                .containsExactlyInAnyOrderElementsOf(
                        boxes.stream().map(BoxCode::toString).toList());
        assertThat(answers)
                .filteredOn(answer -> answer.status() != 204)
                .hasSize(62)
                .extracting(Answer::reason)
                .containsOnly("BOX_RELEASED");
        assertThat(service.bean(JdbcClient.class)
                        .sql("select count(*) from release_token where release_id = any(?) and box_code is not null")
                        .param(orders.stream().map(OrderId::value).toArray(String[]::new))
                        .query(Long.class)
                        .single())
                .isEqualTo(4);
    }

    @Test
    void shelvesACaseOnceHoweverManyScannersPostItAtOnce() throws Exception {
        service.connections(16);
        shelve(vault, "A-1");
        BoxCode one = newBox(GTIN);
        BoxCode other = newBox(GTIN);
        List<Future<Answer>> posts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 64; i++) {
                List<BoxCode> boxes = i % 2 == 0 ? List.of(one, other) : List.of(other, one);
                posts.add(threads.submit(() -> post(vault, "B-1", boxes)));
            }
        }
        int shelved = 0;
        for (Future<Answer> post : posts) {
            if (post.get().status() == 201) {
                shelved++;
            } else {
                assertThat(post.get().reason()).isEqualTo("BOX_ALREADY_KNOWN");
            }
        }
        assertThat(shelved).isEqualTo(1);
    }

    @Test
    void shelvesNoProductThatIsNotKeptAtTheSite() {
        shelve(vault, "A-1");
        long events = storedEvents();
        Answer refused = post(vault, "A-1", List.of(newBox(GTIN), newBox(OTHER_GTIN)));
        assertThat(refused.reason()).isEqualTo("UNKNOWN_PRODUCT");
        assertThat(storedEvents()).isEqualTo(events);
    }

    @Test
    void shelvesNoneOfABatchThatHoldsAKnownBox() {
        BoxCode known = shelve(vault, "A-1");
        BoxCode fresh = newBox(GTIN);
        long events = storedEvents();
        assertThat(post(vault, "A-1", List.of(fresh, known)).reason()).isEqualTo("BOX_ALREADY_KNOWN");
        assertThat(storedEvents()).isEqualTo(events);
        assertThat(post(vault, "A-1", List.of(fresh)).status()).isEqualTo(201);
    }

    @Test
    void pagesThroughTheStockOfABin() {
        shelve(vault, "A-1");
        List<BoxCode> boxes = Stream.generate(() -> newBox(GTIN)).limit(120).toList();
        Answer shelved = post(vault, "B-1", boxes);
        assertThat(shelved.status()).isEqualTo(201);
        assertThat(shelved.response().headers().firstValue("Location"))
                .hasValue("/api/v1/stock?site=" + encoded(vault.site()) + "&bin=B-1");
        BoxCode damaged = damage(boxes.getFirst());

        String filter = "site=" + encoded(vault.site()) + "&bin=B-1&gtin=" + GTIN + "&state=SHELVED";
        JsonNode first = stock(filter);
        assertThat(first.path("items")).hasSize(100);
        JsonNode second = stock(filter + "&cursor=" + first.path("next").asString());
        assertThat(second.path("items")).hasSize(19);
        assertThat(second.path("next").isNull() || second.path("next").isMissingNode())
                .isTrue();
        assertThat(Stream.concat(
                        texts(first.path("items"), "boxCode").stream(),
                        texts(second.path("items"), "boxCode").stream()))
                .doesNotContain(damaged.toString())
                .doesNotHaveDuplicates()
                .hasSize(119);
        service.awaitPublished(CaseDamaged.class, event -> event.boxCode().equals(damaged));
    }

    @Test
    void refusesAReleaseOnlyWhenNoSoundBoxIsLeft() {
        BoxCode served = shelve(vault, "A-1");
        BoxCode broken = shelve(vault, "A-2");
        OrderId order = sell(vault, 3);
        assertThat(scan(order, served).status()).isEqualTo(204);

        assertThat(refuse(order, 2, 3).reason()).isEqualTo("STOCK_LEFT");
        damage(broken);
        assertThat(refuse(order, 2, 3).status()).isEqualTo(204);

        assertThat(release(order).path("state").asString()).isEqualTo("REFUSED");
        assertThat(release(order).path("waiting")).isEmpty();
        CaseStated told = service.awaitPublished(
                CaseStated.class, event -> event.releaseId().equals(sold(order).release()));
        assertThat(told.statements()).hasSize(2);
        assertThat(refuse(order, 2).reason()).isEqualTo("RELEASE_FINISHED");
        BoxCode late = shelve(vault, "A-3");
        assertThat(service.post(statements(order), words(releasing(order, Map.of(token(2), late))), SCANNER)
                        .reason())
                .isEqualTo("RELEASE_FINISHED");
    }

    /** The dock alone, or with another party's word beside it, refuses nothing. */
    @Test
    void refusesNothingOnTheDocksWordAlone() {
        OrderId order = sell(vault, 1);
        String sale = sold(order).at().leaf().hex();
        List<String> first = List.of(token(1));
        String docks = service.sales().dock(vault.site()).refusal(sale, first);
        long events = storedEvents();
        for (String party : List.of(
                service.sales().dock(vault.site()).refusal(sale, first),
                service.platform().carrier().terminalWithdrawal("a".repeat(43)),
                "x")) {
            assertThat(service.post(statements(order), Map.of("statements", List.of(docks, party)), SCANNER)
                            .reason())
                    .isEqualTo("STATEMENT_VOID");
        }
        for (List<String> words : List.of(List.of(docks), List.<String>of(), List.of(docks, docks, docks))) {
            assertThat(service.post(statements(order), Map.of("statements", words), SCANNER)
                            .reason())
                    .isEqualTo("STATEMENT_OUT_OF_PLACE");
        }
        assertThat(service.post(statements(order), words("x"), SCANNER).reason())
                .isEqualTo("STATEMENT_MALFORMED");
        assertThat(storedEvents()).isEqualTo(events);
    }

    @Test
    void releasesNothingByAnotherSitesDockOrForAnotherSale() {
        BoxCode box = shelve(vault, "A-1");
        OrderId order = sell(vault, 1);
        OrderId other = sell(vault, 1);
        Map<String, String> said = Map.of(token(1), box.toString());
        String sale = sold(order).at().leaf().hex();
        long events = storedEvents();
        assertThat(service.post(
                                statements(order),
                                words(service.sales().dock(nextSite()).release(sale, said)),
                                SCANNER)
                        .reason())
                .isEqualTo("STATEMENT_VOID");
        assertThat(service.post(
                                statements(order),
                                words(service.platform().dock("never enrolled").release(sale, said)),
                                SCANNER)
                        .reason())
                .isEqualTo("STATEMENT_VOID");
        assertThat(service.post(statements(other), words(releasing(order, box)), SCANNER)
                        .reason())
                .isEqualTo("STATEMENT_OUT_OF_PLACE");
        assertThat(storedEvents()).isEqualTo(events);
    }

    @Test
    void cancelsAReleaseThatHasNotBegunAndWaitsForTheDocksWord() {
        BoxCode box = shelve(vault, "A-1");
        OrderId order = sell(vault, 2);
        assertThat(keep(order, 1).reason()).isEqualTo("RELEASE_NOT_CANCELLED");
        cancel(order);
        service.awaitPublished(ReleaseCancelled.class, event -> event.orderId().equals(order));
        assertThat(scan(order, box).reason()).isEqualTo("RELEASE_CANCELLED");
        JsonNode asked = worklist(vault, "CANCELLED").path("items").get(0);
        assertThat(asked.path("sale").asString())
                .isEqualTo(sold(order).at().leaf().hex());
        assertThat(texts(asked.path("waiting"))).containsExactly(token(1), token(2));
        assertThat(asked.path("proposal")).isEmpty();

        assertThat(keep(order, 1).status()).isEqualTo(204);
        assertThat(texts(release(order).path("waiting"))).containsExactly(token(2));
        assertThat(keep(order, 2).status()).isEqualTo(204);
        assertThat(release(order).path("waiting")).isEmpty();
        assertThat(service.published(CaseStated.class))
                .filteredOn(event -> event.releaseId().equals(sold(order).release()))
                .hasSize(2);
    }

    @Test
    void refusesToCancelAReleaseThatHasBegun() {
        BoxCode box = shelve(vault, "A-1");
        OrderId order = sell(vault, 2);
        assertThat(scan(order, box).status()).isEqualTo(204);
        cancel(order);
        service.awaitPublished(
                ReleaseCancellationRefused.class, event -> event.orderId().equals(order));
        assertThat(release(order).path("state").asString()).isEqualTo("OPEN");
    }

    /** The ledger has the sale first, and this service hears of the cancellation first: the sale waits for its vault. */
    @Test
    void cancelsAtOnceWhatTheBuyerCancelledBeforeTheSaleWasKnown() {
        Vault late = Vault.at(nextSite(), GTIN);
        service.sales().tell(created(late), late.plan());
        OrderId order = saleOf(late, 1);
        cancel(order);
        cancel(order);
        awaitEarlyCancellation(order, true);

        service.publish(opened(late), late.plan());

        service.awaitPublished(ReleaseCancelled.class, event -> event.orderId().equals(order));
        assertThat(service.published(ReleaseRequested.class))
                .anyMatch(event -> event.orderId().equals(order));
        awaitEarlyCancellation(order, false);
    }

    @Test
    void forgetsACancellationWhenItsOrderEndsUnpaid() {
        List<OrderId> orders = Stream.generate(() -> service.order(vault.offer(), LI, 1))
                .limit(3)
                .toList();
        orders.forEach(WarehouseServiceIT::cancel);
        orders.forEach(order -> awaitEarlyCancellation(order, true));

        OrderId closed = orders.get(0);
        service.publish(
                new PaymentClosed(new PaymentId(closed.value()), closed, ClosingReason.ORDER_CANCELLED), closed);
        OrderId cancelled = orders.get(1);
        service.publish(new OrderEnded(cancelled, vault.plan(), vault.id(), EndReason.BUYER), cancelled);
        OrderId declined = orders.get(2);
        service.publish(new OrderDeclined(declined, "li", RefusalReason.SOLD_OUT), declined);

        orders.forEach(order -> awaitEarlyCancellation(order, false));
    }

    @Test
    void waitsForThePlanThatTheSaleOvertook() {
        Vault late = Vault.at(nextSite(), GTIN);
        service.sales().tell(created(late), late.plan());
        OrderId order = saleOf(late, 1);
        OrderId other = sell(vault, 1);
        assertThat(release(other).path("state").asString()).isEqualTo("OPEN");
        assertThat(service.get("/api/v1/releases/" + order, SCANNER).reason()).isEqualTo("RELEASE_UNKNOWN");

        service.publish(opened(late), late.plan());

        assertThat(awaitRelease(order).path("site").asString()).isEqualTo(late.site());
    }

    @Test
    void takesASaleThatComesTwiceOnce() {
        TokensSold sold = sale(vault);
        CloudEvent sale = service.platform().signed(sold, vault.id().value());
        service.publish(sale);
        service.publish(sale);
        awaitTaken(service.publish(sold, vault.id()));

        assertThat(service.bean(EventStorageEngine.class)
                        .readEvents(sold.orderId().value())
                        .asStream())
                .hasSize(1);
    }

    @Test
    void takesNoSaleThatIsForgedAlteredOrSignedWithAnExpiredKey() {
        TokensSold forged = sale(vault);
        TokensSold altered = sale(vault);
        TokensSold expired = sale(vault);
        long quarantined = service.quarantined();
        service.publish(service.platform()
                .signed(forged, vault.id().value(), service.platform().signer("order"), Instant.now()));
        service.publish(CloudEventBuilder.from(
                        service.platform().signed(altered, vault.id().value()))
                .withData(EventJson.write(expired))
                .build());
        service.publish(service.platform()
                .signed(expired, vault.id().value(), service.platform().expiredSigner("token"), Instant.now()));

        // Both partitions go on.
        IntStream.range(0, 8).forEach(i -> sell(vault, 1));
        for (OrderId order : List.of(forged.orderId(), altered.orderId(), expired.orderId())) {
            assertThat(service.get("/api/v1/releases/" + order, SCANNER).reason())
                    .isEqualTo("RELEASE_UNKNOWN");
        }
        awaitQuarantined(quarantined + 3);
    }

    @Test
    void shipsWhatADeliveryRequestsAndTakesBackWhatWasNotDelivered() {
        StoredCase first = inCustody();
        StoredCase second = inCustody();
        PickupId pickup = deliver(first, second);
        JsonNode work = shipments("WAITING").path("items");
        assertThat(texts(work, "pickupId")).containsExactly(pickup.value());
        assertThat(texts(work.get(0).path("cases"), "bin")).containsExactly("A-1", "A-1");

        assertThat(ship(pickup, second.boxCode(), first.boxCode()).status()).isEqualTo(200);
        service.awaitPublished(
                CasesShipped.class,
                event -> event.equals(
                        new CasesShipped(pickup, "courier", List.of(delivered(second), delivered(first)))));
        assertThat(ship(pickup, first.boxCode()).reason()).isEqualTo("BOX_SHIPPED");
        assertThat(shipments("WAITING").path("items")).isEmpty();
        assertThat(stockState(first.boxCode())).isEqualTo("SHIPPED");

        service.publish(new ReturnRequested(pickup, List.of(delivered(first)), FailureReason.NOBODY_HOME), pickup);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(texts(shipments("EXPECTED").path("items"), "pickupId"))
                        .containsExactly(pickup.value()));
        assertThat(takeBack(pickup, "R-1", first.boxCode()).status()).isEqualTo(200);
        service.awaitPublished(
                CasesReturned.class,
                event -> event.equals(new CasesReturned(pickup, vault.site(), "R-1", List.of(delivered(first)))));
        assertThat(takeBack(pickup, "R-1", first.boxCode()).reason()).isEqualTo("BOX_NOT_SHIPPED");
        assertThat(stockState(first.boxCode())).isEqualTo("IN_CUSTODY");
        assertThat(scan(sell(vault, 1), first.boxCode()).reason())
                .as("it stands for its token alone")
                .isEqualTo("BOX_RELEASED");

        PickupId next = deliver(new StoredCase(first.tokenId(), first.boxCode(), vault.site(), "R-1"));
        assertThat(ship(next, first.boxCode()).status()).isEqualTo(200);
        assertThat(takeBack(pickup, "R-1", first.boxCode()).reason()).isEqualTo("BOX_NOT_SHIPPED");
    }

    @Test
    void refusesAShipmentWithOneWrongBoxAsAWhole() {
        StoredCase good = inCustody();
        StoredCase others = inCustody();
        PickupId pickup = deliver(good);
        BoxCode unsold = shelve(vault, "A-2");
        Vault elsewhere = openVault(nextSite(), GTIN);
        StoredCase moved = new StoredCase(others.tokenId(), others.boxCode(), elsewhere.site(), "A-1");
        PickupId wrongSite = deliver(good, moved);
        long events = storedEvents();

        assertThat(ship(pickup, good.boxCode(), others.boxCode()).reason()).isEqualTo("BOX_NOT_IN_PICKUP");
        assertThat(ship(pickup, good.boxCode(), unsold).reason()).isEqualTo("BOX_NOT_RELEASED");
        assertThat(ship(pickup, good.boxCode(), newBox(GTIN)).reason()).isEqualTo("BOX_UNKNOWN");
        assertThat(ship(pickup, good.boxCode(), good.boxCode()).reason()).isEqualTo("BOX_REPEATED");
        assertThat(ship(wrongSite, good.boxCode(), others.boxCode()).reason()).isEqualTo("BOX_AT_OTHER_SITE");
        assertThat(ship(new PickupId(Ids.next()), good.boxCode()).reason()).isEqualTo("SHIPMENT_UNKNOWN");
        assertThat(takeBack(pickup, "R-1", good.boxCode()).reason()).isEqualTo("BOX_NOT_SHIPPED");
        assertThat(storedEvents()).isEqualTo(events);
        assertThat(ship(pickup, good.boxCode()).status()).as("the box is free").isEqualTo(200);
    }

    @Test
    void shipsOnlyWhatTokenServiceKeepsLockedForThePickupInWhicheverOrderItIsHeard() {
        StoredCase stored = inCustody();
        PickupId pickup = new PickupId(Ids.next());
        request(pickup, stored);
        awaitTaken(lock(new PickupId(Ids.next()), stored));
        assertThat(ship(pickup, stored.boxCode()).reason()).isEqualTo("TOKEN_NOT_LOCKED");

        awaitTaken(lock(pickup, stored));
        awaitTaken(service.publish(new TokenUnlocked(stored.tokenId(), "li", pickup), stored.tokenId()));
        long events = storedEvents();
        assertThat(ship(pickup, stored.boxCode()).reason()).isEqualTo("TOKEN_NOT_LOCKED");
        assertThat(storedEvents()).isEqualTo(events);

        PickupId next = new PickupId(Ids.next());
        awaitTaken(lock(next, stored));
        assertThat(ship(next, stored.boxCode()).reason()).isEqualTo("SHIPMENT_UNKNOWN");
        request(next, stored);
        assertThat(ship(next, stored.boxCode()).status()).isEqualTo(200);
    }

    @Test
    void givesNothingToADeliveryServiceThatLies() {
        StoredCase locked = inCustody();
        StoredCase wanted = inCustody();
        PickupId forged = new PickupId(Ids.next());
        TokenLocked lock = new TokenLocked(wanted.tokenId(), "li", forged, HASHLOCK);
        long quarantined = service.quarantined();
        service.publish(service.platform()
                .signed(lock, wanted.tokenId().toString(), service.platform().signer("delivery"), Instant.now()));
        awaitQuarantined(quarantined + 1);
        request(forged, wanted);
        assertThat(ship(forged, wanted.boxCode()).reason()).isEqualTo("TOKEN_NOT_LOCKED");

        PickupId swapped = new PickupId(Ids.next());
        awaitTaken(lock(swapped, locked));
        service.publish(
                requested(swapped, new StoredCase(locked.tokenId(), wanted.boxCode(), vault.site(), "A-1")), swapped);
        awaitParked(swapped);
        assertThat(ship(swapped, wanted.boxCode()).reason()).isEqualTo("SHIPMENT_UNKNOWN");
    }

    @Test
    void keepsBackWhatHasNotLeftWhenThePickupIsToBeCancelled() {
        StoredCase gone = inCustody();
        StoredCase kept = inCustody();
        PickupId pickup = deliver(gone, kept);
        assertThat(ship(pickup, gone.boxCode()).status()).isEqualTo(200);

        awaitTaken(cancel(pickup, gone, kept));

        assertThat(ship(pickup, kept.boxCode()).reason()).isEqualTo("SHIPMENT_CANCELLED");
        assertThat(texts(shipments("CANCELLED").path("items"), "pickupId")).containsExactly(pickup.value());
        assertThat(shipments("WAITING").path("items")).isEmpty();
        service.awaitPublished(
                ShipmentCancellationRefused.class,
                event -> event.equals(new ShipmentCancellationRefused(pickup, List.of(gone.tokenId()))));
        assertThat(service.published(ShipmentCancelled.class))
                .contains(new ShipmentCancelled(pickup, List.of(kept.tokenId())));
        assertThat(stockState(kept.boxCode())).as("it goes on in custody").isEqualTo("RELEASED");
        assertThat(ship(deliver(kept), kept.boxCode()).status()).isEqualTo(200);
    }

    @Test
    void shipsOrKeepsBackEachCaseHoweverScansAndCancellationsMeet() throws Exception {
        service.connections(16);
        List<StoredCase> cases = inCustody(16);
        PickupId pickup = deliver(cases.toArray(StoredCase[]::new));
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Answer>> scans = new ArrayList<>();
        List<Future<CloudEvent>> cancellations = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 32; i++) {
                StoredCase one = cases.get(i % 16);
                scans.add(threads.submit(() -> {
                    start.await();
                    return ship(pickup, one.boxCode());
                }));
                cancellations.add(threads.submit(() -> {
                    start.await();
                    return cancel(pickup, one);
                }));
            }
            start.countDown();
        }
        for (Future<CloudEvent> cancellation : cancellations) {
            awaitTaken(cancellation.get());
        }

        Set<TokenId> shipped = new HashSet<>();
        for (int i = 0; i < 32; i++) {
            Answer answer = scans.get(i).get();
            if (answer.status() == 200) {
                assertThat(shipped.add(cases.get(i % 16).tokenId())).isTrue();
            } else {
                assertThat(answer.reason()).isIn("BOX_SHIPPED", "SHIPMENT_CANCELLED");
            }
        }
        Set<TokenId> kept =
                new HashSet<>(cases.stream().map(StoredCase::tokenId).toList());
        kept.removeAll(shipped);
        await().atMost(PATIENCE).untilAsserted(() -> {
            List<TokenId> cancelled = service.published(ShipmentCancelled.class).stream()
                    .filter(event -> event.pickupId().equals(pickup))
                    .flatMap(event -> event.tokens().stream())
                    .toList();
            List<TokenId> refused = service.published(ShipmentCancellationRefused.class).stream()
                    .filter(event -> event.pickupId().equals(pickup))
                    .flatMap(event -> event.tokens().stream())
                    .toList();
            assertThat(cancelled.size() + refused.size())
                    .as("two answers for each")
                    .isEqualTo(32);
            assertThat(Set.copyOf(cancelled)).isEqualTo(kept);
            assertThat(Set.copyOf(refused)).isEqualTo(shipped);
        });
        JsonNode shown =
                service.get("/api/v1/shipments/" + pickup, SCANNER).json().path("cases");
        assertThat(shown)
                .allSatisfy(each -> assertThat(each.path("state").asString())
                        .isEqualTo(
                                shipped.contains(TokenId.parse(
                                                each.path("tokenId").asString()))
                                        ? "SHIPPED"
                                        : "CANCELLED"));
    }

    @Test
    void shipsNoCaseThatWasDamagedInCustody() {
        StoredCase stored = inCustody();
        PickupId pickup = deliver(stored);
        damage(stored.boxCode());

        service.awaitPublished(
                CaseDamaged.class,
                event -> event.equals(new CaseDamaged(stored.boxCode(), vault.site(), "A-1", "瓶身破裂")));
        JsonNode shown = stock("boxCode=" + encoded(stored.boxCode().toString()))
                .path("items")
                .get(0);
        assertThat(shown.path("state").asString()).isEqualTo("DAMAGED");
        assertThat(shown.path("tokenId").asString()).isEqualTo(stored.tokenId().toString());
        assertThat(ship(pickup, stored.boxCode()).reason()).isEqualTo("BOX_DAMAGED");
        cancel(pickup, stored);
        service.awaitPublished(
                ShipmentCancelled.class, event -> event.pickupId().equals(pickup));
    }

    @Test
    void reportsDamageOfACaseThatIsOutOnlyOnceItIsBack() {
        StoredCase stored = inCustody();
        PickupId pickup = deliver(stored);
        assertThat(ship(pickup, stored.boxCode()).status()).isEqualTo(200);

        assertThat(reportDamage(stored.boxCode()).reason()).isEqualTo("BOX_SHIPPED");
        assertThat(takeBack(pickup, "R-1", stored.boxCode()).status()).isEqualTo(200);
        damage(stored.boxCode());

        service.awaitPublished(
                CaseDamaged.class,
                event -> event.equals(new CaseDamaged(stored.boxCode(), vault.site(), "R-1", "瓶身破裂")));
    }

    @Test
    void showsAShipmentThatIsOverdueUntilItLeaves() {
        StoredCase stored = inCustody();
        PickupId pickup = deliver(stored);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(isOverdue(pickup)).isTrue());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(overdue("shipments")).isEqualTo(waitingShipments()));

        assertThat(ship(pickup, stored.boxCode()).status()).isEqualTo(200);
        assertThat(isOverdue(pickup)).isFalse();
        assertThat(overdue("shipments")).isEqualTo(waitingShipments());
    }

    private StoredCase inCustody() {
        return inCustody(1).getFirst();
    }

    private List<StoredCase> inCustody(int cases) {
        List<BoxCode> boxes = Stream.generate(() -> newBox(GTIN)).limit(cases).toList();
        assertThat(post(vault, "A-1", boxes).status()).isEqualTo(201);
        OrderId order = sell(vault, cases);
        assertThat(scan(order, boxes.toArray(BoxCode[]::new)).status()).isEqualTo(204);
        List<TokenId> tokens = sold(order).sold().tokens();
        return IntStream.range(0, cases)
                .mapToObj(i -> new StoredCase(tokens.get(i), boxes.get(i), vault.site(), "A-1"))
                .toList();
    }

    private static PickupId deliver(StoredCase... cases) {
        PickupId pickup = new PickupId(Ids.next());
        Arrays.stream(cases).map(stored -> lock(pickup, stored)).toList().forEach(WarehouseServiceIT::awaitTaken);
        request(pickup, cases);
        return pickup;
    }

    private static CloudEvent lock(PickupId pickup, StoredCase stored) {
        return service.publish(new TokenLocked(stored.tokenId(), "li", pickup, HASHLOCK), stored.tokenId());
    }

    private static void request(PickupId pickup, StoredCase... cases) {
        awaitTaken(service.publish(requested(pickup, cases), pickup));
    }

    private static DeliveryRequested requested(PickupId pickup, StoredCase... cases) {
        return new DeliveryRequested(pickup, "li", "顺丰", List.of(cases), Instant.parse("2099-01-01T00:00:00Z"));
    }

    private static CloudEvent cancel(PickupId pickup, StoredCase... cases) {
        return service.publish(
                new PickupCancellationRequested(
                        pickup, Arrays.stream(cases).map(StoredCase::tokenId).toList(), PickupEndReason.OWNER),
                pickup);
    }

    private static boolean isOverdue(PickupId pickup) {
        return service.get("/api/v1/shipments/" + pickup, SCANNER)
                .json()
                .path("overdue")
                .asBoolean();
    }

    private static DeliveredCase delivered(StoredCase stored) {
        return new DeliveredCase(stored.tokenId(), stored.boxCode());
    }

    private static Answer ship(PickupId pickup, BoxCode... boxes) {
        Map<String, Object> body =
                new HashMap<>(scans(Arrays.stream(boxes).map(BoxCode::toString).toArray(String[]::new)));
        body.put("courier", "courier");
        return service.post("/api/v1/shipments/" + pickup + "/scans", body, SCANNER);
    }

    private Answer takeBack(PickupId pickup, String bin, BoxCode... boxes) {
        return service.post(
                "/api/v1/shipments/" + pickup + "/returns",
                Map.of(
                        "site", vault.site(),
                        "bin", bin,
                        "boxCodes", Arrays.stream(boxes).map(BoxCode::toString).toList()),
                SCANNER);
    }

    private JsonNode shipments(String state) {
        return service.get("/api/v1/shipments?site=" + encoded(vault.site()) + "&state=" + state, SCANNER)
                .json();
    }

    private static String stockState(BoxCode box) {
        return stock("boxCode=" + encoded(box.toString()))
                .path("items")
                .get(0)
                .path("state")
                .asString();
    }

    static Stream<Arguments> badRequests() {
        String id = Ids.next();
        String statements = "/api/v1/releases/" + id + "/statements";
        String now = Instant.now().toString();
        String box = "https://id.gs1.org/01/" + GTIN + "/21/X";
        return Stream.of(
                Arguments.of("/api/v1/stock", "{", "MALFORMED_BODY"),
                Arguments.of("/api/v1/stock", "{\"site\":\"s\",\"bin\":\"b\"}", "MALFORMED_BODY"),
                Arguments.of("/api/v1/stock", "{\"site\":\"\",\"bin\":\"b\",\"boxCodes\":[\"x\"]}", "MALFORMED_BODY"),
                Arguments.of(
                        "/api/v1/stock", "{\"site\":\"s\",\"bin\":\"\\u0000\",\"boxCodes\":[\"x\"]}", "MALFORMED_BODY"),
                Arguments.of("/api/v1/stock", "{\"site\":\"s\",\"bin\":\"b\",\"boxCodes\":[null]}", "MALFORMED_BODY"),
                Arguments.of("/api/v1/stock", "{\"site\":\"s\",\"bin\":\"b\",\"boxCodes\":[]}", "BOX_COUNT_INVALID"),
                Arguments.of(
                        "/api/v1/stock", "{\"site\":\"s\",\"bin\":\"b\",\"boxCodes\":[\"\\u0000\"]}", "MALFORMED_BODY"),
                Arguments.of(
                        "/api/v1/stock",
                        "{\"site\":\"s\",\"bin\":\"b\",\"boxCodes\":[\"" + box + "\"],\"more\":1}",
                        "MALFORMED_BODY"),
                Arguments.of("/api/v1/stock/damage", "{\"boxCode\":\"x\",\"description\":\"d\"}", "BOX_CODE_MALFORMED"),
                Arguments.of(
                        "/api/v1/stock/damage", "{\"boxCode\":\"" + box + "\",\"description\":\"d\"}", "BOX_UNKNOWN"),
                Arguments.of(
                        "/api/v1/releases/not-an-id/statements", "{\"statements\":[\"x\"]}", "MALFORMED_PARAMETER"),
                Arguments.of(statements, "{\"statements\":\"x\"}", "MALFORMED_BODY"),
                Arguments.of(statements, "{\"statements\":[null]}", "MALFORMED_BODY"),
                Arguments.of(statements, "{\"statements\":[\"x\"],\"more\":1}", "MALFORMED_BODY"),
                Arguments.of(statements, "{\"statements\":[\"x\"]}", "RELEASE_UNKNOWN"),
                Arguments.of(
                        "/api/v1/shipments/" + id + "/scans",
                        "{\"boxCodes\":[\"x\"],\"scanner\":\"s\",\"scannedAt\":\"" + now + "\"}",
                        "MALFORMED_BODY"),
                Arguments.of(
                        "/api/v1/shipments/" + id + "/scans",
                        "{\"boxCodes\":[\"x\"],\"courier\":\"c\",\"scanner\":\"s\",\"scannedAt\":\"2999-01-01T00:00:00Z\"}",
                        "SCAN_TIME_IMPLAUSIBLE"),
                Arguments.of(
                        "/api/v1/shipments/" + id + "/returns",
                        "{\"site\":\"s\",\"bin\":\"b\",\"boxCodes\":[\"" + box + "\"]}",
                        "UNKNOWN_PRODUCT"));
    }

    @ParameterizedTest
    @MethodSource("badRequests")
    void changesNothingOnABadRequest(String path, String body, String reason) {
        long events = storedEvents();
        assertThat(service.post(path, body, SCANNER).reason()).isEqualTo(reason);
        assertThat(storedEvents()).isEqualTo(events);
    }

    @Test
    void scansNothingIntoAReleaseThatIsUnknown() {
        BoxCode box = shelve(vault, "A-1");
        OrderId order = sell(vault, 1);
        assertThat(service.post(statements(new OrderId(Ids.next())), words(releasing(order, box)), SCANNER)
                        .reason())
                .isEqualTo("RELEASE_UNKNOWN");
        assertThat(stock("boxCode=" + encoded(box.toString()) + "&state=SHELVED")
                        .path("items"))
                .hasSize(1);
    }

    @Test
    void refusesListsWithParametersThatCannotBeRead() {
        assertThat(service.get("/api/v1/stock?cursor=x", SCANNER).reason()).isEqualTo("MALFORMED_CURSOR");
        assertThat(service.get("/api/v1/stock?state=LOST", SCANNER).reason()).isEqualTo("MALFORMED_PARAMETER");
        assertThat(service.get("/api/v1/stock?boxCode=1", SCANNER).reason()).isEqualTo("MALFORMED_PARAMETER");
        assertThat(service.get("/api/v1/stock?bin=%00", SCANNER).status()).isEqualTo(400);
        assertThat(service.get("/api/v1/releases?cursor=x", SCANNER).reason()).isEqualTo("MALFORMED_CURSOR");
        assertThat(service.get("/api/v1/releases?state=LOST", SCANNER).reason()).isEqualTo("MALFORMED_PARAMETER");
        assertThat(service.get("/api/v1/shipments?state=LOST", SCANNER).reason())
                .isEqualTo("MALFORMED_PARAMETER");
        assertThat(service.get("/api/v1/releases/1", SCANNER).reason()).isEqualTo("MALFORMED_PARAMETER");
    }

    @Test
    void letsNobodyButTheWarehouseIn() {
        for (String path :
                List.of("/api/v1/stock", "/api/v1/releases", "/api/v1/releases/" + Ids.next(), "/api/v1/shipments")) {
            assertThat(service.get(path, null).reason()).isEqualTo("UNAUTHENTICATED");
            assertThat(service.get(path, "li").reason()).isEqualTo("FORBIDDEN");
        }
        OrderId order = new OrderId(Ids.next());
        for (String path :
                List.of("/api/v1/stock", "/api/v1/stock/damage", "/api/v1/releases/" + order + "/statements")) {
            assertThat(service.post(path, "{}", null).reason()).isEqualTo("UNAUTHENTICATED");
        }
        assertThat(service.post(statements(order), words("x"), "li").reason()).isEqualTo("FORBIDDEN");
    }

    @Test
    void keepsViewsThatEqualAReplayFromZero() {
        BoxCode box = shelve(vault, "A-1");
        damage(shelve(vault, "A-2"));
        OrderId order = sell(vault, 2);
        assertThat(scan(order, box).status()).isEqualTo(204);
        assertThat(refuse(order, 2).status()).isEqualTo(204);
        OrderId kept = sell(vault, 1);
        cancel(kept);
        service.awaitPublished(ReleaseCancelled.class, event -> event.orderId().equals(kept));
        assertThat(keep(kept, 3).status()).isEqualTo(204);
        List<StoredCase> stored = inCustody(5);
        PickupId pickup = deliver(stored.toArray(StoredCase[]::new));
        BoxCode delivered = stored.get(0).boxCode();
        BoxCode expected = stored.get(1).boxCode();
        BoxCode returned = stored.get(2).boxCode();
        assertThat(ship(pickup, delivered, expected, returned).status()).isEqualTo(200);
        assertThat(takeBack(pickup, "R-1", returned).status()).isEqualTo(200);
        damage(returned);
        awaitTaken(cancel(pickup, stored.get(3)));
        awaitTaken(service.publish(
                new ReturnRequested(pickup, List.of(delivered(stored.get(1))), FailureReason.NOBODY_HOME), pickup));
        List<List<Map<String, @Nullable Object>>> before = views();

        service.bean(JdbcClient.class)
                .sql("truncate stock_case, release_order, release_token, shipment, shipment_case")
                .update();
        List<AnnotationEventHandlerAdapter> views = List.of(
                new AnnotationEventHandlerAdapter(service.bean(StockViews.class)),
                new AnnotationEventHandlerAdapter(service.bean(ReleaseViews.class)),
                new AnnotationEventHandlerAdapter(service.bean(ShipmentViews.class)));
        try (Stream<? extends EventMessage<?>> events =
                service.bean(EventStorageEngine.class).readEvents(null, false)) {
            events.forEach(event -> views.forEach(view -> replay(view, event)));
        }

        List<List<Map<String, @Nullable Object>>> replayed = views();
        for (int view = 0; view < before.size(); view++) {
            assertThat(replayed.get(view)).isNotEmpty().containsExactlyElementsOf(before.get(view));
        }
    }

    private static void replay(AnnotationEventHandlerAdapter view, EventMessage<?> event) {
        try {
            view.handle(event);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static List<List<Map<String, @Nullable Object>>> views() {
        return Stream.of(
                        """
                        select box_code, gtin, site, bin, state, shelved_at, damage, release_id, token_id, scanner,
                            scanned_at, pickup_id
                        from stock_case order by box_code""",
                        """
                        select release_id, order_id, vault_id, site, gtin, sale, sale_index, state, waiting, requested_at
                        from release_order order by release_id""",
                        "select * from release_token order by release_id, place",
                        """
                        select pickup_id, carrier, requested_at, accept_by from shipment order by pickup_id""",
                        "select * from shipment_case order by pickup_id, place")
                .map(sql -> service.bean(JdbcClient.class).sql(sql).query().listOfRows())
                .toList();
    }

    /**
     * @param offer as the winery signed it
     * @param sold serials so far, for each is sold once
     */
    private record Vault(PlanId plan, VaultId id, String site, String gtin, String offer, AtomicInteger sold) {

        static Vault at(String site, String gtin) {
            String offer = service.platform()
                    .winery()
                    .offer(new Winery.Offer(
                            "sku",
                            gtin,
                            1000,
                            100,
                            12,
                            Instant.parse("2026-01-01T00:00:00Z"),
                            Instant.parse("2099-01-01T00:00:00Z"),
                            site,
                            TestPlatform.APPID,
                            TestPlatform.PAYEE,
                            "ab".repeat(32),
                            30,
                            Duration.ofMinutes(30)));
            StatementId id = StatementId.of(offer);
            return new Vault(
                    new PlanId(id.planId()), new VaultId(id.vaultId()), site, gtin, offer, new AtomicInteger());
        }

        long[] serials(int cases) {
            int first = sold.getAndAdd(cases) + 1;
            return LongStream.range(first, first + cases).toArray();
        }
    }

    private static String nextSite() {
        return TestPlatform.SITES.get(sites.getAndIncrement());
    }

    private static Vault openVault(String site, String gtin) {
        Vault vault = Vault.at(site, gtin);
        service.publish(created(vault), vault.plan());
        service.publish(opened(vault), vault.id());
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> service.bean(Vaults.class).find(vault.id()).isPresent());
        return vault;
    }

    private static SalesPlanCreated created(Vault vault) {
        return new SalesPlanCreated(vault.plan(), vault.id(), Map.of("zh-CN", "白酒"), vault.offer());
    }

    private static VaultOpened opened(Vault vault) {
        return new VaultOpened(vault.id(), vault.plan(), vault.site(), "V-1");
    }

    private static BoxCode newBox(String gtin) {
        return new BoxCode(gtin, "N%06d".formatted(numbers.incrementAndGet()));
    }

    private static BoxCode shelve(Vault vault, String bin) {
        BoxCode box = newBox(vault.gtin());
        assertThat(post(vault, bin, List.of(box)).status()).isEqualTo(201);
        return box;
    }

    private static Answer post(Vault vault, String bin, List<BoxCode> boxes) {
        return service.post(
                "/api/v1/stock",
                Map.of(
                        "site", vault.site(),
                        "bin", bin,
                        "boxCodes", boxes.stream().map(BoxCode::toString).toList()),
                SCANNER);
    }

    private static BoxCode damage(BoxCode box) {
        assertThat(reportDamage(box).status()).isEqualTo(204);
        return box;
    }

    private static Answer reportDamage(BoxCode box) {
        return service.post("/api/v1/stock/damage", Map.of("boxCode", box.toString(), "description", "瓶身破裂"), SCANNER);
    }

    private OrderId sell(Vault vault, int cases) {
        OrderId order = saleOf(vault, cases);
        awaitRelease(order);
        return order;
    }

    private static OrderId saleOf(Vault vault, int cases) {
        Sold sold = service.sales().sell(Statements.read(vault.offer(), Act.Offer.class), LI, vault.serials(cases));
        SOLD.put(sold.order(), new Sale(sold, vault));
        return sold.order();
    }

    /** Not told yet, and paid for. */
    private static TokensSold sale(Vault vault) {
        Statement<Act.Offer> offer = Statements.read(vault.offer(), Act.Offer.class);
        TestSales.Placed placed = service.sales().order(offer, LI, 1);
        return service.sales().sale(offer, placed, service.sales().pay(placed.intent()), vault.serials(1));
    }

    private record Sale(Sold sold, Vault vault) {

        ReleaseId release() {
            return new ReleaseId(sold.order().value());
        }

        Cite at() {
            return sold.at();
        }
    }

    private static Sale sold(OrderId order) {
        return Objects.requireNonNull(SOLD.get(order));
    }

    private static CloudEvent cancel(OrderId order) {
        String statement = TestPlatform.deviceOf(LI).speaking().orderCancellation(order.value());
        return service.publish(new OrderCancelled(order, statement), order);
    }

    private JsonNode awaitRelease(OrderId order) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> service.get("/api/v1/releases/" + order, SCANNER).status() == 200);
        return release(order);
    }

    private static JsonNode release(OrderId order) {
        Answer answer = service.get("/api/v1/releases/" + order, SCANNER);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    private static JsonNode worklist(Vault vault, String state) {
        return service.get("/api/v1/releases?site=" + encoded(vault.site()) + "&state=" + state, SCANNER)
                .json();
    }

    private static JsonNode stock(String filter) {
        return service.get("/api/v1/stock?" + filter, SCANNER).json();
    }

    /** The boxes are for those tokens that wait, in their order. */
    private static Answer scan(OrderId order, BoxCode... boxes) {
        return service.post(statements(order), words(releasing(order, boxes)), SCANNER);
    }

    private static String statements(OrderId order) {
        return "/api/v1/releases/" + order + "/statements";
    }

    private static Map<String, Object> words(String statement) {
        return Map.of("statements", List.of(statement));
    }

    private static String releasing(OrderId order, BoxCode... boxes) {
        List<String> released = texts(release(order).path("released"), "tokenId");
        List<String> waiting = sold(order).sold().tokens().stream()
                .map(TokenId::toString)
                .filter(token -> !released.contains(token))
                .toList();
        Map<String, BoxCode> said = new HashMap<>();
        for (int i = 0; i < boxes.length; i++) {
            said.put(waiting.get(i), boxes[i]);
        }
        return releasing(order, said);
    }

    /** @param boxes by token */
    private static String releasing(OrderId order, Map<String, BoxCode> boxes) {
        Map<String, String> said = new HashMap<>();
        boxes.forEach((token, box) -> said.put(token, box.toString()));
        return service.sales()
                .dock(sold(order).vault().site())
                .release(sold(order).at().leaf().hex(), said);
    }

    private static Answer refuse(OrderId order, long... serials) {
        String sale = sold(order).at().leaf().hex();
        List<String> tokens = tokens(order, serials);
        return service.post(
                statements(order),
                Map.of(
                        "statements",
                        List.of(
                                service.sales().dock(sold(order).vault().site()).refusal(sale, tokens),
                                service.platform().warehouse().refusal(sale, tokens))),
                SCANNER);
    }

    /** A dock's word that it released none of these, and will not. */
    private static Answer keep(OrderId order, long... serials) {
        return service.post(
                statements(order),
                words(service.sales()
                        .dock(sold(order).vault().site())
                        .notReleased(sold(order).at().leaf().hex(), tokens(order, serials))),
                SCANNER);
    }

    private static List<String> tokens(OrderId order, long... serials) {
        return Arrays.stream(serials)
                .mapToObj(serial -> sold(order).sold().token(serial).toString())
                .toList();
    }

    private static Map<String, Object> scans(String... boxes) {
        return Map.of(
                "boxCodes", Arrays.asList(boxes),
                "scanner", "PDA-07",
                "scannedAt", Instant.now().toString());
    }

    private String token(long serial) {
        return new TokenId(vault.id(), serial).toString();
    }

    private ReleasedCase served(long serial, BoxCode box, String bin) {
        return new ReleasedCase(new TokenId(vault.id(), serial), box, bin);
    }

    /** Everything before it on its partition is taken as well. */
    private static void awaitTaken(CloudEvent event) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> service.hasTaken(event));
    }

    private static void awaitQuarantined(long records) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(service.quarantined()).isEqualTo(records));
    }

    private static void awaitParked(Object key) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> service.bean(JdbcClient.class)
                        .sql("select count(*) = 1 from parked_event where event_key = ?")
                        .param(key.toString())
                        .query(Boolean.class)
                        .single());
    }

    private static void awaitEarlyCancellation(OrderId order, boolean there) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> service.bean(JdbcClient.class)
                        .sql("select exists (select from early_cancellation where order_id = ?)")
                        .param(order.value())
                        .query(Boolean.class)
                        .single()
                        .equals(there));
    }

    private static long storedEvents() {
        return service.bean(JdbcClient.class)
                .sql("select count(*) from domain_event_entry")
                .query(Long.class)
                .single();
    }

    private static double openReleases() {
        return service.bean(JdbcClient.class)
                .sql("select count(*) from release_order where waiting > 0")
                .query(Double.class)
                .single();
    }

    private static double waitingShipments() {
        return service.bean(JdbcClient.class)
                .sql("select count(distinct pickup_id) from shipment_case where state = 'WAITING'")
                .query(Double.class)
                .single();
    }

    private static double overdue(String work) {
        return service.get("/actuator/prometheus", "operator")
                .response()
                .body()
                .lines()
                .filter(line -> line.startsWith("jiucang_" + work + "_overdue"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).toList();
    }

    private static List<String> texts(JsonNode array, String field) {
        return array.valueStream().map(item -> item.path(field).asString()).toList();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
