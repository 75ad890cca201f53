package io.jiucang.token;

import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;

/**
 * Whether people have signed what delivery-service says they want or did. Its own signature is not enough: nobody on the
 * platform can lock or burn a token without them.
 */
interface Signatures {

    /** The owner's, for this very pickup; it holds once. */
    boolean hold(PickupAuthorised event);

    /** The courier's, for this very delivery; it holds once. */
    boolean hold(DeliveryCompleted event);
}
