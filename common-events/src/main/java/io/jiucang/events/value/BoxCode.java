package io.jiucang.events.value;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Box code 箱身识别码: the SGTIN of one case, GTIN-14 and serial (GS1 General Specifications, AI 01 and 21).
 *
 * <p>Its text form is the canonical GS1 Digital Link URI, {@code https://id.gs1.org/01/<gtin>/21/<serial>}.
 *
 * @param gtin 14 digits, the last one the check digit
 * @param serial 1 to 20 characters of GS1's character set 82, not percent-encoded
 */
public record BoxCode(String gtin, String serial) {

    private static final Pattern GTIN = Pattern.compile("[0-9]{14}");
    private static final Pattern SERIAL = Pattern.compile("[!\"%&'()*+,./0-9:;<=>?A-Z_a-z-]{1,20}");

    /** GS1 Digital Link URI Syntax 1.4: any domain and path before the key; variant (22), lot (10) and query allowed. */
    private static final Pattern DIGITAL_LINK =
            Pattern.compile("(?i:https?)://[^/?#\\s]+(?:/[^?#\\s]*?)?/01/([0-9]{14})"
                    + "(?:/22/[^/?#\\s]+)?(?:/10/[^/?#\\s]+)?"
                    + "/21/((?:[!&'()*+,.0-9:;=A-Z_a-z-]|%[0-9A-Fa-f]{2}){1,20})(?:\\?[^#\\s]*)?");

    /** GS1 EPC Tag Data Standard, section 6.3.1; prefix and item reference have 13 digits together. */
    private static final Pattern EPC_URN =
            Pattern.compile("urn:epc:id:sgtin:(?=[0-9.]{14}\\.)([0-9]{6,12})\\.([0-9])([0-9]*)"
                    + "\\.((?:[!'()*+,.0-9:;=A-Z_a-z-]|%[0-9A-Fa-f]{2}){1,20})");

    private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");
    private static final Pattern RESERVED = Pattern.compile("[^0-9A-Za-z._-]");

    public BoxCode {
        requireGtin(gtin);
        if (!SERIAL.matcher(serial).matches()) {
            throw new IllegalArgumentException("not a serial (1 to 20 characters of GS1's set 82): " + serial);
        }
    }

    /**
     * Reads a GS1 Digital Link URI of any domain, or an EPC pure identity URN ({@code urn:epc:id:sgtin:}).
     *
     * @throws IllegalArgumentException if the text is neither, or a check digit or character is wrong
     */
    @JsonCreator
    public static BoxCode parse(String text) {
        Matcher link = DIGITAL_LINK.matcher(text);
        if (link.matches()) {
            return new BoxCode(link.group(1), unescaped(link.group(2)));
        }
        Matcher urn = EPC_URN.matcher(text);
        if (urn.matches()) {
            String digits = urn.group(2) + urn.group(1) + urn.group(3);
            return new BoxCode(digits + checkDigit(digits), unescaped(urn.group(4)));
        }
        throw new IllegalArgumentException("not a box code: " + text);
    }

    /** @throws IllegalArgumentException if {@code gtin} is not a GTIN-14 with the right check digit */
    public static void requireGtin(String gtin) {
        if (!GTIN.matcher(gtin).matches() || gtin.charAt(13) != checkDigit(gtin.substring(0, 13))) {
            throw new IllegalArgumentException("not a GTIN-14: " + gtin);
        }
    }

    @JsonValue
    @Override
    public String toString() {
        return "https://id.gs1.org/01/" + gtin + "/21/"
                + RESERVED.matcher(serial)
                        .replaceAll(c -> "%%%02X".formatted((int) c.group().charAt(0)));
    }

    /** GS1 General Specifications, section 7.9.1: weights 3 and 1 from the right. */
    private static char checkDigit(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int weight = (digits.length() - i) % 2 == 1 ? 3 : 1;
            sum += weight * (digits.charAt(i) - '0');
        }
        return (char) ('0' + (10 - sum % 10) % 10);
    }

    private static String unescaped(String text) {
        return ESCAPE.matcher(text)
                .replaceAll(escape ->
                        Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(escape.group(1), 16))));
    }
}
