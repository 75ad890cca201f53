package io.jiucang.title.event;

import io.jiucang.ledger.Hash;
import io.jiucang.title.directory.Service;

/**
 * An opened leaf: its bytes were shown, hash to {@code hash}, are an envelope in its one form, and its signature is by the key
 * {@code key}. All this is for whoever opens it, from bytes alone; whether that key may speak for the service is the law's
 * business.
 *
 * @param hash RFC 9162 section 2.1.1
 * @param teller the service that the envelope names as its source
 * @param key RFC 8037 thumbprint of the Ed25519 key that the envelope's one signature verifies with
 */
public record Leaf(long index, Hash hash, Service teller, String key, LawEvent event) {

    public Leaf {
        if (index < 0) {
            throw new IllegalArgumentException("no index: " + index);
        }
    }

    public Cite cite() {
        return new Cite(index, hash);
    }
}
