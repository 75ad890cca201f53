package io.jiucang.ledger;

import java.util.List;

/**
 * Checks that an event is the one its log entry commits to, and that somebody trusted signed it.
 *
 * <p>The ledger proves that bytes stand in a log; what the bytes mean belongs to whoever wrote them. So that this module
 * depends on nobody, the verifier finds that knowledge on its class path through {@link java.util.ServiceLoader}: a module
 * that knows both the ledger and the events names its implementation in
 * {@code META-INF/services/io.jiucang.ledger.EventInspector}. Being found is not being trusted with silence: without one,
 * the verifier says that events were not checked, and refuses to run when asked to check them.
 */
public interface EventInspector {

    /**
     * Whom the user trusts for what events mean.
     *
     * @param origin the log's
     * @param roots public keys, all of which must have signed the directory
     * @param directory content of the file that the user named
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Trust(String origin, List<String> roots, byte[] directory) {}

    /**
     * @param entry the log entry, whose inclusion has been verified already
     * @param event JSON object as the proof bundle has it, trusted by nobody yet
     * @return what was found, one line each, to be shown to the user
     * @throws LedgerException {@code EVENT_REFUSED} when the event is not the entry's or not signed by a key in the directory
     * @throws IllegalArgumentException when the directory is refused
     */
    List<String> inspect(Entry entry, String event, Trust trust);
}
