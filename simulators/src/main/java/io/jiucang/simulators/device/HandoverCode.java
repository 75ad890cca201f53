package io.jiucang.simulators.device;

import io.jiucang.simulators.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The handover code 收货码 of one case: 80 random bits in Crockford's Base32. Whoever has it may burn the token, so the
 * device keeps it and gives it to nobody but the recipient.
 *
 * @param text 16 characters, upper case, without hyphens
 */
public record HandoverCode(String text) {

    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int LENGTH = 16;
    private static final Pattern TEXT = Pattern.compile("[" + ALPHABET + "]{" + LENGTH + "}");

    public HandoverCode {
        if (!TEXT.matcher(text).matches()) {
            // Not the text itself: it may be a code with a slip of the pen.
            throw new IllegalArgumentException("not a handover code of 16 characters");
        }
    }

    static HandoverCode random(SecureRandom random) {
        return new HandoverCode(random.ints(LENGTH, 0, ALPHABET.length())
                .mapToObj(digit -> ALPHABET.substring(digit, digit + 1))
                .collect(Collectors.joining()));
    }

    /** The hashlock it opens, for this token of this pickup alone: lower-case hex. */
    public String hashlock(String pickup, String token) {
        byte[] preimage =
                String.join("|", "jiucang-hashlock-v1", pickup, token, text).getBytes(StandardCharsets.US_ASCII);
        return HexFormat.of().formatHex(Sha256.of(preimage));
    }

    /** Nothing of the code, which belongs in no log. */
    @Override
    public String toString() {
        return "HandoverCode";
    }
}
