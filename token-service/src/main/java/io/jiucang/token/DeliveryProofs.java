package io.jiucang.token;

import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.TokenId;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a courier has signed what delivery-service says they did. Its own signature is not enough: nobody on the platform can
 * burn a token without them.
 */
interface DeliveryProofs {

    /** If the courier's statement holds, for this very delivery: what the recipient gave for each of its tokens. */
    Optional<Map<TokenId, HandoverCode>> codes(DeliveryCompleted event);
}
