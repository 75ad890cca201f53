package io.jiucang.token;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventTypes;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.KeyDirectory;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.simulators.statement.SigningKey;
import io.jiucang.simulators.statement.Speaker;
import io.jiucang.simulators.statement.StatementId;
import io.jiucang.simulators.statement.Winery;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Hashlock;
import io.jiucang.title.statement.Statements;
import io.jiucang.token.VaultCommand.CreateSalesPlan;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A plan of ten cases, at most three for each buyer, and those who buy them. */
final class TokenFixtures {

    static final String GTIN = "19521141111014";
    static final Instant SALE_FROM = Instant.parse("2026-11-01T00:00:00Z");
    static final Instant SALE_UNTIL = Instant.parse("2027-02-01T00:00:00Z");
    static final long FEN = 588_000;
    static final long CASES = 10;
    static final long LIMIT = 3;
    static final Map<String, String> NAME = Map.of("zh-CN", "国窖1573 经典装", "en", "Guojiao 1573 Classic");
    static final String OFFER = offer(CASES, LIMIT);
    static final PlanId PLAN = new PlanId(StatementId.of(OFFER).planId());
    static final VaultId VAULT = new VaultId(StatementId.of(OFFER).vaultId());
    static final OrderId ORDER = new OrderId(Ids.next());
    static final OrderId OTHER_ORDER = new OrderId(Ids.next());
    static final PickupId PICKUP = new PickupId(Ids.next());
    static final PickupId OTHER_PICKUP = new PickupId(Ids.next());
    static final String BUYER = "zhang-wei";
    static final String OTHER_BUYER = "li-na";
    static final Instant DURING_SALE = Instant.parse("2026-11-22T10:00:00Z");

    private TokenFixtures() {}

    static Winery.Offer offer(long cases, long limit, Instant from, Instant until) {
        return new Winery.Offer(
                "guojiao-1573-52",
                GTIN,
                cases,
                FEN,
                limit,
                from,
                until,
                TestPlatform.SITES.getFirst(),
                TestPlatform.APPID,
                TestPlatform.PAYEE,
                "ab".repeat(32),
                30,
                Duration.ofMinutes(30));
    }

    /** What {@code POST /plans} takes: an offer of the platform's winery, open for a long time. */
    static Map<String, Object> newPlan(TestPlatform platform, long cases, long limit) {
        String offer = platform.winery()
                .offer(offer(
                        cases, limit, Instant.parse("2020-01-01T00:00:00Z"), Instant.parse("2099-12-31T00:00:00Z")));
        return Map.of("name", NAME, "code", "VLT-01", "statement", offer);
    }

    /** A buyer's order, of a plan as the catalogue shows it, by the first device of their wallet. */
    static String order(String offer, String buyer, long quantity) {
        return order(offer, buyer, quantity, FEN * quantity);
    }

    /** At any price. */
    static String order(String offer, String buyer, long quantity, long fen) {
        return TestPlatform.deviceOf(buyer)
                .speaking()
                .order(offer, quantity, fen, "ab".repeat(32), Instant.now().plusSeconds(600));
    }

    static OrderPlaced orderPlaced(String order) {
        return new OrderPlaced(new OrderId(StatementId.of(order).orderId()), order);
    }

    static CreateSalesPlan createSalesPlan() {
        return createSalesPlan(OFFER);
    }

    /** Of that many cases, in the same vault. */
    static CreateSalesPlan createSalesPlan(long cases, long limit) {
        return createSalesPlan(offer(cases, limit));
    }

    private static CreateSalesPlan createSalesPlan(String offer) {
        return new CreateSalesPlan(
                VAULT, PLAN, Statements.read(offer, Act.Offer.class).act(), offer, NAME, "VLT-01");
    }

    private static String offer(long cases, long limit) {
        Speaker winery =
                Speaker.party(TestPlatform.ORIGIN, TestPlatform.WINERY, SigningKey.create(), Clock.systemUTC());
        return new Winery(winery).offer(offer(cases, limit, SALE_FROM, SALE_UNTIL));
    }

    static SalesPlanCreated salesPlanCreated() {
        return new SalesPlanCreated(PLAN, VAULT, NAME, OFFER);
    }

    static VaultOpened vaultOpened() {
        return new VaultOpened(VAULT, PLAN, TestPlatform.SITES.getFirst(), "VLT-01");
    }

    static TokensMinted tokensMinted() {
        return new TokensMinted(VAULT, PLAN, 1, CASES);
    }

    static TokensReserved tokensReserved(OrderId order, String buyer, SerialRange... serials) {
        return new TokensReserved(VAULT, PLAN, order, buyer, List.of(serials));
    }

    static TokensSold tokensSold(OrderId order, SerialRange... serials) {
        return new TokensSold(VAULT, order, List.of(serials), cite(3), List.of(cite(4)), Map.of());
    }

    static TokenGranted granted(long serial, BoxCode box) {
        return new TokenGranted(token(serial), ORDER, BUYER, box, cite(5), cite(6), cite(5).leafHash());
    }

    static Cite cite(long index) {
        return new Cite(index, "%064x".formatted(index));
    }

    static SaleRecorded saleRecorded(String buyer, SerialRange... serials) {
        return saleRecorded(VAULT, ORDER, buyer, serials);
    }

    static SaleRecorded saleRecorded(VaultId vault, OrderId order, String buyer, SerialRange... serials) {
        List<SerialRange> ranges = List.of(serials);
        return new SaleRecorded(
                new PaymentId(order.value()),
                order,
                buyer,
                PLAN,
                vault,
                ranges,
                Money.cny(FEN).times(SerialRange.sizeOf(ranges)),
                "4200001234202611220000000001",
                DURING_SALE);
    }

    /** The event as its service would have signed it. */
    static VerifiedEvent signed(DomainEvent event) {
        String service = EventTypes.serviceOf(event.getClass());
        EventSigner signer = new EventSigner(new byte[32]);
        KeyDirectory keys = KeyDirectory.of(
                List.of(new KeyDirectory.Key(Topics.sourceOf(service), signer.publicKey(), SALE_UNTIL)));
        String id = Ids.next();
        return new EventVerifier(keys)
                .verify(signer.sign(SignedEvents.toCloudEvent(
                        event, new EventMetadata(id, ORDER.value(), DURING_SALE, 1, id, null, null))));
    }

    /** Reads the JSON event format, as an outsider would. */
    static CloudEvent cloudEvent(JsonNode json) {
        CloudEventBuilder event = CloudEventBuilder.v1()
                .withId(json.path("id").asString())
                .withSource(URI.create(json.path("source").asString()))
                .withType(json.path("type").asString())
                .withSubject(json.path("subject").asString())
                .withTime(OffsetDateTime.parse(json.path("time").asString()))
                .withData(
                        json.path("datacontenttype").asString(),
                        Base64.getDecoder().decode(json.path("data_base64").asString()))
                .withExtension(
                        "dssematerial",
                        Base64.getDecoder().decode(json.path("dssematerial").asString()));
        for (String name : List.of("sequence", "correlationid", "causationid", "traceparent")) {
            if (json.has(name)) {
                event.withExtension(name, json.path(name).asString());
            }
        }
        return event.build();
    }

    static SerialRange range(long from, long to) {
        return new SerialRange(from, to);
    }

    static Serials serials(SerialRange... ranges) {
        return Serials.of(List.of(ranges));
    }

    static TokenId token(long serial) {
        return new TokenId(VAULT, serial);
    }

    static BoxCode boxCode(long serial) {
        return new BoxCode(GTIN, "BX" + serial);
    }

    static HandoverCode code(long serial) {
        return HandoverCode.parse("J1CANG%010d".formatted(serial));
    }

    static String hashlock(PickupId pickup, TokenId token, HandoverCode code) {
        return Hashlock.of(pickup, token, code).hex();
    }

    static DeliveredCase delivered(long serial) {
        return new DeliveredCase(token(serial), boxCode(serial));
    }

    static DeliveryCompleted deliveryCompleted(long... serials) {
        return new DeliveryCompleted(
                PICKUP,
                BUYER,
                Arrays.stream(serials).mapToObj(TokenFixtures::delivered).toList(),
                "a proof");
    }
}
