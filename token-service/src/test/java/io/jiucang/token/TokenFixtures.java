package io.jiucang.token;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventTypes;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.Topics;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.KeyDirectory;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.token.VaultCommand.CreateSalesPlan;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A plan of ten cases, at most three for each buyer, and those who buy them. */
final class TokenFixtures {

    static final PlanId PLAN = new PlanId(Ids.next());
    static final VaultId VAULT = new VaultId(Ids.next());
    static final OrderId ORDER = new OrderId(Ids.next());
    static final OrderId OTHER_ORDER = new OrderId(Ids.next());
    static final PickupId PICKUP = new PickupId(Ids.next());
    static final PickupId OTHER_PICKUP = new PickupId(Ids.next());
    static final String SELLER = "luzhou-laojiao";
    static final String BUYER = "zhang-wei";
    static final String OTHER_BUYER = "li-na";
    static final String GTIN = "19521141111014";
    static final Instant SALE_FROM = Instant.parse("2026-11-01T00:00:00Z");
    static final Instant SALE_UNTIL = Instant.parse("2027-02-01T00:00:00Z");
    static final Instant DURING_SALE = Instant.parse("2026-11-22T10:00:00Z");
    static final long CASES = 10;
    static final long LIMIT = 3;

    private TokenFixtures() {}

    static CreateSalesPlan createSalesPlan() {
        return createSalesPlan(GTIN, CASES, LIMIT);
    }

    static CreateSalesPlan createSalesPlan(String gtin, long cases, long limit) {
        return new CreateSalesPlan(
                VAULT,
                PLAN,
                SELLER,
                "guojiao-1573-52",
                gtin,
                Map.of("zh-CN", "国窖1573 经典装", "en", "Guojiao 1573 Classic"),
                cases,
                Money.cny(588_000),
                limit,
                SALE_FROM,
                SALE_UNTIL,
                "泸州黄舣酒库",
                "VLT-01");
    }

    static SalesPlanCreated salesPlanCreated() {
        return new SalesPlanCreated(
                PLAN,
                VAULT,
                SELLER,
                "guojiao-1573-52",
                GTIN,
                Map.of("zh-CN", "国窖1573 经典装", "en", "Guojiao 1573 Classic"),
                CASES,
                Money.cny(588_000),
                LIMIT,
                SALE_FROM,
                SALE_UNTIL);
    }

    static VaultOpened vaultOpened() {
        return new VaultOpened(VAULT, PLAN, "泸州黄舣酒库", "VLT-01");
    }

    static TokensMinted tokensMinted() {
        return new TokensMinted(VAULT, PLAN, 1, CASES);
    }

    static TokensReserved tokensReserved(OrderId order, String buyer, SerialRange... serials) {
        return new TokensReserved(VAULT, PLAN, order, buyer, List.of(serials));
    }

    static TokensSold tokensSold(OrderId order, String buyer, SerialRange... serials) {
        return new TokensSold(VAULT, PLAN, order, buyer, List.of(serials));
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
                Money.cny(588_000).times(SerialRange.sizeOf(ranges)),
                "4200001234202611220000000001",
                DURING_SALE);
    }

    static CasesReleased casesReleased(long... serials) {
        return casesReleased(
                VAULT,
                ORDER,
                Arrays.stream(serials).mapToObj(TokenFixtures::released).toArray(ReleasedCase[]::new));
    }

    static CasesReleased casesReleased(VaultId vault, OrderId order, ReleasedCase... cases) {
        return new CasesReleased(new ReleaseId(order.value()), order, vault, List.of(cases));
    }

    private static ReleasedCase released(long serial) {
        return new ReleasedCase(token(serial), boxCode(serial), "A-01");
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

    static DeliveredCase delivered(long serial) {
        return new DeliveredCase(token(serial), boxCode(serial));
    }

    static DeliveryCompleted deliveryCompleted(long... serials) {
        return new DeliveryCompleted(
                PICKUP,
                BUYER,
                "courier",
                Arrays.stream(serials).mapToObj(TokenFixtures::delivered).toList(),
                "a proof",
                DURING_SALE);
    }
}
