package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryRejected.Reason.BOX_NOT_IN_PICKUP;
import static io.jiucang.delivery.DeliveryRejected.require;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.value.TokenId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The cases of one pickup, in the order of its tokens, and what has become of each. */
class PickupCases {

    enum State {
        WAITING,
        /** The warehouse was asked to keep it back. */
        CANCELLING,
        COLLECTED,
        DELIVERED,
        CANCELLED,
        LOST;

        boolean isOpen() {
            return switch (this) {
                case WAITING, CANCELLING, COLLECTED -> true;
                case DELIVERED, CANCELLED, LOST -> false;
            };
        }
    }

    private final Map<TokenId, StoredCase> cases = new LinkedHashMap<>();
    private final Map<TokenId, State> states = new LinkedHashMap<>();

    void add(StoredCase stored) {
        cases.put(stored.tokenId(), stored);
        states.put(stored.tokenId(), State.WAITING);
    }

    List<StoredCase> stored() {
        return List.copyOf(cases.values());
    }

    Set<TokenId> tokens() {
        return cases.keySet();
    }

    List<DeliveredCase> in(State... wanted) {
        return cases.values().stream()
                .filter(each -> List.of(wanted).contains(states.get(each.tokenId())))
                .map(each -> new DeliveredCase(each.tokenId(), each.boxCode()))
                .toList();
    }

    List<DeliveredCase> among(List<DeliveredCase> named, State... wanted) {
        return in(wanted).stream().filter(named::contains).toList();
    }

    /** @throws DeliveryRejected if one of them is no case of this pickup */
    void requireAll(List<DeliveredCase> named) {
        for (DeliveredCase each : named) {
            StoredCase known = cases.get(each.tokenId());
            require(
                    known != null && known.boxCode().equals(each.boxCode()),
                    BOX_NOT_IN_PICKUP,
                    each.boxCode() + " is not in this pickup");
        }
    }

    void set(List<TokenId> tokens, State state) {
        tokens.forEach(token -> states.put(token, state));
    }

    boolean anyOpen() {
        return states.values().stream().anyMatch(State::isOpen);
    }
}
