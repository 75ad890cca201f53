package io.jiucang.starter.wallet;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Small edits to a sound document: bytes replaced, removed, doubled, or swapped for what parsers trip over. */
final class Alterations {

    private static final List<String> ODDITIES = List.of(
            "\0", ".", "=", "null", "-0", "1e999", "\"\"", "[]", "{}", "{\"a\":", "\\ud800", "\\u0000", "\u202e",
            "/**/", ",");

    private Alterations() {}

    static byte[] of(byte[] document, Random random) {
        byte[] bytes = document;
        for (int edits = 1 + random.nextInt(3); edits > 0 && bytes.length > 0; edits--) {
            int from = random.nextInt(bytes.length);
            int to = Math.min(bytes.length, from + random.nextInt(4));
            byte[] middle = switch (random.nextInt(4)) {
                case 0 -> new byte[] {(byte) random.nextInt(256)};
                case 1 -> new byte[0];
                case 2 -> Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + random.nextInt(40)));
                default -> ODDITIES.get(random.nextInt(ODDITIES.size())).getBytes(UTF_8);
            };
            byte[] next = Arrays.copyOf(bytes, from + middle.length + bytes.length - to);
            System.arraycopy(middle, 0, next, from, middle.length);
            System.arraycopy(bytes, to, next, from + middle.length, bytes.length - to);
            bytes = next;
        }
        return bytes;
    }
}
