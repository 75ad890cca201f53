package io.jiucang.starter.wallet;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.RequestRejected;
import java.text.ParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a courier's device signed at the door, its signature verified.
 *
 * @param boxCodes claim {@code boxCodes}: which were handed over
 * @param codes claim {@code codes}: what the recipient gave for each token
 * @param ageChecked claim {@code ageChecked}: whether the recipient proved to be of age
 */
public record DeliveryProof(
        Intent intent, List<BoxCode> boxCodes, Map<TokenId, HandoverCode> codes, boolean ageChecked) {

    /** @throws RequestRejected {@code INTENT_MALFORMED}, if its claims are not those of a proof of delivery */
    public static DeliveryProof of(Intent intent) {
        try {
            JWTClaimsSet claims = SignedJWT.parse(intent.jws()).getJWTClaimsSet();
            Map<TokenId, HandoverCode> codes = new HashMap<>();
            Intents.texts(claims, "codes")
                    .forEach((token, code) -> codes.put(TokenId.parse(token), HandoverCode.parse(code)));
            return new DeliveryProof(
                    intent,
                    Intents.textList(claims, "boxCodes").stream()
                            .map(BoxCode::parse)
                            .toList(),
                    Map.copyOf(codes),
                    Boolean.TRUE.equals(claims.getBooleanClaim("ageChecked")));
        } catch (ParseException | IllegalArgumentException e) {
            throw new RequestRejected(
                    RequestRejected.Reason.INTENT_MALFORMED,
                    "a proof of delivery has boxCodes, codes by token id, and ageChecked");
        }
    }
}
