package io.jiucang.quickstart;

import io.jiucang.events.DeliveryEvent.AddressDestroyed;
import io.jiucang.events.DeliveryEvent.CasesCollected;
import io.jiucang.events.DeliveryEvent.DeliveryAccepted;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.DeliveryFailed;
import io.jiucang.events.DeliveryEvent.DeliveryRequested;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupOrdered;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.TokenEvent.TokenBurned;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.quickstart.EventTail.Seen;
import io.jiucang.simulators.courier.Courier;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.device.HandoverCode;
import io.jiucang.simulators.statement.StatementId;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Steps S6 and S7: owners call for their cases, at addresses that only the carrier reads; a courier delivers, or brings
 * back. No address is ever printed, for what is printed is kept somewhere.
 */
final class Pickups {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String PICKUP_PASSWORD = "窖藏-七星-1573";

    /** Shipped by then, or not at all. */
    private static final Duration WITHIN = Duration.ofDays(14);

    static final Address HOME = new Address("四川省成都市武侯区天府大道北段1480号高新孵化园5栋1单元1808", "收件人李妈妈", "13980551573");
    static final Address OFFICE = new Address("重庆市渝中区解放碑民族路188号环球金融中心37层", "收件人王先生的同事", "18623041573");

    private final Story story;
    private final Console console;
    private final Courier courier;

    Pickups(Story story) {
        this.story = story;
        this.console = story.console();
        this.courier = story.stack().parties().courier();
    }

    /** Where somebody lives, as their phone knows it; every part is looked for in the end. */
    record Address(String street, String recipient, String telephone) {

        String text() {
            return street + "，" + recipient + "，" + telephone;
        }

        List<String> parts() {
            return List.of(text(), street, recipient, telephone);
        }
    }

    /**
     * A pickup that its owner has authorised.
     *
     * @param hold made from what they signed
     * @param owner by the name they sign in with, which no event has
     * @param codes for whoever shall receive the cases; the platform knows their hashes only
     */
    record Pickup(
            PickupId id,
            String hold,
            String owner,
            List<StoredCase> cases,
            Address address,
            Map<String, HandoverCode> codes) {

        List<TokenId> tokens() {
            return cases.stream().map(StoredCase::tokenId).toList();
        }

        List<String> boxCodes() {
            return cases.stream().map(each -> each.boxCode().toString()).toList();
        }
    }

    /** Delivered at the second attempt: the tokens burn. */
    Pickup deliver(Purchases.Order order) {
        console.heading("S6  An owner calls for cases; the address is sealed for the carrier alone");
        story.bear(courier.name(), courier.device());
        Pickup pickup = callFor(order, HOME);
        refuse("wang", pickup);
        refuse(pickup.owner(), pickup);

        console.heading("S7  The courier opens the address and delivers; the tokens burn");
        handToCourier(pickup);
        openAddress(pickup);
        fail(pickup, "NOBODY_HOME");
        refuseGuessedCode(pickup);
        handOver(pickup);
        Seen<AddressDestroyed> destroyed =
                story.await(AddressDestroyed.class, event -> event.pickupId().equals(pickup.id()));
        console.done(Story.at(destroyed) + "  envelope and key are gone; asked for again: "
                + courierGets(pickup, "/envelope").requireRefusal());
        return pickup;
    }

    /** The recipient does not want it: the case goes back, and its owner has it as before. */
    Pickup bringBack(Purchases.Order order) {
        console.heading("    What nobody takes comes back");
        Pickup pickup = callFor(order, OFFICE);
        handToCourier(pickup);
        openAddress(pickup);
        fail(pickup, "REFUSED_BY_RECIPIENT");
        story.await(ReturnRequested.class, event -> event.pickupId().equals(pickup.id()));
        StoredCase first = pickup.cases().getFirst();
        as(
                        "scanner",
                        Stack.Member.WAREHOUSE,
                        "/api/v1/shipments/" + pickup.id() + "/returns",
                        Map.of("site", first.site(), "bin", "R-1", "boxCodes", pickup.boxCodes()))
                .requireSuccess();
        Seen<CasesReturned> returned =
                story.await(CasesReturned.class, event -> event.pickupId().equals(pickup.id()));
        console.done(Story.at(returned) + "  back in " + returned.event().bin() + " at "
                + returned.event().site());
        for (TokenId token : pickup.tokens()) {
            Seen<TokenUnlocked> unlocked =
                    story.await(TokenUnlocked.class, event -> event.tokenId().equals(token));
            console.done(Story.at(unlocked) + "  " + token + ": " + pickup.owner() + " may dispose of it again");
        }
        return pickup;
    }

    private void refuse(String who, Pickup pickup) {
        console.refused(who + " calls for the same cases: "
                + as(
                                who,
                                Stack.Member.DELIVERY,
                                "/api/v1/pickups",
                                Map.of("tokenIds", pickup.tokens(), "carrier", Stack.CARRIER))
                        .requireRefusal());
    }

    private List<TokenId> tokens(Purchases.Order order) {
        return story.tail().all(TokenGranted.class).stream()
                .filter(granted -> granted.orderId().toString().equals(order.id()))
                .map(TokenGranted::tokenId)
                .toList();
    }

    private Pickup callFor(Purchases.Order order, Address address) {
        String owner = order.buyer();
        setPassword(owner);
        String id = Story.retried(() -> as(
                        owner,
                        Stack.Member.DELIVERY,
                        "/api/v1/pickups",
                        Map.of("tokenIds", tokens(order), "carrier", Stack.CARRIER)))
                .requireSuccess()
                .json()
                .path("pickupId")
                .asString();
        Seen<PickupOrdered> ordered = story.await(
                PickupOrdered.class, event -> event.pickupId().value().equals(id));
        console.done(Story.at(ordered) + "  " + owner + " calls for " + order.quantity() + " × "
                + order.plan().name() + ": delivery "
                + ordered.event().deliveryFee() + ", custody " + ordered.event().custodyFee());
        ordered.event()
                .cases()
                .forEach(each -> console.line(
                        console.faint("      " + each.boxCode() + " in " + each.bin() + ", " + each.site())));
        return authorise(owner, ordered.event(), address);
    }

    private Pickup authorise(String owner, PickupOrdered ordered, Address address) {
        Device device = story.device(owner);
        String sealed = device.seal(address.text(), carrierKey());
        Map<String, HandoverCode> codes = Device.newHandoverCodes(
                ordered.cases().stream().map(each -> each.tokenId().toString()).toList());
        String statement = device.speaking()
                .pickup(
                        ordered.pickupId().value(),
                        Stack.CARRIER,
                        sealed,
                        codes,
                        Instant.now().plus(WITHIN));
        Story.retried(() -> as(
                        owner,
                        Stack.Member.DELIVERY,
                        "/api/v1/pickups/" + ordered.pickupId() + "/authorisation",
                        Map.of("password", PICKUP_PASSWORD, "envelope", sealed, "statement", statement)))
                .requireSuccess();
        String hold = StatementId.of(statement).holdId();
        Pickup pickup = new Pickup(ordered.pickupId(), hold, owner, ordered.cases(), address, codes);
        Seen<PickupAuthorised> authorised =
                story.await(PickupAuthorised.class, event -> event.pickupId().equals(pickup.id()));
        console.done(Story.at(authorised) + "  " + pickup.owner() + " signs, and seals the address: hold "
                + console.faint(hold));
        for (TokenId token : pickup.tokens()) {
            Seen<TokenLocked> locked = story.await(
                    TokenLocked.class,
                    event -> event.tokenId().equals(token) && event.pickupId().equals(pickup.id()));
            console.done(Story.at(locked) + "  " + token
                    + console.faint("  until its code opens " + locked.event().hashlock()));
        }
        story.await(DeliveryRequested.class, event -> event.pickupId().equals(pickup.id()));
        return pickup;
    }

    private void setPassword(String owner) {
        URI password = Stack.Member.DELIVERY.uri().resolve("/api/v1/pickup-password");
        Api.Answer first = story.as(owner).put(password, Map.of("new", PICKUP_PASSWORD));
        if (first.status() / 100 != 2) {
            // Set in an earlier run, as it must be: otherwise nobody could authorise with it.
            story.as(owner)
                    .put(password, Map.of("new", PICKUP_PASSWORD, "current", PICKUP_PASSWORD))
                    .requireSuccess();
        }
    }

    private Map<String, Object> carrierKey() {
        JsonNode keys = Api.getPublic(
                        Stack.Member.DELIVERY.uri().resolve("/api/v1/carriers/" + Stack.CARRIER + "/keys"))
                .requireSuccess()
                .json();
        return JSON.convertValue(keys.path("keys").path(0), new TypeReference<>() {});
    }

    private void handToCourier(Pickup pickup) {
        courierPosts(pickup, "/acceptance", Map.of()).requireSuccess();
        story.await(DeliveryAccepted.class, event -> event.pickupId().equals(pickup.id()));
        Story.retried(() -> as(
                        "scanner",
                        Stack.Member.WAREHOUSE,
                        "/api/v1/shipments/" + pickup.id() + "/scans",
                        Map.of(
                                "boxCodes", pickup.boxCodes(),
                                "courier", courier.device().wallet(),
                                "scanner", "gate-1",
                                "scannedAt", Instant.now().toString())))
                .requireSuccess();
        Seen<CasesShipped> shipped =
                story.await(CasesShipped.class, event -> event.pickupId().equals(pickup.id()));
        console.done(Story.at(shipped) + "  " + courier.name() + " of " + courier.carrier() + " has "
                + shipped.event().cases().size() + " of " + pickup.cases().size() + " cases");
        story.await(CasesCollected.class, event -> event.pickupId().equals(pickup.id()));
    }

    private void openAddress(Pickup pickup) {
        String opened = courier.readAddress(
                courierGets(pickup, "/envelope").requireSuccess().text());
        if (!opened.equals(pickup.address().text())) {
            throw new IllegalStateException("the courier reads another address than was sealed");
        }
        console.done("the courier's phone opens the envelope: the address, as " + pickup.owner() + " wrote it");
    }

    private void fail(Pickup pickup, String reason) {
        courierPosts(pickup, "/failure", Map.of("reason", reason)).requireSuccess();
        Seen<DeliveryFailed> failed =
                story.await(DeliveryFailed.class, event -> event.pickupId().equals(pickup.id()));
        console.refused(Story.at(failed) + "  attempt " + failed.event().attempt() + ": "
                + failed.event().reason());
    }

    private void refuseGuessedCode(Pickup pickup) {
        Map<String, HandoverCode> guessed =
                Device.newHandoverCodes(pickup.codes().keySet());
        console.refused("the courier invents handover codes: "
                + courierPosts(pickup, "/handover", Map.of("statement", proof(pickup, guessed)))
                        .requireRefusal());
    }

    private void handOver(Pickup pickup) {
        courierPosts(pickup, "/handover", Map.of("statement", proof(pickup, pickup.codes())))
                .requireSuccess();
        Seen<DeliveryCompleted> completed =
                story.await(DeliveryCompleted.class, event -> event.pickupId().equals(pickup.id()));
        console.done(Story.at(completed) + "  the recipient, of age, takes "
                + completed.event().cases().size() + " cases for their codes");
        for (TokenId token : pickup.tokens()) {
            Seen<TokenBurned> burned =
                    story.await(TokenBurned.class, event -> event.tokenId().equals(token));
            console.done(Story.at(burned) + "  " + token
                    + console.faint("  delivery #" + burned.event().delivery().index()));
        }
    }

    private String proof(Pickup pickup, Map<String, HandoverCode> codes) {
        return courier.phone(Keys.ORIGIN).delivery(pickup.hold(), codes);
    }

    private Api.Answer courierPosts(Pickup pickup, String step, Map<String, ?> body) {
        return as(courier.name(), Stack.Member.DELIVERY, "/api/v1/deliveries/" + pickup.id() + step, body);
    }

    private Api.Answer courierGets(Pickup pickup, String what) {
        return story.as(courier.name())
                .get(Stack.Member.DELIVERY.uri().resolve("/api/v1/deliveries/" + pickup.id() + what));
    }

    private Api.Answer as(String user, Stack.Member service, String path, Map<String, ?> body) {
        return story.as(user).post(service.uri().resolve(path), body);
    }
}
