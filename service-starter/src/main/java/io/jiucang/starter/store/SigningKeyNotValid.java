package io.jiucang.starter.store;

import java.time.Instant;
import org.springframework.dao.TransientDataAccessException;

/** What would be recorded now nobody would accept: the clock is wrong, or it is time for another key. */
final class SigningKeyNotValid extends TransientDataAccessException {

    SigningKeyNotValid(String keyId, Instant time) {
        super("nothing is recorded, for the key " + keyId + " is not valid at " + time
                + "; set the clock right, or sign with the next key");
    }
}
