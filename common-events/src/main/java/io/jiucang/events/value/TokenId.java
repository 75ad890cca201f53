package io.jiucang.events.value;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * Identifies one token, that is one case: the vault's id and the serial within it, {@code <vault>.<serial>}.
 *
 * <p>Derived, not drawn, so that minting a hundred thousand of them is one event.
 */
public record TokenId(VaultId vault, long serial) {

    private static final Pattern SERIAL = Pattern.compile("[1-9][0-9]{0,17}");

    public TokenId {
        SerialRange.requireSerial(serial);
    }

    /** @throws IllegalArgumentException if the text is not {@code <uuid>.<serial>} in canonical form */
    @JsonCreator
    public static TokenId parse(String text) {
        int dot = text.lastIndexOf('.');
        String serial = text.substring(dot + 1);
        if (dot < 0 || !SERIAL.matcher(serial).matches()) {
            throw new IllegalArgumentException("not a token id (<vault>.<serial>): " + text);
        }
        return new TokenId(new VaultId(text.substring(0, dot)), Long.parseLong(serial));
    }

    @JsonValue
    @Override
    public String toString() {
        return vault + "." + serial;
    }
}
