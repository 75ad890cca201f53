package io.jiucang.title.statement;

import static io.jiucang.title.form.Form.ORIGIN;
import static io.jiucang.title.form.Form.SPEAKER;
import static io.jiucang.title.form.Form.THUMBPRINT;

import io.jiucang.events.value.Base64Url;
import java.time.Instant;
import java.util.Optional;

/**
 * The claims that every statement has, whatever its act.
 *
 * @param iss the ledger's origin: what was said in one installation counts in no other
 * @param sub the speaker: a party's id, or the thumbprint that a terminal or wallet is known by
 * @param jti 16 random bytes in base64url, so that saying it again is another statement
 * @param exp only in a wallet's
 */
public record Spoken(String iss, String sub, String jti, Instant iat, Optional<Instant> exp) {

    private static final int JTI_BYTES = 16;

    public Spoken {
        ORIGIN.require(iss, "iss");
        (exp.isPresent() ? THUMBPRINT : SPEAKER).require(sub, "sub");
        Base64Url.decode(jti, JTI_BYTES, "jti");
        if (exp.isPresent() && !iat.isBefore(exp.get())) {
            throw new IllegalArgumentException("it ends before it begins");
        }
    }
}
