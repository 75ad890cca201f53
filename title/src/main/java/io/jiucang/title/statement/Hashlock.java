package io.jiucang.title.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.Sha256;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;

/** What a handover code opens: one token of one pickup, and nothing else. */
public final class Hashlock {

    private static final String DOMAIN = "jiucang-hashlock-v1";

    private Hashlock() {}

    /** SHA-256 of the ASCII text {@code jiucang-hashlock-v1|<pickup>|<token>|<code>}; none of the parts can hold a bar. */
    public static Hash of(PickupId pickup, TokenId token, HandoverCode code) {
        String text = String.join("|", DOMAIN, pickup.value(), token.toString(), code.text());
        return Hash.of(Sha256.digest().digest(text.getBytes(US_ASCII)));
    }
}
