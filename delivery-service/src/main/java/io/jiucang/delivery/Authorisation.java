package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryRejected.Reason.HANDOVER_CODE_WRONG;
import static io.jiucang.delivery.DeliveryRejected.Reason.PROOF_MISMATCH;
import static io.jiucang.delivery.DeliveryRejected.require;

import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Hashlock;
import io.jiucang.title.statement.HoldId;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.util.Optional;

/** What the owner has signed for a pickup. */
record Authorisation(HoldId hold, Act.Pickup pickup) {

    /** @param statement of an event of this service */
    static Authorisation of(String statement) {
        Statement<Act.Pickup> spoken = Statements.read(statement, Act.Pickup.class);
        return new Authorisation(spoken.holdId(), spoken.act());
    }

    String envelopeSha256() {
        return pickup.envelope().hex();
    }

    /** @throws DeliveryRejected unless each of the codes opens its token's hashlock: a code is for one token of one pickup */
    void requireOpenedBy(Act.Delivery proof) {
        require(proof.hold().equals(hold), PROOF_MISMATCH, "hold is not " + hold);
        proof.codes()
                .forEach((token, code) -> require(
                        Optional.of(Hashlock.of(pickup.pickup(), token, code))
                                .equals(Optional.ofNullable(pickup.hashlocks().get(token))),
                        HANDOVER_CODE_WRONG,
                        "this is not the code of " + token));
    }
}
