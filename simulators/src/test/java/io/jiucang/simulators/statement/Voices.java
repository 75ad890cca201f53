package io.jiucang.simulators.statement;

import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.TokenId;
import io.jiucang.simulators.courier.Phone;
import io.jiucang.simulators.device.Wallet;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.statement.Act;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Every act of the law, said by the simulator of whoever may speak it. */
final class Voices {

    /** What the recipient of any case gives, and what any sealed address is: of both, acts have the hash alone. */
    static final HandoverCode CODE = new HandoverCode("0123456789ABCDEF");

    static final String SEALED = "envelope";

    private Voices() {}

    static String say(Act act, Act.Speaker role, Speaker speaker) {
        return switch (role) {
            case WINERY -> say(act, new Winery(speaker));
            case WAREHOUSE -> say(act, new Warehouse(speaker));
            case CARRIER -> say(act, new Carrier(speaker));
            case DOCK -> say(act, new Dock(speaker));
            case COURIER -> say(act, new Phone(speaker));
            case WALLET -> say(act, new Wallet(speaker));
        };
    }

    private static String say(Act act, Winery winery) {
        Act.Offer offer = (Act.Offer) act;
        return winery.offer(new Winery.Offer(
                offer.product(),
                offer.gtin(),
                offer.count(),
                offer.price().minorUnits(),
                offer.limit(),
                offer.from(),
                offer.until(),
                offer.site(),
                offer.appid(),
                offer.payee(),
                offer.agreement().hex(),
                offer.deliverBy(),
                Duration.ofSeconds(offer.longestPayBy())));
    }

    private static String say(Act act, Warehouse warehouse) {
        return switch (act) {
            case Act.DockEnrolment enrolment -> warehouse.dockEnrolment(jwk(enrolment.key()), enrolment.site());
            case Act.TerminalWithdrawal withdrawal -> warehouse.terminalWithdrawal(withdrawal.terminal());
            case Act.Refusal refusal -> warehouse.refusal(refusal.sale().hex(), backwards(refusal.tokens()));
            case Act.Lost lost -> warehouse.lost(backwards(lost.tokens()));
            default -> throw new AssertionError("a warehouse does not say " + act);
        };
    }

    private static String say(Act act, Carrier carrier) {
        return switch (act) {
            case Act.CourierEnrolment enrolment -> carrier.courierEnrolment(jwk(enrolment.key()));
            case Act.TerminalWithdrawal withdrawal -> carrier.terminalWithdrawal(withdrawal.terminal());
            default -> throw new AssertionError("a carrier does not say " + act);
        };
    }

    private static String say(Act act, Dock dock) {
        return switch (act) {
            case Act.Release release -> dock.release(release.sale().hex(), texts(release.boxes(), Object::toString));
            case Act.NotReleased word -> dock.notReleased(word.sale().hex(), backwards(word.tokens()));
            case Act.Refusal refusal -> dock.refusal(refusal.sale().hex(), backwards(refusal.tokens()));
            case Act.Ships ships -> dock.ships(ships.hold().value(), backwards(ships.tokens()));
            case Act.StandsHere word -> dock.standsHere(word.hold().value(), backwards(word.tokens()));
            case Act.Returned returned -> dock.returned(returned.hold().value(), backwards(returned.tokens()));
            case Act.Found found -> dock.found(backwards(found.tokens()));
            case Act.Lost lost -> dock.lost(backwards(lost.tokens()));
            default -> throw new AssertionError("a dock does not say " + act);
        };
    }

    private static String say(Act act, Phone phone) {
        return switch (act) {
            case Act.LostOnTheRoad lost -> phone.lostOnTheRoad(lost.hold().value(), backwards(lost.tokens()));
            case Act.Delivery delivery ->
                phone.delivery(delivery.hold().value(), texts(delivery.codes(), code -> simulators(code)));
            default -> throw new AssertionError("a courier does not say " + act);
        };
    }

    private static String say(Act act, Wallet wallet) {
        return switch (act) {
            case Act.WalletBirth birth ->
                birth.recovery().isEmpty()
                        ? wallet.birth()
                        : wallet.birth(birth.recovery().getFirst());
            case Act.KeyEndorsement endorsement -> wallet.keyEndorsement(jwk(endorsement.key()));
            case Act.KeyRevocation revocation -> wallet.keyRevocation(revocation.key());
            case Act.Order order ->
                wallet.order(
                        order.offer().hex(),
                        order.quantity(),
                        order.total().minorUnits(),
                        order.agreement().hex(),
                        order.payBy());
            case Act.OrderCancellation cancellation ->
                wallet.orderCancellation(cancellation.order().value());
            case Act.Pickup pickup ->
                wallet.pickup(
                        pickup.pickup().value(),
                        pickup.carrier(),
                        SEALED,
                        texts(pickup.hashlocks(), _ -> simulators(CODE)),
                        pickup.until());
            case Act.PickupCancellation cancellation ->
                wallet.pickupCancellation(cancellation.hold().value());
            case Act.MoneyBack word -> wallet.moneyBack(word.order().value(), backwards(word.tokens()));
            default -> throw new AssertionError("a wallet does not say " + act);
        };
    }

    static P256Key publicKey(SigningKey key) {
        Map<String, String> jwk = key.publicKey();
        return new P256Key(
                jwk.getOrDefault("crv", ""),
                jwk.getOrDefault("kty", ""),
                jwk.getOrDefault("x", ""),
                jwk.getOrDefault("y", ""));
    }

    private static Map<String, String> jwk(P256Key key) {
        return Map.of("y", key.y(), "x", key.x(), "kty", key.kty(), "crv", key.crv());
    }

    /** Not in the order of statements: that is the simulators' business. */
    private static Collection<String> backwards(List<TokenId> tokens) {
        return tokens.reversed().stream().map(TokenId::toString).toList();
    }

    private static <V, W> Map<String, W> texts(Map<TokenId, V> byToken, Function<V, W> value) {
        Map<String, W> texts = new LinkedHashMap<>();
        List.copyOf(byToken.entrySet())
                .reversed()
                .forEach(each -> texts.put(each.getKey().toString(), value.apply(each.getValue())));
        return texts;
    }

    private static io.jiucang.simulators.device.HandoverCode simulators(HandoverCode code) {
        return new io.jiucang.simulators.device.HandoverCode(code.text());
    }
}
