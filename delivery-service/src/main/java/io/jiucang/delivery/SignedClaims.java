package io.jiucang.delivery;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.jiucang.delivery.DeliveryRejected.Reason;
import java.text.ParseException;
import java.util.Set;
import java.util.TreeSet;

/** The claims of a JWS whose signature was verified before. */
record SignedClaims(JWTClaimsSet set) {

    private static final Set<String> OF_EVERY_INTENT = Set.of("iss", "sub", "act", "jti", "iat", "exp");

    static SignedClaims of(String jws) {
        try {
            return new SignedClaims(SignedJWT.parse(jws).getJWTClaimsSet());
        } catch (ParseException e) {
            throw new IllegalStateException("it was parsed before", e);
        }
    }

    /** A signed text goes into an event and is never forgotten: it may say nothing beyond its purpose. */
    void requireOnly(String... names) {
        Set<String> others = new TreeSet<>(set.getClaims().keySet());
        others.removeAll(OF_EVERY_INTENT);
        others.removeAll(Set.of(names));
        DeliveryRejected.require(
                others.isEmpty(), Reason.INTENT_MISMATCH, "the signed text has claims that do not belong there");
    }
}
