package io.jiucang.starter.wallet;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a device signs for its owner, and all that such a text may say. It goes into an event and is never forgotten, so
 * that nothing in it is free: neither a claim of its own, nor a name.
 */
public enum Act {
    REGISTER_KEY("register-key"),
    PICKUP("pickup", "pickup", "to", "tokens", "hashlocks", "terms"),
    DELIVER("deliver", "pickup", "tokens", "boxCodes", "codes", "ageChecked"),
    SET_PICKUP_PASSWORD("set-pickup-password");

    private final String claim;

    @SuppressWarnings("ImmutableEnumChecker") // Unmodifiable.
    private final Set<String> claims;

    Act(String claim, String... itsOwn) {
        this.claim = claim;
        this.claims = Stream.concat(Stream.of("iss", "sub", "act", "jti", "iat", "exp"), Stream.of(itsOwn))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The claim {@code act}. */
    public String claim() {
        return claim;
    }

    /** The names of all claims of such a text: none may be missing, and none be added. */
    Set<String> claims() {
        return claims;
    }
}
