package io.jiucang.title.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.Sha256;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.Actor;
import io.jiucang.title.Parties;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One statement of each act, always the same. */
final class Samples {

    static final Instant IAT = Instant.parse("2026-11-27T08:00:00Z");
    static final Actor LI = Actor.called("li");
    static final Actor PHONE = Actor.called("phone");
    static final Actor DOCK = Actor.called("dock");
    static final Actor COURIER = Actor.called("courier");

    static final PickupId PICKUP = new PickupId("01a205a9-8d2b-71c0-9002-45dab8a1cd0c");
    static final HandoverCode CODE = new HandoverCode("0123456789ABCDEF");

    private static final VaultId VAULT = new VaultId("1c1f2c43-6a0e-8d2a-9b1e-4a0c7a1b2c3d");
    private static final TokenId TOKEN = new TokenId(VAULT, 10);
    private static final TokenId OTHER = new TokenId(VAULT, 2);
    private static final List<TokenId> TOKENS = List.of(TOKEN, OTHER);
    private static final HoldId HOLD = new HoldId("7f2a7b7e-3f55-8c49-a9f2-0c4f0f6d2a11");
    private static final OrderId ORDER = new OrderId("4b9fbb1d-6f0a-8e4b-8f56-3b1f5a9ce001");

    private Samples() {}

    static Act act(ActType type) {
        return switch (type) {
            case OFFER ->
                new Act.Offer(
                        "luzhou-1573",
                        "19521141111014",
                        100_000,
                        Money.cny(588_000),
                        6,
                        IAT,
                        IAT.plus(Duration.ofDays(60)),
                        Parties.SITE,
                        Parties.APPID,
                        Parties.PAYEE,
                        hash("agreement"),
                        7,
                        7_200);
            case ORDER ->
                new Act.Order(hash("offer"), 2, Money.cny(1_176_000), hash("agreement"), IAT.plus(Duration.ofHours(2)));
            case ORDER_CANCELLATION -> new Act.OrderCancellation(ORDER);
            case PICKUP ->
                new Act.Pickup(
                        PICKUP,
                        "carrier",
                        hash("envelope"),
                        Map.of(TOKEN, Hashlock.of(PICKUP, TOKEN, CODE), OTHER, Hashlock.of(PICKUP, OTHER, CODE)),
                        IAT.plus(Duration.ofDays(3)));
            case PICKUP_CANCELLATION -> new Act.PickupCancellation(HOLD);
            case MONEY_BACK -> new Act.MoneyBack(ORDER, TOKENS);
            case WALLET_BIRTH -> new Act.WalletBirth(LI.key(), List.of(PHONE.id()));
            case KEY_ENDORSEMENT -> new Act.KeyEndorsement(PHONE.key());
            case KEY_REVOCATION -> new Act.KeyRevocation(PHONE.id());
            case DOCK_ENROLMENT -> new Act.DockEnrolment(DOCK.key(), Parties.SITE);
            case COURIER_ENROLMENT -> new Act.CourierEnrolment(COURIER.key());
            case TERMINAL_WITHDRAWAL -> new Act.TerminalWithdrawal(DOCK.id());
            case RELEASE ->
                new Act.Release(
                        hash("sale"),
                        Map.of(
                                TOKEN,
                                new BoxCode("19521141111014", "toxgtb-10"),
                                OTHER,
                                new BoxCode("19521141111014", "toxgtb/2")));
            case NOT_RELEASED -> new Act.NotReleased(hash("sale"), TOKENS);
            case REFUSAL -> new Act.Refusal(hash("sale"), TOKENS);
            case SHIPS -> new Act.Ships(HOLD, TOKENS);
            case STANDS_HERE -> new Act.StandsHere(HOLD, TOKENS);
            case RETURNED -> new Act.Returned(HOLD, TOKENS);
            case FOUND -> new Act.Found(TOKENS);
            case LOST -> new Act.Lost(TOKENS);
            case LOST_ON_THE_ROAD -> new Act.LostOnTheRoad(HOLD, TOKENS);
            case DELIVERY -> new Act.Delivery(HOLD, Map.of(TOKEN, CODE), true);
        };
    }

    static Actor speaker(ActType type) {
        return switch (type.speakers().iterator().next()) {
            case WINERY -> Parties.WINERY;
            case WAREHOUSE -> Parties.WAREHOUSE;
            case CARRIER -> Parties.CARRIER;
            case DOCK -> DOCK;
            case COURIER -> COURIER;
            case WALLET -> LI;
        };
    }

    static String jws(ActType type) {
        Actor speaker = speaker(type);
        boolean party = switch (type.speakers().iterator().next()) {
            case WINERY, WAREHOUSE, CARRIER -> true;
            case DOCK, COURIER, WALLET -> false;
        };
        Spoken spoken = Actor.spoken(
                Parties.ORIGIN,
                party ? speaker.name() : speaker.id(),
                Arrays.asList(ActType.values()).indexOf(type),
                IAT,
                type.expires() ? Optional.of(IAT.plus(Duration.ofMinutes(5))) : Optional.empty());
        return speaker.says(spoken, act(type));
    }

    static Hash hash(String text) {
        return Hash.of(Sha256.digest().digest(text.getBytes(US_ASCII)));
    }
}
