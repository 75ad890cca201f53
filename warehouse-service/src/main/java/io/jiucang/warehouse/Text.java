package io.jiucang.warehouse;

import static io.jiucang.starter.RequestRejected.Reason.MALFORMED_PARAMETER;

import io.jiucang.starter.RequestRejected;
import org.jspecify.annotations.Nullable;

/** What people type: of one line, and fit to be stored. */
final class Text {

    private static final int LONGEST_PARAMETER = 64;

    private Text() {}

    /** @throws IllegalArgumentException if {@code text} is blank, too long, or has control characters */
    static void require(String text, String name, int longest) {
        if (text.isBlank() || text.length() > longest || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    name + " needs 1 to " + longest + " characters, none a control character");
        }
    }

    /** What a list is to be narrowed to, if anything. */
    static @Nullable String parameter(@Nullable String text, String name) {
        try {
            if (text != null) {
                require(text, name, LONGEST_PARAMETER);
            }
            return text;
        } catch (IllegalArgumentException e) {
            throw new RequestRejected(MALFORMED_PARAMETER, name + " is not well-formed");
        }
    }
}
