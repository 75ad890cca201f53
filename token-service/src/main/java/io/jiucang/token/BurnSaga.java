package io.jiucang.token;

import static com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility.ANY;
import static com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility.NONE;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.inbox.SignedEvent;
import io.jiucang.token.Ledger.EventAnchored;
import io.jiucang.token.Ledger.Leaf;
import io.jiucang.token.TokenCommand.BurnToken;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.deadline.DeadlineManager;
import org.axonframework.deadline.annotation.DeadlineHandler;
import org.axonframework.modelling.saga.SagaEventHandler;
import org.axonframework.modelling.saga.SagaLifecycle;
import org.axonframework.modelling.saga.StartSaga;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From delivery to the end of a token (S7). The cases of a pickup may be delivered in several parts; the tokens of each
 * burn once the courier's proof holds and the delivery is in the ledger, its inclusion verified.
 */
@JsonAutoDetect(fieldVisibility = ANY, getterVisibility = NONE, isGetterVisibility = NONE)
public class BurnSaga {

    static final String REFUSED = "jiucang.burn.refused";

    private static final Logger log = LoggerFactory.getLogger(BurnSaga.class);

    private List<Delivery> deliveries = new ArrayList<>();
    private AnchorWait wait = new AnchorWait();

    record Delivery(PickupId pickupId, String owner, List<Handover> handovers, Leaf leaf, String correlationId) {}

    /** @param code the recipient's for this token */
    record Handover(TokenId tokenId, BoxCode boxCode, HandoverCode code) {}

    @StartSaga
    @SagaEventHandler(associationProperty = "pickupId")
    void on(
            DeliveryCompleted event,
            @SignedEvent VerifiedEvent signed,
            DeliveryProofs proofs,
            CommandGateway commands,
            Ledger ledger,
            DeadlineManager deadlines,
            TokenSettings settings,
            MeterRegistry meters) {
        Map<TokenId, HandoverCode> codes = proofs.codes(event).orElse(null);
        if (codes == null) {
            refused(event.pickupId(), "PROOF_INVALID", "the courier's proof does not hold", meters);
            if (deliveries.isEmpty()) {
                SagaLifecycle.end();
            }
            return;
        }
        List<Handover> handovers = event.cases().stream()
                .map(delivered -> new Handover(
                        delivered.tokenId(),
                        delivered.boxCode(),
                        Objects.requireNonNull(codes.get(delivered.tokenId()))))
                .toList();
        Leaf leaf = Leaf.of(signed);
        deliveries.add(
                new Delivery(event.pickupId(), event.owner(), handovers, leaf, AnchorWait.correlationId(signed)));
        wait.begin(
                leaf,
                handovers.stream().map(handover -> handover.tokenId().vault()),
                event.pickupId(),
                deadlines,
                settings.burn().overdueAfter());
        burnWhatIsProven(commands, ledger, deadlines, meters);
    }

    @SagaEventHandler(associationProperty = AnchorWait.LEAF)
    void on(
            EventAnchored event,
            CommandGateway commands,
            Ledger ledger,
            DeadlineManager deadlines,
            MeterRegistry meters) {
        burnWhatIsProven(commands, ledger, deadlines, meters);
    }

    private void burnWhatIsProven(
            CommandGateway commands, Ledger ledger, DeadlineManager deadlines, MeterRegistry meters) {
        for (Delivery delivery : List.copyOf(deliveries)) {
            ledger.find(delivery.leaf).ifPresent(proven -> {
                delivery.handovers.forEach(handover -> burn(delivery, handover, proven, commands, meters));
                deliveries.remove(delivery);
            });
        }
        if (deliveries.isEmpty()) {
            wait.end(deadlines);
        }
    }

    // What goes another way: not this pickup's token, another token's case, a wrong code; proofs that do not come.

    private static void burn(
            Delivery delivery,
            Handover handover,
            LedgerReference proven,
            CommandGateway commands,
            MeterRegistry meters) {
        try {
            commands.sendAndWait(
                    new BurnToken(
                            handover.tokenId,
                            delivery.pickupId,
                            delivery.owner,
                            handover.boxCode,
                            handover.code,
                            proven),
                    AnchorWait.correlatedBy(delivery.correlationId));
        } catch (TokenRejected rejected) {
            refused(delivery.pickupId, rejected.reason().toString(), String.valueOf(rejected.getMessage()), meters);
        }
    }

    private static void refused(PickupId pickup, String reason, String detail, MeterRegistry meters) {
        meters.counter(REFUSED, "reason", reason).increment();
        log.error("not burned for the delivery of pickup {}: {} ({})", pickup, reason, detail);
    }

    @DeadlineHandler(deadlineName = AnchorWait.OVERDUE)
    void onOverdue(PickupId pickupId, DeadlineManager deadlines, TokenSettings settings, MeterRegistry meters) {
        meters.counter("jiucang.burn.overdue").increment();
        log.warn("the ledger has not proven deliveries of pickup {}: {}", pickupId, deliveries);
        wait.goOn(pickupId, deadlines, settings.burn().overdueAfter());
    }
}
