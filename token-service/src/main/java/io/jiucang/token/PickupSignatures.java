package io.jiucang.token;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.jiucang.events.BoxCode;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.PickupId;
import io.jiucang.events.TokenId;
import io.jiucang.starter.Intent;
import io.jiucang.starter.Intents;
import io.jiucang.starter.RequestRejected;
import java.text.ParseException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
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
        return find(event.intent(), event.owner(), "pickup", event.authorisedAt())
                .filter(intent -> isFor(intent, event.pickupId(), event.tokens()))
                .filter(intent -> event.carrier().equals(intent.to()))
                .filter(intent -> event.envelopeSha256().equals(intent.terms()))
                .isPresent();
    }

    @Override
    public boolean hold(DeliveryCompleted event) {
        List<TokenId> tokens =
                event.cases().stream().map(DeliveredCase::tokenId).toList();
        List<BoxCode> boxes = event.cases().stream().map(DeliveredCase::boxCode).toList();
        return find(event.proof(), event.courier(), "deliver", event.deliveredAt())
                .filter(intent -> isFor(intent, event.pickupId(), tokens))
                .filter(intent -> provesHandover(intent, boxes))
                .isPresent();
    }

    private Optional<Intent> find(String jws, String signer, String act, Instant at) {
        try {
            return Optional.of(intents.useAt(jws, signer, act, at));
        } catch (RequestRejected rejected) {
            log.warn("{} by {} does not hold: {} ({})", act, signer, rejected.reason(), rejected.getMessage());
            return Optional.empty();
        }
    }

    private static boolean isFor(Intent intent, PickupId pickup, List<TokenId> tokens) {
        return pickup.value().equals(intent.pickup()) && same(intent.tokens(), tokens, TokenId::toString);
    }

    private static boolean provesHandover(Intent proof, List<BoxCode> boxes) {
        try {
            JWTClaimsSet claims = SignedJWT.parse(proof.jws()).getJWTClaimsSet();
            List<String> signed =
                    Optional.ofNullable(claims.getStringListClaim("boxCodes")).orElse(List.of());
            return same(signed, boxes, BoxCode::toString) && Boolean.TRUE.equals(claims.getBooleanClaim("ageChecked"));
        } catch (ParseException e) {
            return false;
        }
    }

    private static <T> boolean same(List<String> signed, Collection<T> told, Function<T, String> text) {
        return signed.size() == told.size()
                && Set.copyOf(signed).equals(told.stream().map(text).collect(Collectors.toSet()));
    }
}
