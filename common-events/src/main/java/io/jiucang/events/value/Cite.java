package io.jiucang.events.value;

/**
 * Where an event stands in the ledger that another one rests on.
 *
 * @param index leaf index, from zero
 * @param leafHash RFC 9162 section 2.1.1: 64 lower-case hex digits
 */
public record Cite(long index, String leafHash) {

    public Cite {
        if (index < 0) {
            throw new IllegalArgumentException("not a leaf index: " + index);
        }
        Require.sha256(leafHash, "leafHash");
    }
}
