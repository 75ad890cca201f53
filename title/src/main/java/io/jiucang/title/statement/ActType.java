package io.jiucang.title.statement;

import io.jiucang.title.statement.Act.Speaker;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Every act: its name on the wire, its record, and who may speak it. */
public enum ActType {
    OFFER("offer", Act.Offer.class, Speaker.WINERY),
    ORDER("order", Act.Order.class, Speaker.WALLET),
    ORDER_CANCELLATION("order-cancellation", Act.OrderCancellation.class, Speaker.WALLET),
    PICKUP("pickup", Act.Pickup.class, Speaker.WALLET),
    PICKUP_CANCELLATION("pickup-cancellation", Act.PickupCancellation.class, Speaker.WALLET),
    MONEY_BACK("money-back", Act.MoneyBack.class, Speaker.WALLET),
    WALLET_BIRTH("wallet-birth", Act.WalletBirth.class, Speaker.WALLET),
    KEY_ENDORSEMENT("key-endorsement", Act.KeyEndorsement.class, Speaker.WALLET),
    KEY_REVOCATION("key-revocation", Act.KeyRevocation.class, Speaker.WALLET),
    DOCK_ENROLMENT("dock-enrolment", Act.DockEnrolment.class, Speaker.WAREHOUSE),
    COURIER_ENROLMENT("courier-enrolment", Act.CourierEnrolment.class, Speaker.CARRIER),
    TERMINAL_WITHDRAWAL("terminal-withdrawal", Act.TerminalWithdrawal.class, Speaker.WAREHOUSE, Speaker.CARRIER),
    RELEASE("release", Act.Release.class, Speaker.DOCK),
    NOT_RELEASED("not-released", Act.NotReleased.class, Speaker.DOCK),
    REFUSAL("refusal", Act.Refusal.class, Speaker.WAREHOUSE, Speaker.DOCK),
    SHIPS("ships", Act.Ships.class, Speaker.DOCK),
    STANDS_HERE("stands-here", Act.StandsHere.class, Speaker.DOCK),
    RETURNED("returned", Act.Returned.class, Speaker.DOCK),
    FOUND("found", Act.Found.class, Speaker.DOCK),
    LOST("lost", Act.Lost.class, Speaker.WAREHOUSE, Speaker.DOCK),
    LOST_ON_THE_ROAD("lost-on-the-road", Act.LostOnTheRoad.class, Speaker.COURIER),
    DELIVERY("delivery", Act.Delivery.class, Speaker.COURIER);

    private static final Map<String, ActType> BY_TYP =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(ActType::typ, Function.identity()));
    private static final Map<Class<? extends Act>, ActType> BY_RECORD =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(ActType::record, Function.identity()));

    private final String typ;
    private final Class<? extends Act> record;

    @SuppressWarnings("ImmutableEnumChecker") // Unmodifiable.
    private final Set<Speaker> speakers;

    ActType(String name, Class<? extends Act> record, Speaker first, Speaker... others) {
        this.typ = "jiucang-" + name + "-v1";
        this.record = record;
        this.speakers = Collections.unmodifiableSet(EnumSet.of(first, others));
    }

    /** The header's {@code typ}. A changed act is another type. */
    public String typ() {
        return typ;
    }

    public Class<? extends Act> record() {
        return record;
    }

    public Set<Speaker> speakers() {
        return speakers;
    }

    /** Whether its statements end: a wallet's do, by {@code exp}. */
    public boolean expires() {
        return speakers.contains(Speaker.WALLET);
    }

    static ActType of(Act act) {
        ActType type = BY_RECORD.get(act.getClass());
        if (type == null) {
            throw new IllegalStateException("no type for " + act.getClass());
        }
        return type;
    }

    /** @throws IllegalArgumentException if there is none */
    static ActType of(String typ) {
        ActType type = BY_TYP.get(typ);
        if (type == null) {
            throw new IllegalArgumentException("typ names no act");
        }
        return type;
    }
}
