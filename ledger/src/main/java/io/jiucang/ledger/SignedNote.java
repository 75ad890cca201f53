package io.jiucang.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.ledger.LedgerException.Reason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * A C2SP signed note: a text and the signatures under it.
 *
 * <p>That a note parses says nothing about who signed it; {@link #verify} does.
 *
 * @param text ends in a newline
 * @param signatures in the order they stand; lines by unknown keys and of unknown types are kept
 */
public record SignedNote(String text, List<Signature> signatures) {

    /** More signatures than this are refused unread (the standard asks for at least 16). */
    public static final int MAX_SIGNATURES = 100;

    private static final String SIGNATURE_PREFIX = "— ";

    /** @throws LedgerException {@code MALFORMED_NOTE} */
    public SignedNote {
        signatures = List.copyOf(signatures);
        Canonical.utf8(text, Reason.MALFORMED_NOTE);
        if (!text.endsWith("\n")) {
            throw malformed("the text does not end in a newline");
        }
        if (text.chars().anyMatch(c -> c < ' ' && c != '\n')) {
            throw malformed("the text has control characters");
        }
        if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
            throw malformed("a note has 1 to " + MAX_SIGNATURES + " signatures, not " + signatures.size());
        }
    }

    /**
     * One signature line.
     *
     * @param base64 of the 32-bit key ID and the signature proper, as it stands in the note
     */
    public record Signature(String name, String base64) {

        /** @throws LedgerException {@code MALFORMED_NOTE} */
        public Signature {
            VerifierKey.requireName(name, Reason.MALFORMED_NOTE);
            if (Canonical.base64(base64, Reason.MALFORMED_NOTE).length <= Integer.BYTES) {
                throw malformed("a signature line holds no signature");
            }
        }

        static Signature of(String name, int keyId, byte[] signature) {
            byte[] blob = ByteBuffer.allocate(Integer.BYTES + signature.length)
                    .putInt(keyId)
                    .put(signature)
                    .array();
            return new Signature(name, Canonical.base64(blob));
        }

        public int keyId() {
            return ByteBuffer.wrap(blob()).getInt();
        }

        boolean claims(VerifierKey key) {
            return name.equals(key.name()) && keyId() == key.id();
        }

        boolean isBy(VerifierKey key, byte[] message) {
            byte[] blob = blob();
            return key.verifies(message, Arrays.copyOfRange(blob, Integer.BYTES, blob.length));
        }

        private byte[] blob() {
            return Canonical.base64(base64, Reason.MALFORMED_NOTE);
        }
    }

    /**
     * Signs a text with each key, in this order.
     *
     * @throws LedgerException {@code MALFORMED_NOTE} when no note can hold the text
     */
    public static SignedNote sign(String text, List<SigningKey> keys) {
        return new SignedNote(text, keys.stream().map(key -> key.sign(text)).toList());
    }

    /** @throws LedgerException {@code MALFORMED_NOTE} */
    public static SignedNote parse(byte[] note) {
        return parse(Canonical.utf8(note, Reason.MALFORMED_NOTE));
    }

    /** @throws LedgerException {@code MALFORMED_NOTE} */
    public static SignedNote parse(String note) {
        // The text may have empty lines of its own: the last one divides.
        int blank = note.lastIndexOf("\n\n");
        if (blank < 0 || !note.endsWith("\n")) {
            throw malformed("no signatures after an empty line");
        }
        String[] lines = note.substring(blank + 2).split("\n", MAX_SIGNATURES + 2);
        if (lines.length > MAX_SIGNATURES + 1) {
            throw malformed("more than " + MAX_SIGNATURES + " signatures");
        }
        // Every line ends in a newline, so an empty remainder stands behind the last one.
        return new SignedNote(
                note.substring(0, blank + 1),
                Arrays.stream(lines, 0, lines.length - 1)
                        .map(SignedNote::parseSignature)
                        .toList());
    }

    public String format() {
        StringBuilder note = new StringBuilder(text).append('\n');
        for (Signature signature : signatures) {
            note.append(SIGNATURE_PREFIX)
                    .append(signature.name())
                    .append(' ')
                    .append(signature.base64())
                    .append('\n');
        }
        return note.toString();
    }

    /**
     * Checks every signature that names one of these keys; those by others are ignored.
     *
     * @return the keys that signed, in the note's order
     * @throws LedgerException {@code BAD_SIGNATURE} when a known key's signature is false, whatever else is right;
     *     {@code UNTRUSTED_NOTE} when none of the keys signed
     */
    public List<VerifierKey> verify(Collection<VerifierKey> known) {
        byte[] message = text.getBytes(UTF_8);
        List<VerifierKey> signers = new ArrayList<>();
        for (Signature signature : signatures) {
            for (VerifierKey key : known) {
                if (!signature.claims(key)) {
                    continue;
                }
                if (!signature.isBy(key, message)) {
                    throw new LedgerException(
                            Reason.BAD_SIGNATURE, "the signature by " + key.name() + "+" + key.idHex() + " is false");
                }
                if (!signers.contains(key)) {
                    signers.add(key);
                }
            }
        }
        if (signers.isEmpty()) {
            throw new LedgerException(Reason.UNTRUSTED_NOTE, "no signature by a known key");
        }
        return List.copyOf(signers);
    }

    private static Signature parseSignature(String line) {
        int space = line.indexOf(' ', SIGNATURE_PREFIX.length());
        if (!line.startsWith(SIGNATURE_PREFIX) || space < 0) {
            throw malformed("not a signature line: " + Canonical.shown(line));
        }
        return new Signature(line.substring(SIGNATURE_PREFIX.length(), space), line.substring(space + 1));
    }

    private static LedgerException malformed(String why) {
        return new LedgerException(Reason.MALFORMED_NOTE, why);
    }
}
