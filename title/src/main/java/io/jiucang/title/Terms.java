package io.jiucang.title;

import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.statement.Act;
import java.time.Instant;
import java.util.Map;

/** What an owner holds tokens for, and on which terms. A kind of hold is one record here; gifts and pledges will be others. */
public sealed interface Terms {

    boolean names(TokenId token);

    /** Not carried out before the first tick of this time or later, the hold ends. */
    Instant until();

    /** H2. */
    record Pickup(PickupId id, String carrier, Map<TokenId, Hash> hashlocks, Instant until) implements Terms {

        static Pickup of(Act.Pickup act) {
            return new Pickup(act.pickup(), act.carrier(), act.hashlocks(), act.until());
        }

        @Override
        public boolean names(TokenId token) {
            return hashlocks.containsKey(token);
        }
    }
}
