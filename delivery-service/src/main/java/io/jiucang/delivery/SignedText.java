package io.jiucang.delivery;

import com.nimbusds.jwt.SignedJWT;
import io.jiucang.delivery.DeliveryRejected.Reason;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An intent or a proof: it goes into an event and is never forgotten, so it may say nothing beyond its purpose. */
final class SignedText {

    private static final Set<String> HEADERS = Set.of("alg", "kid", "typ");
    private static final Set<String> CLAIMS_OF_ALL = Set.of("iss", "sub", "act", "jti", "iat", "exp");

    private SignedText() {}

    /**
     * @param jws verified before
     * @param claims that it may have besides those of all
     */
    static void requireOnly(String jws, String... claims) {
        Set<String> allowed =
                Stream.concat(CLAIMS_OF_ALL.stream(), Arrays.stream(claims)).collect(Collectors.toSet());
        try {
            SignedJWT jwt = SignedJWT.parse(jws);
            DeliveryRejected.require(
                    allowed.containsAll(jwt.getJWTClaimsSet().getClaims().keySet())
                            && HEADERS.containsAll(
                                    jwt.getHeader().toJSONObject().keySet()),
                    Reason.INTENT_MISMATCH,
                    "the signed text has claims or headers that do not belong there");
        } catch (ParseException e) {
            throw new IllegalStateException("it was parsed before", e);
        }
    }
}
