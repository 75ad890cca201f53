package io.jiucang.delivery;

import io.jiucang.events.BoxCode;
import io.jiucang.starter.Intent;
import java.text.ParseException;
import java.util.List;
import java.util.Optional;

/**
 * What a courier's device signed at the door, its signature verified.
 *
 * @param boxCodes claim {@code boxCodes}: which were handed over
 * @param ageChecked claim {@code ageChecked}: whether the recipient proved to be of age
 */
record DeliveryProof(Intent intent, List<BoxCode> boxCodes, boolean ageChecked) {

    static final String ACT = "deliver";

    static DeliveryProof of(Intent intent) {
        SignedClaims claims = SignedClaims.of(intent.jws());
        claims.requireOnly("tokens", "pickup", "boxCodes", "ageChecked");
        try {
            List<BoxCode> boxes =
                    Optional.ofNullable(claims.set().getStringListClaim("boxCodes")).orElse(List.of()).stream()
                            .map(BoxCode::parse)
                            .toList();
            return new DeliveryProof(
                    intent, boxes, Boolean.TRUE.equals(claims.set().getBooleanClaim("ageChecked")));
        } catch (ParseException | IllegalArgumentException e) {
            throw new DeliveryRejected(
                    DeliveryRejected.Reason.PROOF_MISMATCH,
                    "boxCodes is a list of box codes, ageChecked true or false");
        }
    }
}
