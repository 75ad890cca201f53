package io.jiucang.events.value;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What the recipient of one case gives to the courier: 80 random bits in Crockford's Base32, made by the owner's device.
 * Too long to be guessed, even by whoever has its hash; shown as a QR code, or in four groups of four.
 *
 * @param text 16 characters, upper case, without hyphens
 */
public record HandoverCode(String text) {

    private static final Pattern TEXT = Pattern.compile("[0-9A-HJKMNP-TV-Z]{16}");

    public HandoverCode {
        if (!TEXT.matcher(text).matches()) {
            // Not the text itself: it may be a code with a slip of the pen.
            throw new IllegalArgumentException("not a handover code of 16 characters");
        }
    }

    /**
     * Reads what a person wrote or said: case, hyphens and spaces do not matter, nor do O for 0, I and L for 1.
     *
     * @throws IllegalArgumentException if it is not a handover code
     */
    public static HandoverCode parse(String text) {
        return new HandoverCode(text.toUpperCase(Locale.ROOT)
                .replaceAll("[- ]", "")
                .replace('O', '0')
                .replace('I', '1')
                .replace('L', '1'));
    }

    /** Nothing of the code: whoever reads it in a log before the recipient gave it away could burn the token. */
    @Override
    public String toString() {
        return "HandoverCode";
    }
}
