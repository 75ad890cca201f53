package io.jiucang.anchoring;

import org.springframework.dao.DataAccessResourceFailureException;

/**
 * What is stored of the log is not what was signed.
 *
 * <p>As a failure of the storage: the inbox then holds its events and tries them again, where any other exception would
 * make a dead letter of every event that comes.
 */
final class LogDamaged extends DataAccessResourceFailureException {

    private static final long serialVersionUID = 1;

    LogDamaged(String what) {
        super(what);
    }

    LogDamaged(String what, Throwable cause) {
        super(what + ": " + cause.getMessage(), cause);
    }
}
