package io.jiucang.token;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.inbox.PredecessorMissing;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.wallet.TerminalStatements;
import io.jiucang.title.Facts.Hold;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Act.Speaker;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Proofs of delivery, by a phone of the carrier that the owner's anchored statement names (H5). Until what ships a case is a
 * statement as well, whether the phone counts is judged when the delivery is told here, and not by its place in the ledger.
 */
@Component
class CourierStatements implements DeliveryProofs {

    private static final Logger log = LoggerFactory.getLogger(CourierStatements.class);

    private final TerminalStatements terminals;
    private final LawReader law;

    CourierStatements(TerminalStatements terminals, LawReader law) {
        this.terminals = terminals;
        this.law = law;
    }

    @Override
    public Optional<Map<TokenId, HandoverCode>> codes(DeliveryCompleted event) {
        try {
            TerminalStatements.Word<Act.Delivery> word =
                    terminals.spoken(event.statement(), Act.Delivery.class, Speaker.COURIER);
            return law.read(state ->
                            Optional.ofNullable(state.holds().get(word.act().hold())))
                    .map(Hold::pickup)
                    .filter(pickup -> pickup.id().equals(event.pickupId()))
                    .filter(pickup -> pickup.carrier().equals(word.terminal().party()))
                    .map(pickup -> word.act().codes())
                    .filter(codes -> codes.keySet().equals(Set.copyOf(DeliveredCase.tokens(event.cases()))));
        } catch (RequestRejected rejected) {
            if (rejected.reason() == RequestRejected.Reason.TRY_AGAIN) {
                throw new PredecessorMissing(String.valueOf(rejected.getMessage()));
            }
            log.warn("the proof for pickup {} does not hold: {}", event.pickupId(), rejected.reason());
            return Optional.empty();
        }
    }
}
