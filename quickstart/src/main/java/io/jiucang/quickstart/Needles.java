package io.jiucang.quickstart;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Texts in every form in which a program may have written them. */
final class Needles {

    private static final List<Charset> CHARSETS =
            List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE);

    /** By their first two bytes, so that a search looks closer at few places only. */
    private final byte[][][] byStart = new byte[1 << 16][][];

    Needles(Collection<String> texts) {
        for (String text : texts) {
            for (byte[] form : forms(text)) {
                add(form);
                add(HexFormat.of().formatHex(form).getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    private static List<byte[]> forms(String text) {
        List<byte[]> forms = new ArrayList<>();
        CHARSETS.forEach(charset -> forms.add(text.getBytes(charset)));
        forms.add(escaped(text).getBytes(StandardCharsets.US_ASCII));
        forms.addAll(base64(text.getBytes(StandardCharsets.UTF_8)));
        return forms;
    }

    /** As in JSON that is kept to ASCII. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.chars()
                .forEach(unit -> escaped.append(
                        unit < 128 ? Character.toString(unit) : String.format(Locale.ROOT, "\\u%04x", unit)));
        return escaped.toString();
    }

    /** Wherever in a longer text it begins: the characters that depend on its neighbours are left out. */
    private static List<byte[]> base64(byte[] text) {
        List<byte[]> forms = new ArrayList<>();
        for (int before = 0; before < 3; before++) {
            byte[] shifted = new byte[before + text.length];
            System.arraycopy(text, 0, shifted, before, text.length);
            int from = before == 0 ? 0 : before + 1;
            int until = shifted.length / 3 * 4;
            for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
                forms.add(Arrays.copyOfRange(encoder.encode(shifted), from, until));
            }
        }
        return forms;
    }

    private void add(byte[] needle) {
        if (needle.length < 8) {
            throw new IllegalArgumentException("too short: it would be found by chance");
        }
        int start = start(needle, 0);
        byte[][] known = byStart[start] == null ? new byte[0][] : byStart[start];
        byStart[start] = Arrays.copyOf(known, known.length + 1);
        byStart[start][known.length] = needle;
    }

    boolean anyIn(byte[] content) {
        for (int i = 0; i < content.length - 1; i++) {
            byte[][] candidates = byStart[start(content, i)];
            if (candidates != null) {
                for (byte[] needle : candidates) {
                    int end = i + needle.length;
                    if (end <= content.length && Arrays.equals(content, i, end, needle, 0, needle.length)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static int start(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }
}
