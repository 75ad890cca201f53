package io.jiucang.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** An address that is kept in any of these forms does not stay unseen. */
class NeedlesTest {

    private static final String STREET = "天府大道北段1480号";
    private static final Needles NEEDLES = new Needles(List.of(STREET, "13980551573"));

    static Stream<Arguments> forms() {
        String text = "{\"to\":\"" + STREET + "5栋\"}";
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        byte[] json = JsonMapper.builder()
                .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                .build()
                .writeValueAsString(text)
                .toLowerCase(Locale.ROOT)
                .getBytes(StandardCharsets.US_ASCII);
        return Stream.of(
                Arguments.of("UTF-8", utf8),
                Arguments.of("UTF-16LE", text.getBytes(StandardCharsets.UTF_16LE)),
                Arguments.of("UTF-16BE", text.getBytes(StandardCharsets.UTF_16BE)),
                Arguments.of("JSON in ASCII", json),
                Arguments.of("bytea in a row as text", ascii("(1,\"\\\\x" + hex(utf8) + "\")")),
                Arguments.of("JSON in a bytea", ascii(hex(json))),
                Arguments.of("the last bytes", STREET.getBytes(StandardCharsets.UTF_8)),
                Arguments.of("a telephone number", ascii("call 13980551573!")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forms")
    void findsEveryForm(String form, byte[] content) {
        assertThat(NEEDLES.anyIn(content)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void findsBase64WhereverTheTextBegins(int before) {
        byte[] content = ("x".repeat(before) + STREET + "5栋").getBytes(StandardCharsets.UTF_8);

        assertThat(NEEDLES.anyIn(Base64.getEncoder().encode(content))).isTrue();
        assertThat(NEEDLES.anyIn(Base64.getUrlEncoder().withoutPadding().encode(content)))
                .isTrue();
        assertThat(NEEDLES.anyIn(ascii(hex(Base64.getEncoder().encode(content)))))
                .isTrue();
    }

    @Test
    void findsNothingElse() {
        assertThat(NEEDLES.anyIn("天府大道北段1481号".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
        assertThat(NEEDLES.anyIn(ascii("1398055157"))).isFalse();
        assertThat(NEEDLES.anyIn(new byte[0])).isFalse();
        assertThat(NEEDLES.anyIn(new byte[1])).isFalse();
        assertThat(NEEDLES.anyIn(new byte[1 << 16])).isFalse();
    }

    @Test
    void refusesWhatWouldBeFoundByChance() {
        assertThatThrownBy(() -> new Needles(List.of("1480"))).isInstanceOf(IllegalArgumentException.class);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
