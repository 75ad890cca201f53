package io.jiucang.token;

import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.TokenId;
import java.util.Map;
import java.util.Optional;

/**
 * Whether people have signed what delivery-service says they want or did. Its own signature is not enough: nobody on the
 * platform can lock or burn a token without them.
 */
interface Signatures {

    /** The owner's, for this very pickup and the hashlocks of its tokens; it holds once. */
    boolean hold(PickupAuthorised event);

    /** If the courier's holds, for this very delivery, what the recipient gave for each token; it holds once. */
    Optional<Map<TokenId, HandoverCode>> codes(DeliveryCompleted event);
}
