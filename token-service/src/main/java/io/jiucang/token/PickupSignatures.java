package io.jiucang.token;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.HashlockedToken;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.wallet.Act;
import io.jiucang.starter.wallet.DeliveryProof;
import io.jiucang.starter.wallet.Intent;
import io.jiucang.starter.wallet.Intents;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Verifies against the keys in the wallets kept here, as of the time the event tells. */
@Component
class PickupSignatures implements Signatures {

    private static final Logger log = LoggerFactory.getLogger(PickupSignatures.class);

    private final Intents intents;

    PickupSignatures(Intents intents) {
        this.intents = intents;
    }

    @Override
    public boolean hold(PickupAuthorised event) {
        return read(
                        event.pickupId(),
                        () -> intents.useRequestedAt(event.intent(), event.owner(), Act.PICKUP, event.authorisedAt()))
                .filter(intent ->
                        isFor(intent, event.pickupId(), event.tokens().stream().map(HashlockedToken::tokenId)))
                .filter(intent -> hasHashlocks(intent, event.tokens()))
                .filter(intent -> event.carrier().equals(intent.to()))
                .filter(intent -> event.envelopeSha256().equals(intent.terms()))
                .isPresent();
    }

    @Override
    public Optional<Map<TokenId, HandoverCode>> codes(DeliveryCompleted event) {
        return read(
                        event.pickupId(),
                        () -> DeliveryProof.of(
                                intents.useAt(event.proof(), event.courier(), Act.DELIVER, event.deliveredAt())))
                .filter(proof -> isFor(
                        proof.intent(), event.pickupId(), event.cases().stream().map(DeliveredCase::tokenId)))
                .filter(proof -> same(
                        proof.boxCodes(),
                        event.cases().stream().map(DeliveredCase::boxCode).toList()))
                .filter(DeliveryProof::ageChecked)
                .map(DeliveryProof::codes);
    }

    private static <T> Optional<T> read(PickupId pickup, Supplier<T> signed) {
        try {
            return Optional.of(signed.get());
        } catch (RequestRejected rejected) {
            log.warn(
                    "a signature for pickup {} does not hold: {} ({})",
                    pickup,
                    rejected.reason(),
                    rejected.getMessage());
            return Optional.empty();
        }
    }

    private static boolean isFor(Intent intent, PickupId pickup, Stream<TokenId> tokens) {
        return pickup.value().equals(intent.pickup())
                && same(intent.tokens(), tokens.map(TokenId::toString).toList());
    }

    /** One of its own for each token: a code that opened two would burn a case its recipient never got. */
    private static boolean hasHashlocks(Intent intent, List<HashlockedToken> tokens) {
        Map<String, String> told = new HashMap<>();
        tokens.forEach(token -> told.put(token.tokenId().toString(), token.codeSha256()));
        return intent.hashlocks().equals(told) && Set.copyOf(told.values()).size() == tokens.size();
    }

    /** In whatever order, none twice. */
    private static <T> boolean same(List<T> signed, List<T> told) {
        Set<T> each = Set.copyOf(signed);
        return each.size() == signed.size() && told.size() == signed.size() && each.equals(Set.copyOf(told));
    }
}
