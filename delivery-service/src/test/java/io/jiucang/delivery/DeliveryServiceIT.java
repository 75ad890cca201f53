package io.jiucang.delivery;

import static io.jiucang.starter.test.TestPlatform.COURIER;
import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.starter.test.TestPlatform.WANG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.crypto.RSADecrypter;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.delivery.PickupCommand.CollectCases;
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
import io.jiucang.events.DeliveryEvent.PickupCancellationRequested;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.DeliveryEvent.PickupEnded;
import io.jiucang.events.DeliveryEvent.PickupOrdered;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventRefused;
import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenEvent.TokenBurned;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.Topics;
import io.jiucang.events.WarehouseEvent.CaseDamaged;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ShipmentCancellationRefused;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.Money;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.statement.StatementId;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.title.statement.HoldId;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.AnnotationEventHandlerAdapter;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.messaging.MetaData;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class DeliveryServiceIT extends DeliveryTestbed {

    /**
     * After all that the tests have done, the read models hold what a replay of all events gives that took effect (I8),
     * however the topics follow each other.
     */
    @AfterAll
    static void viewsEqualAReplay() {
        JdbcClient jdbc = service.bean(JdbcClient.class);
        await().untilAsserted(() ->
                assertThat(service.published()).hasSize((int) count("select count(*) from domain_event_entry")));
        List<String> before = readModels(jdbc);
        assertThat(before).isNotEmpty();
        TransactionTemplate undone = new TransactionTemplate(service.bean(PlatformTransactionManager.class));
        undone.executeWithoutResult(status -> {
            status.setRollbackOnly();
            jdbc.sql("truncate pickup_view, pickup_case, custody_case, custody_vault, damaged_box")
                    .update();
            List<AnnotationEventHandlerAdapter> replays = List.of(
                    new AnnotationEventHandlerAdapter(service.bean(PickupViews.class)),
                    new AnnotationEventHandlerAdapter(service.bean(Custody.class)));
            EventVerifier verifier = service.bean(EventVerifier.class);
            Stream.concat(
                            service.published().stream(),
                            Stream.of(Topics.WAREHOUSE_EVENTS, Topics.TOKEN_EVENTS)
                                    .flatMap(topic -> service.records(topic).stream())
                                    .flatMap(record -> verified(verifier, record).stream())
                                    .filter(event -> jdbc.sql(
                                                    "select exists (select from inbox_event where leaf_hash = ?)")
                                            .param(event.leafHash())
                                            .query(Boolean.class)
                                            .single()))
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
        return Stream.of("pickup_view", "pickup_case", "custody_case", "custody_vault", "damaged_box")
                .flatMap(table -> jdbc
                        .sql("select (to_jsonb(t) - 'position')::text from " + table + " t order by 1")
                        .query(String.class)
                        .list()
                        .stream())
                .toList();
    }

    // The way to the door

    @Test
    void leadsACaseFromItsBinToTheDoor() throws Exception {
        Cellar cellar = Cellar.of(LI, 2, Instant.now().minus(Duration.ofDays(370)));
        Order order = cellar.order();
        PickupOrdered ordered = order.published(PickupOrdered.class);
        assertThat(ordered.cases())
                .extracting(DeliveryEvent.StoredCase::site, DeliveryEvent.StoredCase::bin)
                .containsExactly(tuple("luzhou-1", "A-1"), tuple("luzhou-1", "A-2"));
        assertThat(ordered.deliveryFee()).isEqualTo(Money.cny(6000));
        assertThat(ordered.custodyFee()).isEqualTo(Money.cny(1000));
        assertThat(order.read().path("total").path("minorUnits").asLong()).isEqualTo(7000);

        String envelope = seal(SF, ADDRESS);
        String statement = order.statement(LIS_PHONE, envelope);
        Answer signed = order.authorise(order.authorisation(PASSWORD, envelope, statement));
        assertThat(signed.status()).isEqualTo(200);
        assertThat(signed.json().path("holdId").asString())
                .isEqualTo(StatementId.of(statement).holdId());
        assertThat(signed.json().path("envelopeSha256").asString()).isEqualTo(sha256(envelope));
        PickupAuthorised authorised = order.published(PickupAuthorised.class);
        assertThat(authorised.statement()).isEqualTo(statement);
        assertThat(authorised.carrierKeyId()).isEqualTo(SF.getKeyID());
        assertThat(service.get(order.delivery(), COURIER).reason()).isEqualTo("DELIVERY_NOT_FOUND");

        cellar.tokens().forEach(order::lock);
        order.reaching("REQUESTED");
        assertThat(order.published(DeliveryRequested.class).acceptBy())
                .isBetween(Instant.now().plusSeconds(86_000), Instant.now().plusSeconds(86_400));
        assertThat(service.get(order.delivery() + "/envelope", COURIER).reason())
                .isEqualTo("NOT_THE_COURIER");
        assertThat(service.get("/api/v1/deliveries?state=REQUESTED", COURIER)
                        .json()
                        .path("items"))
                .anySatisfy(delivery -> assertThat(delivery.path("pickupId").asString())
                        .isEqualTo(order.id().value()));
        assertThat(order.accept(COURIER).status()).isEqualTo(200);
        Answer sealed = service.get(order.delivery() + "/envelope", COURIER);
        assertThat(sealed.response().body()).isEqualTo(envelope);
        JWEObject opened = JWEObject.parse(sealed.response().body());
        opened.decrypt(new RSADecrypter(SF));
        assertThat(opened.getPayload()).hasToString(ADDRESS);

        order.ship(cellar.delivered());
        order.reaching("COLLECTED");
        String proof = order.proof(cellar.delivered());
        Answer handed = order.handOver(proof);
        assertThat(handed.status()).as(handed.response().body()).isEqualTo(200);
        DeliveryCompleted completed = order.published(DeliveryCompleted.class);
        assertThat(completed.cases()).isEqualTo(cellar.delivered());
        assertThat(completed.statement()).isEqualTo(proof);
        assertThat(order.published(AddressDestroyed.class).envelopeSha256()).isEqualTo(sha256(envelope));
        order.reaching("ENDED").hasNoSaga();
        order.hasNoEnvelope();
        assertThat(service.get(order.delivery() + "/envelope", COURIER).reason())
                .isEqualTo("ENVELOPE_DESTROYED");
        assertThat(order.cancel().reason()).isEqualTo("PICKUP_ENDED");

        service.publish(
                new TokenBurned(cellar.token(1), LI, order.id(), new LedgerReference(Ids.next(), 1, 2)),
                cellar.token(1));
        await().untilAsserted(() -> assertThat(
                        cellar.tryPickup(List.of(cellar.token(1)), "sf").reason())
                .isEqualTo("TOKEN_NOT_HELD"));
    }

    @Test
    void deliversAtTheSecondAttemptForTheSameCode() {
        Order order = Order.of(1).collected();
        assertThat(order.fail("NOBODY_HOME").status()).isEqualTo(200);
        assertThat(order.published(DeliveryFailed.class).attempt()).isEqualTo(1);
        assertThat(order.handOver(order.cellar().delivered()).status()).isEqualTo(200);
        order.reaching("ENDED").hasNoSaga();
    }

    @Test
    void callsForNoCaseThatWasFoundDamaged() {
        Cellar cellar = Cellar.of(LI, 2);
        BoxCode leaking = cellar.box(1);
        service.publish(new CaseDamaged(leaking, "luzhou-1", "A-1", "leaking"), leaking);

        await().untilAsserted(() -> assertThat(
                        cellar.tryPickup(List.of(cellar.token(1)), "sf").reason())
                .isEqualTo("CASE_DAMAGED"));
        assertThat(cellar.tryPickup(List.of(cellar.token(2)), "sf").status()).isEqualTo(201);
    }

    @Test
    void deliversSomeAndTakesTheOthersBack() {
        Order order = Order.of(3).collected();
        Cellar cellar = order.cellar();
        assertThat(order.handOver(cellar.delivered(1)).status()).isEqualTo(200);
        assertThat(order.fail("CASE_DAMAGED").status()).isEqualTo(200);
        ReturnRequested back = order.published(ReturnRequested.class);
        assertThat(back.cases()).isEqualTo(cellar.delivered(2, 3));
        assertThat(back.reason()).isEqualTo(FailureReason.CASE_DAMAGED);
        order.published(AddressDestroyed.class);
        order.hasNoEnvelope();
        order.bringBack(cellar.delivered(3));
        order.bringBack(cellar.delivered(2));
        order.reaching("ENDED").hasNoSaga();
        await().untilAsserted(() -> assertThat(order.all(PickupEnded.class))
                .extracting(PickupEnded::reason, PickupEnded::tokens)
                .containsExactly(
                        tuple(PickupEndReason.RETURNED, List.of(cellar.token(3))),
                        tuple(PickupEndReason.RETURNED, List.of(cellar.token(2)))));
        assertThat(cellar.tryPickup(List.of(cellar.token(2)), "sf").reason()).isEqualTo("TOKEN_NOT_HELD");
        service.publish(new TokenUnlocked(cellar.token(2), LI, order.id()), cellar.token(2));
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
        order.bringBack(order.cellar().delivered());
        order.isEnded(PickupEndReason.RETURNED);
    }

    // The ways back

    /** The device was lost: its key is revoked before the ledger comes to anchor what was signed with it. */
    @Test
    void endsWhenItsOwnersWordProvesVoid() {
        Device lost = service.registerAnother("li");
        Order order = Order.of(1);
        service.ledger().anchorOnly(event -> !event.getType().endsWith(".PickupAuthorised.v1"));
        try {
            String envelope = seal(SF, ADDRESS);
            assertThat(order.authorise(order.authorisation(PASSWORD, envelope, order.statement(lost, envelope)))
                            .status())
                    .isEqualTo(200);
            service.revoke("li", lost);
        } finally {
            service.ledger().anchorOnly(event -> true);
        }
        order.isEnded(PickupEndReason.VOID);
    }

    @Test
    void cancelsAllWhenOneTokenCannotBeLocked() {
        Order order = Order.of(2).authorised();
        order.lock(order.cellar().token(1));
        service.publish(
                new TokenLockRefused(order.cellar().token(2), order.id(), LockRefusal.NOT_AVAILABLE),
                order.cellar().token(2));
        order.isEnded(PickupEndReason.LOCK_REFUSED);
    }

    @Test
    void givesUpWhatIsOverdue() {
        Order unauthorised = Order.of(1);
        Order unlocked = Order.of(1).authorised();
        Order unaccepted = Order.of(1).requested();
        Order uncollected = Order.of(1).accepted();
        Order undelivered = Order.of(1).collected();
        bringDeadlinesForward();
        for (Order order : List.of(unaccepted, uncollected)) {
            order.published(PickupCancellationRequested.class);
            order.keepBack(order.cellar().tokens());
        }
        unauthorised.isEnded(PickupEndReason.NOT_AUTHORISED_IN_TIME);
        unlocked.isEnded(PickupEndReason.LOCK_OVERDUE);
        unaccepted.isEnded(PickupEndReason.NOT_ACCEPTED_IN_TIME);
        uncollected.isEnded(PickupEndReason.NOT_COLLECTED_IN_TIME);
        undelivered.reaching("RETURNING").hasNoEnvelope();
        undelivered.published(ReturnRequested.class);
        bringDeadlinesForward();
        undelivered.reaching("ENDED").hasNoSaga();
        assertThat(undelivered.published(CasesLost.class).cases())
                .isEqualTo(undelivered.cellar().delivered());
        assertThat(service.bean(MeterRegistry.class)
                        .get("jiucang.pickup.overdue")
                        .counters())
                .extracting(counter -> counter.getId().getTag("wait"))
                .contains("authorisation", "locks", "acceptance", "collection", "delivery", "return");
        undelivered.bringBack(undelivered.cellar().delivered());
        assertThat(undelivered.published(PickupEnded.class).reason()).isEqualTo(PickupEndReason.RETURNED);
    }

    @Test
    void isCancelledAtOnceUntilItIsAskedOfTheWarehouse() {
        Order order = Order.of(1).authorised();
        String statement = LIS_PHONE.speaking().pickupCancellation(order.holdId());
        Answer cancelled = order.cancel(statement);
        assertThat(cancelled.status()).as(cancelled.response().body()).isEqualTo(200);
        assertThat(cancelled.json().path("status").asString()).isEqualTo("ENDED");
        assertThat(order.published(PickupCancelled.class).statement()).isEqualTo(statement);
        order.isEnded(PickupEndReason.OWNER);
        assertThat(order.all(PickupCancellationRequested.class)).isEmpty();
        Order collected = Order.of(1).collected();
        assertThat(collected.cancel().reason()).isEqualTo("PICKUP_COLLECTED");
        assertThat(collected.status()).isEqualTo("COLLECTED");
    }

    @Test
    void letsTheWarehouseKeepBackWhatHasNotLeft() {
        Order order = Order.of(2).accepted();
        Answer asked = order.cancel();
        assertThat(asked.status()).isEqualTo(200);
        assertThat(asked.json().path("status").asString()).isEqualTo("ACCEPTED");
        assertThat(asked.json().path("cases"))
                .allSatisfy(each -> assertThat(each.path("state").asString()).isEqualTo("CANCELLING"));
        PickupCancellationRequested request = order.published(PickupCancellationRequested.class);
        assertThat(request.tokens()).isEqualTo(order.cellar().tokens());
        assertThat(request.reason()).isEqualTo(PickupEndReason.OWNER);
        assertThat(order.cancel().reason()).isEqualTo("CANCELLATION_PENDING");
        order.keepBack(order.cellar().tokens());
        order.isEnded(PickupEndReason.OWNER);
        order.published(AddressDestroyed.class);
    }

    @Test
    void goesOnWithWhatTheWarehouseCouldNotKeepBack() {
        Order order = Order.of(2).accepted();
        Cellar cellar = order.cellar();
        assertThat(order.cancel().status()).isEqualTo(200);
        order.ship(cellar.delivered(1));
        order.keepBack(List.of(cellar.token(2)));
        service.publish(new ShipmentCancellationRefused(order.id(), List.of(cellar.token(1))), order.id());
        PickupEnded cancelled = order.published(PickupEnded.class);
        assertThat(cancelled.tokens()).containsExactly(cellar.token(2));
        assertThat(cancelled.reason()).isEqualTo(PickupEndReason.OWNER);
        assertThat(order.cancel().reason()).isEqualTo("PICKUP_COLLECTED");
        assertThat(order.handOver(cellar.delivered(1)).status()).isEqualTo(200);
        order.reaching("ENDED").hasNoSaga();
        assertThat(order.all(ReturnRequested.class)).isEmpty();
    }

    @Test
    void waitsForTheShipmentWhenAReturnIsReadFirst() {
        Order order = Order.of(1).accepted();
        CloudEvent shipped = service.platform()
                .signed(
                        new CasesShipped(order.id(), COURIER, order.cellar().delivered()),
                        order.id().value());
        service.publish(
                new CasesReturned(order.id(), "luzhou-2", "R-1", order.cellar().delivered()), "returns-" + order.id());
        await().untilAsserted(() -> assertThat(
                        count("select count(*) from parked_event where event_key = ?", "returns-" + order.id()))
                .isEqualTo(1));
        service.publish(shipped);
        order.isEnded(PickupEndReason.RETURNED);
        assertThat(service.bean(Custody.class).find(LI, order.cellar().tokens()))
                .extracting(CustodyCase::site, CustodyCase::bin)
                .containsExactly(tuple("luzhou-2", "R-1"));
    }

    // Races

    @Test
    void hasOneOutcomeHoweverManyTryAtTheDoor() throws Exception {
        Order order = Order.of(1).collected();
        List<DeliveredCase> cases = order.cellar().delivered();
        List<Supplier<Answer>> attempts = List.of(
                () -> order.handOver(cases),
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
        assertThat(order.all(PickupEnded.class)).isEmpty();
        assertThat(order.all(AddressDestroyed.class)).hasSize(1);
        order.hasNoEnvelope();
    }

    @Test
    void isAuthorisedOnceAndCancelledOnceHoweverManyTry() throws Exception {
        Order order = Order.of(1);
        List<Answer> authorised = together(THREADS, i -> order.authorise(order.authorisation()));
        assertThat(authorised.stream().map(Answer::status))
                .containsOnlyOnce(200)
                .containsOnly(200, 409);
        service.awaitLaw(state -> state.holds().containsKey(new HoldId(order.holdId())));
        List<Answer> cancelled = together(THREADS, i -> order.cancel());
        assertThat(cancelled.stream().map(Answer::status)).containsOnlyOnce(200).containsOnly(200, 409);
        order.isEnded(PickupEndReason.OWNER);
        for (Class<? extends DeliveryEvent> once :
                List.of(PickupAuthorised.class, PickupCancelled.class, PickupEnded.class, AddressDestroyed.class)) {
            assertThat(order.all(once)).hasSize(1);
        }
    }

    @Test
    void asksTheWarehouseOnceHoweverManyCancelWhileItShips() throws Exception {
        Order order = Order.of(1).accepted();
        List<Answer> before = together(THREADS, i -> order.cancel());
        List<Answer> meanwhile = together(THREADS, i -> {
            if (i == 0) {
                order.ship(order.cellar().delivered());
            }
            return order.cancel();
        });
        order.reaching("COLLECTED");
        assertThat(before.stream().map(Answer::status)).containsOnlyOnce(200).containsOnly(200, 409);
        assertThat(meanwhile.stream().map(Answer::status)).containsOnly(409);
        assertThat(order.handOver(order.cellar().delivered()).status()).isEqualTo(200);
        order.published(DeliveryCompleted.class);
        assertThat(order.all(PickupCancellationRequested.class)).hasSize(1);
        assertThat(order.all(PickupEnded.class)).isEmpty();
    }

    /** At the very moment, not at the inbox's leisure: either the warehouse is asked, and its answer awaited, or it is too late. */
    @Test
    void isCancelledOrCollectedFirst() throws Exception {
        CommandGateway commands = service.bean(CommandGateway.class);
        for (int round = 0; round < 3; round++) {
            Order order = Order.of(1).accepted();
            List<Answer> answers = together(THREADS, i -> {
                if (i % 16 == 0) {
                    commands.sendAndWait(
                            new CollectCases(order.id(), COURIER, order.cellar().delivered()));
                }
                return order.cancel();
            });
            order.reaching("COLLECTED");
            List<String> told = answers.stream()
                    .map(answer -> answer.status() == 200 ? "asked" : answer.reason())
                    .toList();
            assertThat(told).isSubsetOf("asked", "CANCELLATION_PENDING", "PICKUP_COLLECTED");
            assertThat(told).as("once it left, it is too late").contains("PICKUP_COLLECTED");
            assertThat(told.contains("CANCELLATION_PENDING") && !told.contains("asked"))
                    .isFalse();
            order.published(CasesCollected.class);
            assertThat(order.all(PickupCancellationRequested.class))
                    .hasSize((int) told.stream().filter("asked"::equals).count())
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(order.all(CasesCollected.class)).hasSize(1);
            assertThat(order.all(PickupEnded.class)).isEmpty();
        }
    }

    // Events

    @Test
    void countsAnEventThatComesTwiceOnce() {
        Order order = Order.of(1).accepted();
        CloudEvent shipped = service.publish(
                new CasesShipped(order.id(), COURIER, order.cellar().delivered()), order.id());
        service.publish(shipped);
        order.reaching("COLLECTED");
        Order after = Order.of(1);
        after.published(PickupOrdered.class);
        assertThat(order.all(CasesCollected.class)).hasSize(1);
        assertThat(count(
                        "select count(*) from parked_event where event_key = ?",
                        order.id().value()))
                .isZero();
    }

    @Test
    void takesNoEventThatItsServiceDidNotSignAndGoesOn() {
        Order forged = Order.of(1).authorised();
        Order altered = Order.of(1).authorised();
        Order expired = Order.of(1).authorised();
        Order genuine = Order.of(1).authorised();
        TokenLocked lock = new TokenLocked(forged.cellar().token(1), LI, forged.id(), NO_LOCK);
        long quarantined = service.quarantined();
        service.publish(service.platform()
                .signed(lock, lock.tokenId().toString(), service.platform().impostor("token"), Instant.now()));
        CloudEvent signed = service.platform()
                .signed(
                        new TokenLocked(altered.cellar().token(1), LI, altered.id(), NO_LOCK),
                        altered.cellar().token(1).toString());
        service.publish(new CloudEventBuilder(signed)
                .withData(
                        "application/json",
                        EventJson.write(new TokenLocked(altered.cellar().token(1), WANG, altered.id(), NO_LOCK)))
                .build());
        service.publish(service.platform()
                .signed(
                        new TokenLocked(expired.cellar().token(1), LI, expired.id(), NO_LOCK),
                        expired.cellar().token(1).toString(),
                        service.platform().expiredSigner("token"),
                        Instant.now()));
        genuine.lock(genuine.cellar().token(1));
        genuine.reaching("REQUESTED");
        await().untilAsserted(() -> assertThat(service.quarantined()).isEqualTo(quarantined + 3));
        for (Order order : List.of(forged, altered, expired)) {
            assertThat(order.status()).isEqualTo("AUTHORISED");
        }
    }

    @Test
    void leavesAContradictionToAPerson() {
        Order order = Order.of(1).collected();
        assertThat(order.handOver(order.cellar().delivered()).status()).isEqualTo(200);
        order.bringBack(order.cellar().delivered());
        await().untilAsserted(() -> assertThat(count(
                        "select count(*) from parked_event where event_key = ? and reason = 'HANDLER_FAILED'",
                        order.id().value()))
                .isEqualTo(1));
        assertThat(order.all(PickupEnded.class)).isEmpty();
    }
}
