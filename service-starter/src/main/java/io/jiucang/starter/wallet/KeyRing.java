package io.jiucang.starter.wallet;

import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_KEY_REVOKED;
import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_KEY_UNKNOWN;
import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_NOT_FOR_THIS;
import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_SIGNATURE_INVALID;
import static io.jiucang.starter.RequestRejected.Reason.WALLET_KEY_KNOWN;
import static io.jiucang.starter.RequestRejected.Reason.WALLET_KEY_LAST;
import static io.jiucang.starter.RequestRejected.Reason.WALLET_KEY_NOT_FOUND;
import static io.jiucang.starter.RequestRejected.Reason.WALLET_KEY_OLDER;
import static io.jiucang.starter.RequestRejected.Reason.WALLET_KEY_REVOKED;

import io.jiucang.starter.RequestRejected;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.statement.Act.KeyEndorsement;
import io.jiucang.title.statement.Act.KeyRevocation;
import io.jiucang.title.statement.Act.WalletBirth;
import io.jiucang.title.statement.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One wallet's keys, oldest first, and who of them may let in or put out whom (rule K4 of the law of title). Whatever is
 * refused is a {@link RequestRejected}. As each key joins and leaves once, a statement that comes again has no effect.
 */
public record KeyRing(String wallet, List<Key> keys) {

    public KeyRing {
        keys = List.copyOf(keys);
    }

    /** @param stands false once it was revoked, and then for ever: it may be in a thief's hands */
    public record Key(P256Key key, boolean stands) {
        String kid() {
            return key.thumbprint();
        }
    }

    /** A wallet's id is its first key, and nobody but that key can say so. */
    public static KeyRing born(Statement<WalletBirth> birth) {
        P256Key key = birth.act().key();
        String wallet = birth.spoken().sub();
        require(
                key.thumbprint().equals(wallet) && birth.kid().equals(wallet),
                STATEMENT_NOT_FOR_THIS,
                "sub and kid of a birth are the thumbprint of its key");
        requireSignature(birth, key);
        return new KeyRing(wallet, List.of(new Key(key, true)));
    }

    /** @return whom it lets in */
    public P256Key endorsed(Statement<KeyEndorsement> endorsement) {
        requireSpeaker(endorsement);
        P256Key key = endorsement.act().key();
        require(find(key.thumbprint()).isEmpty(), WALLET_KEY_KNOWN, "a key joins once, and never comes back");
        return key;
    }

    /** @return the thumbprint of the key it puts out: a younger one, or itself */
    public String revoked(Statement<KeyRevocation> revocation) {
        Key speaker = requireSpeaker(revocation);
        Key revoked = find(revocation.act().key())
                .orElseThrow(() -> new RequestRejected(WALLET_KEY_NOT_FOUND, "no key of this wallet"));
        require(revoked.stands(), WALLET_KEY_REVOKED, "revoked before");
        require(
                keys.indexOf(speaker) <= keys.indexOf(revoked),
                WALLET_KEY_OLDER,
                "only a key that joined before it can revoke this one");
        require(keys.stream().filter(Key::stands).count() > 1, WALLET_KEY_LAST, "a wallet needs a key");
        return revoked.kid();
    }

    public KeyRing with(P256Key key) {
        List<Key> all = new ArrayList<>(keys);
        all.add(new Key(key, true));
        return new KeyRing(wallet, all);
    }

    public KeyRing without(String kid) {
        return new KeyRing(
                wallet,
                keys.stream()
                        .map(key -> key.kid().equals(kid) ? new Key(key.key(), false) : key)
                        .toList());
    }

    private Optional<Key> find(String kid) {
        return keys.stream().filter(key -> key.kid().equals(kid)).findFirst();
    }

    Key requireSpeaker(Statement<?> statement) {
        require(statement.spoken().sub().equals(wallet), STATEMENT_NOT_FOR_THIS, "sub is not " + wallet);
        Key speaker = find(statement.kid())
                .orElseThrow(() -> new RequestRejected(STATEMENT_KEY_UNKNOWN, "kid names no key of this wallet"));
        require(speaker.stands(), STATEMENT_KEY_REVOKED, "the key that speaks was revoked");
        requireSignature(statement, speaker.key());
        return speaker;
    }

    private static void requireSignature(Statement<?> statement, P256Key key) {
        require(
                statement.isSignedBy(key),
                STATEMENT_SIGNATURE_INVALID,
                "the signature is not by the key that kid names");
    }

    private static void require(boolean condition, RequestRejected.Reason reason, String detail) {
        if (!condition) {
            throw new RequestRejected(reason, detail);
        }
    }
}
