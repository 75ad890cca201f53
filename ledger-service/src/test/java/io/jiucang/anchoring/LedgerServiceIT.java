package io.jiucang.anchoring;

import static io.jiucang.anchoring.LogFixtures.FLIP;
import static io.jiucang.anchoring.LogFixtures.ORIGIN;
import static io.jiucang.anchoring.LogFixtures.SEED;
import static io.jiucang.anchoring.LogFixtures.TRUSTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventTypes;
import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.PaymentEvent.PaymentOpened;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.Topics;
import io.jiucang.events.WarehouseEvent.ReleaseCancelled;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.EntryBundle;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.MerkleTree;
import io.jiucang.ledger.ProofBundle;
import io.jiucang.ledger.SignedNote;
import io.jiucang.ledger.TilePath;
import io.jiucang.ledger.TiledTree;
import io.jiucang.ledger.TlogProof;
import io.jiucang.ledger.VerifierKey;
import io.jiucang.simulators.statement.SigningKey;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@RealInfrastructure
@ExtendWith(OutputCaptureExtension.class)
class LedgerServiceIT {

    @RegisterExtension
    static final RunningService service = new RunningService(
                    LedgerServiceApplication.class,
                    "ledger",
                    Map.of("jiucang.ledger.key-file", LogFixtures.keyFile(SEED).toString()))
            .onOneConnection();

    private static final int LARGEST_RECORD = 700_000;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void anchorsWhatEveryServiceTellsAndProvesItWithNothingButItsKey() {
        OrderId order = new OrderId(Ids.next());
        PaymentId payment = new PaymentId(Ids.next());
        VaultId vault = new VaultId(Ids.next());
        ReleaseId release = new ReleaseId(Ids.next());
        List<CloudEvent> told = List.of(
                service.publish(new TokensMinted(vault, new PlanId(Ids.next()), 1, 100_000), vault),
                service.publish(new OrderPaid(order, payment), order),
                service.publish(new PaymentOpened(payment, order, "wechatpay", "weixin://x"), payment),
                service.publish(new ReleaseCancelled(release, order), release));

        for (CloudEvent event : told) {
            EventsAnchored anchored = awaitAnchored(event);
            Anchor anchor = anchor(anchored, event).orElseThrow();
            assertThat(anchored.origin()).isEqualTo(ORIGIN);
            assertThat(anchor.source()).isEqualTo(event.getSource().toString());
            assertThat(anchor.type()).isEqualTo(event.getType());
            TlogProof proof = new TlogProof(
                    anchor.index(),
                    anchor.proof().stream().map(Hash::ofBase64).toList(),
                    SignedNote.parse(anchored.checkpoint()));
            Checkpoint checkpoint = proof.verify(leafHash(event), ORIGIN, TRUSTED);
            assertThat(checkpoint.size()).isEqualTo(anchored.treeSize());
        }
        assertThat(service.published())
                .filteredOn(event -> event.event().getType().equals(EventTypes.typeOf(EventsAnchored.class)))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.event().getSubject()).isEqualTo(ORIGIN));
    }

    @Test
    void anchorsAnEventOfATypeThatItDoesNotKnow() {
        CloudEvent known = service.platform().signed(orderPaid(), Ids.next());
        CloudEvent newer = service.platform()
                .signer("order")
                .sign(new CloudEventBuilder(known)
                        .withType("io.jiucang.order.OrderFramed.v3")
                        .build());
        service.publish(newer);
        assertThat(anchor(awaitAnchored(newer), newer).orElseThrow().type())
                .isEqualTo("io.jiucang.order.OrderFramed.v3");
    }

    @Test
    void saysHowLateItIsToWhoeverMayAsk() {
        assertThat(service.post("/api/v1/ticks", Map.of(), null).status()).isEqualTo(401);
        assertThat(service.post("/api/v1/ticks", Map.of(), "li").status()).isEqualTo(403);
        JsonNode first = service.post("/api/v1/ticks", Map.of(), "operator").json();
        JsonNode second = service.post("/api/v1/ticks", Map.of(), "auditor").json();

        assertThat(second.path("number").asLong())
                .isGreaterThanOrEqualTo(first.path("number").asLong());
        assertThat(Duration.between(Instant.parse(second.path("time").asString()), Instant.now()))
                .isLessThan(Duration.ofMinutes(1));
        assertThat(second.path("index").asLong())
                .isEqualTo(service.bean(TransparencyLog.class)
                        .indexOf(second.path("leafHash").asString()));
    }

    @Test
    void takesAPartysWordOnItsTerminal() {
        SigningKey phone = SigningKey.create();
        String statement = service.platform().carrier().courierEnrolment(phone.publicKey());
        Answer answer = service.post("/api/v1/statements", Map.of("statement", statement), "courier");
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().path("index").asLong())
                .isEqualTo(service.bean(TransparencyLog.class)
                        .indexOf(answer.json().path("leafHash").asString()));
    }

    @Test
    void anchorsAnEventOnceThoughItComesTwice() {
        CloudEvent event = publishOrderPaid();
        service.publish(event);
        awaitAnchored(event);
        service.publish(event);
        // On the same partition, so behind the repeated one.
        awaitAnchored(service.publish(orderPaid(), String.valueOf(event.getSubject())));

        assertThat(service.published(EventsAnchored.class).stream()
                        .flatMap(anchored -> anchor(anchored, event).stream()))
                .hasSize(1);
        assertThat(service.bean(TransparencyLog.class).entriesOf(event.getId())).hasSize(1);
    }

    @Test
    void neverAnchorsWhatItsSourceDidNotSignAndGoesOn() {
        CloudEvent honest = service.platform().signed(orderPaid(), Ids.next());
        Instant now = Instant.now();
        List<CloudEvent> forged = List.of(
                new CloudEventBuilder(honest).withSubject(Ids.next()).build(),
                new CloudEventBuilder(honest)
                        .withSubject(Ids.next())
                        .withoutExtension("dssematerial")
                        .build(),
                service.platform()
                        .signed(orderPaid(), Ids.next(), service.platform().signer("token"), now),
                service.platform()
                        .signed(orderPaid(), Ids.next(), service.platform().expiredSigner("order"), now));
        long quarantined = service.quarantined();
        forged.forEach(service::publish);
        // Enough of them to come after a forged one on every partition.
        List<CloudEvent> good = Stream.generate(this::publishOrderPaid).limit(8).toList();

        awaitAllAnchored(good);
        for (CloudEvent event : forged) {
            assertThat(service.bean(TransparencyLog.class).entriesOf(event.getId()))
                    .isEmpty();
        }
        assertThat(service.quarantined()).isEqualTo(quarantined + forged.size());
    }

    /** Anyone on the topic can add signatures that nobody knows; an entry of the log has 64 KB at most. */
    @Test
    void passesOverAnEnvelopeTooLargeForTheLog() {
        CloudEvent honest = service.platform().signed(orderPaid(), Ids.next());
        ObjectNode envelope = (ObjectNode) EventJson.mapper().readTree(SignedEvents.dsseMaterial(honest));
        ArrayNode signatures = (ArrayNode) envelope.get("signatures");
        for (int i = 0; i < 2000; i++) {
            signatures.addObject().put("keyid", "nobody-" + i).put("sig", "AAAA");
        }
        CloudEvent swollen = new CloudEventBuilder(honest)
                .withExtension("dssematerial", EventJson.mapper().writeValueAsBytes(envelope))
                .build();
        long quarantined = service.quarantined();
        service.publish(swollen);
        awaitAllAnchored(Stream.generate(this::publishOrderPaid).limit(8).toList());

        assertThat(service.bean(TransparencyLog.class).entriesOf(honest.getId()))
                .isEmpty();
        assertThat(service.quarantined()).isEqualTo(quarantined + 1);
    }

    /** Whoever takes an event out of an outbox leaves a gap, and whoever tells another story a number twice. */
    @Test
    void noticesWhatWasNotToldAndWhatWasToldTwice(CapturedOutput output) {
        String subject = Ids.next();
        double repeated = meter("jiucang.ledger.numbers.repeated");
        CloudEvent first = numbered(subject, 0);
        CloudEvent fourth = numbered(subject, 3);
        awaitAllAnchored(List.of(first, fourth));
        assertThat(count("select count(*) from untold where subject = '" + subject + "'"))
                .isEqualTo(2);
        assertThat(service.bean(MeterRegistry.class)
                        .get("jiucang.ledger.numbers.missing")
                        .gauge()
                        .value())
                .isGreaterThanOrEqualTo(2);

        awaitAnchored(numbered(subject, 1));
        assertThat(count("select count(*) from untold where subject = '" + subject + "'"))
                .isEqualTo(1);
        assertThat(meter("jiucang.ledger.numbers.repeated")).isEqualTo(repeated);

        awaitAnchored(numbered(subject, 0));
        assertThat(meter("jiucang.ledger.numbers.repeated")).isEqualTo(repeated + 1);

        // In one batch: a gap is closed, and each number that comes again is named.
        EventVerifier verifier = service.bean(EventVerifier.class);
        List<VerifiedEvent> batch = LongStream.of(1, 2, 2, 3)
                .mapToObj(number -> verifier.verify(signed(subject, number)))
                .toList();
        new TransactionTemplate(service.bean(PlatformTransactionManager.class))
                .executeWithoutResult(status -> service.bean(Numbers.class).note(batch));
        assertThat(count("select count(*) from untold where subject = '" + subject + "'"))
                .isZero();
        assertThat(meter("jiucang.ledger.numbers.repeated")).isEqualTo(repeated + 4);
        assertThat(output)
                .contains(subject + " of urn:jiucang:order-service told again what has been told: numbers [1, 2, 3]");
    }

    private static double meter(String counter) {
        return service.bean(MeterRegistry.class).counter(counter).count();
    }

    private CloudEvent numbered(String subject, long number) {
        CloudEvent event = signed(subject, number);
        service.publish(event);
        return event;
    }

    private static CloudEvent signed(String subject, long number) {
        String id = Ids.next();
        return service.platform()
                .signer("order")
                .sign(SignedEvents.toCloudEvent(
                        orderPaid(), new EventMetadata(id, subject, Instant.now(), number, id, null, null)));
    }

    @Test
    void aDamagedLogHoldsTheInboxAndLosesNothing(CapturedOutput output) {
        awaitAnchored(publishOrderPaid());
        String rightEdge = "where (level, index) in (select level, max(index) from tile group by level)";
        execute(FLIP + rightEdge);
        CloudEvent event;
        try {
            event = publishOrderPaid();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> output.getAll().contains("no event is anchored until the stored log is repaired"));
            assertThat(service.bean(TransparencyLog.class).entriesOf(event.getId()))
                    .isEmpty();
        } finally {
            execute(FLIP + rightEdge);
        }
        awaitAnchored(event);
        assertThat(count("select count(*) from parked_event where event_key = '" + event.getSubject() + "'"))
                .isZero();
    }

    @Test
    void anOutsiderRebuildsTheTreeFromWhatIsServed() {
        List<CloudEvent> told =
                Stream.generate(this::publishOrderPaid).limit(300).toList();
        awaitAllAnchored(told);

        VerifierKey key = VerifierKey.parse(text("/vkey").strip());
        assertThat(key).isEqualTo(TRUSTED.getFirst());
        Checkpoint checkpoint = Checkpoint.open(SignedNote.parse(text("/checkpoint")), ORIGIN, List.of(key));

        List<Hash> leaves = new ArrayList<>();
        for (long first = 0; first < checkpoint.size(); first += TilePath.FULL_WIDTH) {
            int width = (int) Math.min(TilePath.FULL_WIDTH, checkpoint.size() - first);
            TilePath path = new TilePath(TilePath.ENTRIES, first / TilePath.FULL_WIDTH, width);
            EntryBundle.parse(served(path).orElseThrow()).entries().forEach(entry -> leaves.add(entry.leafHash()));
        }
        assertThat(TiledTree.empty().append(leaves).tree().root()).isEqualTo(checkpoint.root());

        TiledTree tiles = new TiledTree(checkpoint.size(), this::served);
        assertThat(tiles.root()).isEqualTo(checkpoint.root());
        for (CloudEvent event : told) {
            long index = leaves.indexOf(leafHash(event));
            MerkleTree.verifyInclusion(
                    leafHash(event), index, checkpoint.size(), tiles.inclusionProof(index), checkpoint.root());
        }
    }

    /** I5. */
    @Test
    void anOutsiderSeesThatEveryCheckpointExtendsTheOneBefore() {
        for (int i = 0; i < 5; i++) {
            awaitAnchored(publishOrderPaid());
        }
        List<Checkpoint> signed = new ArrayList<>();
        String page = "/api/v1/checkpoints";
        while (page != null) {
            JsonNode answer = service.get(page, null).json();
            answer.path("items")
                    .forEach(item -> signed.add(Checkpoint.open(
                            SignedNote.parse(item.path("checkpoint").asString()), ORIGIN, TRUSTED)));
            page = answer.has("next")
                    ? "/api/v1/checkpoints?cursor=" + answer.path("next").asString()
                    : null;
        }
        assertThat(signed).hasSizeGreaterThanOrEqualTo(5);
        TiledTree tree = new TiledTree(signed.getLast().size(), this::served);
        for (int i = 1; i < signed.size(); i++) {
            Checkpoint earlier = signed.get(i - 1);
            Checkpoint later = signed.get(i);
            MerkleTree.verifyConsistency(
                    earlier.size(),
                    earlier.root(),
                    later.size(),
                    later.root(),
                    tree.consistencyProof(earlier.size(), later.size()));
        }
        assertThat(service.get("/api/v1/checkpoints?cursor=x", null).reason()).isEqualTo("MALFORMED_CURSOR");
    }

    @Test
    void provesAnEventByItsId() {
        CloudEvent event = publishOrderPaid();
        awaitAnchored(event);
        String path = "/api/v1/proofs/" + event.getId();

        HttpResponse<String> proof = service.get(path, null).response();
        assertThat(proof.headers().firstValue("Content-Type")).hasValue("text/plain;charset=UTF-8");
        TlogProof.parse(proof.body()).verify(leafHash(event), ORIGIN, TRUSTED);
        TlogProof.parse(text(path + "?source=" + event.getSource())).verify(leafHash(event), ORIGIN, TRUSTED);

        ProofBundle bundle = ProofBundle.parse(text(path + "/bundle").getBytes(StandardCharsets.UTF_8));
        bundle.verify(ORIGIN, TRUSTED);
        assertThat(bundle.items().getFirst().entry()).isEqualTo(Entry.of(SignedEvents.dsseMaterial(event)));
    }

    @Test
    void saysWhyItHasNoProof() {
        CloudEvent event = publishOrderPaid();
        awaitAnchored(event);
        CloudEvent namesake = service.platform()
                .signer("payment")
                .sign(new CloudEventBuilder(service.platform()
                                .signed(
                                        new PaymentOpened(new PaymentId(Ids.next()), new OrderId(Ids.next()), "p", "c"),
                                        Ids.next()))
                        .withId(event.getId())
                        .build());
        service.publish(namesake);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(service.get("/api/v1/proofs/" + event.getId(), null)
                                .status())
                        .isEqualTo(400));

        String proofs = "/api/v1/proofs/";
        assertProblem(proofs + event.getId(), 400, "SOURCE_NEEDED");
        TlogProof.parse(text(proofs + event.getId() + "?source=" + namesake.getSource()))
                .verify(leafHash(namesake), ORIGIN, TRUSTED);
        assertProblem(proofs + event.getId() + "?source=urn:jiucang:token-service", 404, "EVENT_NOT_ANCHORED");
        assertProblem(proofs + Ids.next(), 404, "EVENT_NOT_ANCHORED");
        assertProblem(proofs + "1-1-1-1-1", 400, "MALFORMED_PARAMETER");
        assertProblem(proofs + "nonsense", 400, "MALFORMED_PARAMETER");
        assertProblem(proofs + "nonsense/bundle", 400, "MALFORMED_PARAMETER");
    }

    @Test
    void servesTheLogAsTheStandardSays() throws Exception {
        awaitAnchored(publishOrderPaid());
        HttpResponse<byte[]> checkpoint = get("/checkpoint");
        assertThat(checkpoint.headers().firstValue("Content-Type")).hasValue("text/plain;charset=UTF-8");
        assertThat(checkpoint.headers().firstValue("Cache-Control")).hasValue("max-age=1, public");
        for (String path : List.of("/tile/0/000.p/1", "/tile/entries/000.p/1")) {
            HttpResponse<byte[]> tile = get(path);
            assertThat(tile.statusCode()).isEqualTo(200);
            assertThat(tile.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
            assertThat(tile.headers().firstValue("Cache-Control")).hasValue("max-age=31536000, public, immutable");
        }
        Entry first =
                EntryBundle.parse(get("/tile/entries/000.p/1").body()).entries().getFirst();
        assertThat(get("/tile/0/000.p/1").body()).isEqualTo(first.leafHash().bytes());
    }

    @Test
    void compressesEntryBundlesForWhoeverAsks() throws Exception {
        List<CloudEvent> told = Stream.generate(this::publishOrderPaid).limit(5).toList();
        awaitAllAnchored(told);
        HttpResponse<byte[]> plain = get("/tile/entries/000.p/5");
        HttpResponse<byte[]> compressed = http.send(
                HttpRequest.newBuilder(service.uri("/tile/entries/000.p/5"))
                        .header("Accept-Encoding", "gzip")
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(compressed.headers().firstValue("Content-Encoding")).hasValue("gzip");
        try (GZIPInputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(compressed.body()))) {
            assertThat(unzipped.readAllBytes()).isEqualTo(plain.body());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/tile/",
                "/tile/0",
                "/tile/0/0",
                "/tile/0/999",
                "/tile/0/00%30",
                "/tile/00/000",
                "/tile/64/000",
                "/tile/-1/000",
                "/tile/0/000.p/0",
                "/tile/0/000.p/01",
                "/tile/0/000.p/256",
                "/tile/0/x000/000",
                "/tile/0/000.p/1/",
                "/tile/entries/",
                "/tile/entries/999",
                "/tile/data/000",
                "/tile/0/x999/x999/x999/x999/x999/x999/999",
            })
    void hasNoOtherTiles(String path) {
        assertProblem(path, 404, "TILE_NOT_FOUND");
        assertThat(service.get(path, null).response().headers().firstValue("Cache-Control"))
                .hasValueSatisfying(value -> assertThat(value).contains("no-store"));
    }

    @Test
    void tellsOfALargeBatchInPartsThatKafkaTakes() {
        EventVerifier verifier = service.bean(EventVerifier.class);
        List<VerifiedEvent> events = Stream.generate(
                        () -> verifier.verify(service.platform().signed(orderPaid(), "x")))
                .limit(2 * Anchoring.ANCHORS_PER_EVENT + 100)
                .toList();
        new TransactionTemplate(service.bean(PlatformTransactionManager.class))
                .executeWithoutResult(
                        status -> service.bean(AnchoringPolicy.class).handle(events));

        long size = events.size();
        String last = events.getLast().event().getId();
        EventsAnchored part = service.awaitPublished(
                EventsAnchored.class,
                anchored -> anchored.anchors().stream()
                        .anyMatch(anchor -> anchor.eventId().equals(last)));
        List<EventsAnchored> parts = service.published(EventsAnchored.class).stream()
                .filter(anchored -> anchored.treeSize() == part.treeSize())
                .toList();
        assertThat(parts).extracting(anchored -> anchored.anchors().size()).containsExactly(250, 250, 100);
        assertThat(parts.stream()
                        .flatMap(anchored -> anchored.anchors().stream())
                        .map(Anchor::index))
                .first()
                .isEqualTo(part.treeSize() - size);
        assertThat(service.records(Topics.LEDGER_ANCHORS))
                .allSatisfy(record -> assertThat(record.serializedValueSize()).isLessThan(LARGEST_RECORD));
    }

    @Test
    void countsWhatItDoes() {
        awaitAnchored(publishOrderPaid());
        String metrics =
                service.get("/actuator/prometheus", "operator").response().body();
        assertThat(metrics)
                .containsPattern("jiucang_ledger_size_entries\\{?.*\\}? [1-9]")
                .containsPattern("jiucang_ledger_append_seconds_count\\{?.*\\}? [1-9]")
                .containsPattern("jiucang_ledger_batch_entries_sum\\{?.*\\}? [1-9]")
                .containsPattern("jiucang_ledger_checkpoint_age_seconds\\{?.*\\}? [0-9]");
    }

    @Test
    void startsOnWhatItHasButNotOnDamage(CapturedOutput output) {
        CloudEvent event = publishOrderPaid();
        awaitAnchored(event);
        service.stop();
        execute(FLIP + "where level = 0 and index = 0");
        try {
            assertThatExceptionOfType(LogDamaged.class).isThrownBy(service::start);
            assertThat(output)
                    .contains("The stored log and its signed checkpoint disagree")
                    .contains("Restore the ledger's database");
        } finally {
            execute(FLIP + "where level = 0 and index = 0");
            service.start();
        }
        TlogProof.parse(text("/api/v1/proofs/" + event.getId())).verify(leafHash(event), ORIGIN, TRUSTED);
        awaitAnchored(publishOrderPaid());
    }

    private static OrderPaid orderPaid() {
        return new OrderPaid(new OrderId(Ids.next()), new PaymentId(Ids.next()));
    }

    private CloudEvent publishOrderPaid() {
        OrderPaid event = orderPaid();
        return service.publish(event, event.orderId());
    }

    private EventsAnchored awaitAnchored(CloudEvent event) {
        return service.awaitPublished(
                EventsAnchored.class, anchored -> anchor(anchored, event).isPresent());
    }

    private static void awaitAllAnchored(List<CloudEvent> events) {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            Set<String> anchored = service.published(EventsAnchored.class).stream()
                    .flatMap(batch -> batch.anchors().stream())
                    .map(Anchor::eventId)
                    .collect(Collectors.toSet());
            assertThat(events).extracting(CloudEvent::getId).isSubsetOf(anchored);
        });
    }

    private static Optional<Anchor> anchor(EventsAnchored anchored, CloudEvent event) {
        return anchored.anchors().stream()
                .filter(anchor -> anchor.eventId().equals(event.getId())
                        && anchor.source().equals(event.getSource().toString()))
                .findFirst();
    }

    private static Hash leafHash(CloudEvent event) {
        return MerkleTree.leafHash(SignedEvents.dsseMaterial(event));
    }

    private static void assertProblem(String path, int status, String reason) {
        RunningService.Answer answer = service.get(path, null);
        assertThat(answer.status()).as(path).isEqualTo(status);
        assertThat(answer.reason()).as(path).isEqualTo(reason);
    }

    private static String text(String path) {
        HttpResponse<String> response = service.get(path, null).response();
        assertThat(response.statusCode()).as(path).isEqualTo(200);
        return response.body();
    }

    /** A tile as anyone gets it. */
    private Optional<byte[]> served(TilePath path) {
        try {
            HttpResponse<byte[]> response = get("/" + path.format());
            return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(service.uri(path)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static void execute(String sql) {
        JdbcClient.create(service.infrastructure().dataSource()).sql(sql).update();
    }

    private static long count(String sql) {
        return JdbcClient.create(service.infrastructure().dataSource())
                .sql(sql)
                .query(Long.class)
                .single();
    }
}
