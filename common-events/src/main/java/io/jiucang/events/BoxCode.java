package io.jiucang.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Box code 箱身识别码: the SGTIN of one case, GTIN-14 and serial (GS1 General Specifications, AI 01 and 21).
 *
 * <p>Its text form is a GS1 Digital Link URI, {@code https://id.gs1.org/01/<gtin>/21/<serial>}.
 */
public record BoxCode(String gtin, String serial) {

    private static final Pattern DIGITAL_LINK =
            Pattern.compile("https?://[^/?#]+(?:/[^/?#]+)*?/01/([0-9]{14})/21/([A-Za-z0-9_.-]{1,20})");

    public BoxCode {
        if (!gtin.matches("[0-9]{14}")) {
            throw new IllegalArgumentException("not a GTIN-14: " + gtin);
        }
    }

    @JsonCreator
    public static BoxCode parse(String text) {
        Matcher link = DIGITAL_LINK.matcher(text);
        if (!link.matches()) {
            throw new IllegalArgumentException("not a box code: " + text);
        }
        return new BoxCode(link.group(1), link.group(2));
    }

    @JsonValue
    @Override
    public String toString() {
        return "https://id.gs1.org/01/" + gtin + "/21/" + serial;
    }
}
