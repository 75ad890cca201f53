package io.jiucang.title.directory;

import static io.jiucang.title.form.Form.ORIGIN;

import io.jiucang.events.envelope.Ed25519Key;
import java.util.HashSet;
import java.util.List;

/**
 * What a reader trusts to begin with; it lives outside every database.
 *
 * @param origin the ledger's; its checkpoints, and its key, are for whoever opens the leaves
 * @param roots whose signatures make a directory
 * @param quorum how many of them
 */
public record Pins(String origin, List<Ed25519Key> roots, int quorum) {

    /**
     * @param roots the 32 bytes of each public key, base64url, as settings and command lines name them
     * @throws IllegalArgumentException if these are no pins
     */
    public static Pins of(String origin, List<String> roots, int quorum) {
        return new Pins(
                origin,
                roots.stream()
                        .map(root -> new Ed25519Key("Ed25519", "OKP", root))
                        .toList(),
                quorum);
    }

    public Pins {
        ORIGIN.require(origin, "origin");
        roots = List.copyOf(roots);
        if (quorum < 1 || quorum > new HashSet<>(roots).size()) {
            throw new IllegalArgumentException("a quorum of " + quorum + " of " + roots.size() + " roots");
        }
    }
}
