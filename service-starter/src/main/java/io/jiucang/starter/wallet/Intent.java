package io.jiucang.starter.wallet;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an owner's device signed, verified.
 *
 * @param owner {@code sub}: the wallet that disposes
 * @param act what is to be done
 * @param tokens claim {@code tokens}: ids of the tokens disposed of
 * @param to claim {@code to}: who receives
 * @param pickup claim {@code pickup}: which pickup it is about
 * @param hashlocks claim {@code hashlocks}: by token id, the SHA-256 of the handover code that is to burn it
 * @param terms claim {@code terms}: lower-case hex SHA-256 of the terms the owner accepts
 * @param jws the signed text itself, for the event
 */
public record Intent(
        String owner,
        Act act,
        List<String> tokens,
        @Nullable String to,
        @Nullable String pickup,
        Map<String, String> hashlocks,
        @Nullable String terms,
        String jws) {}
