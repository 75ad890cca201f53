package io.jiucang.events.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BoxCodeTest {

    private static final String SET_82 =
            "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "https://id.gs1.org/01/19521141111014/21/A1 | 19521141111014 | A1",
                "http://example.com/01/19521141111014/21/A1 | 19521141111014 | A1",
                "HTTPS://example.com:8443/some/path/01/19521141111014/21/A1 | 19521141111014 | A1",
                "https://example.com/01/01/19521141111014/21/21 | 19521141111014 | 21",
                "https://example.com/01/19521141111014/22/2A/10/LOT/21/A1 | 19521141111014 | A1",
                "https://example.com/01/19521141111014/21/A1?17=261231&linkType=gs1:pip | 19521141111014 | A1",
                "https://id.gs1.org/01/19521141111014/21/A%2F1%25 | 19521141111014 | A/1%",
                "https://id.gs1.org/01/19521141111014/21/a%2f1+(b) | 19521141111014 | a/1+(b)",
                "urn:epc:id:sgtin:952114.1111101.A1 | 19521141111014 | A1",
                "urn:epc:id:sgtin:0614141.812345.6789 | 80614141123458 | 6789",
                "urn:epc:id:sgtin:4012345.066666.6%2F7%25 | 04012345666663 | 6/7%",
            })
    void readsDigitalLinksAndEpcUrns(String text, String gtin, String serial) {
        assertThat(BoxCode.parse(text)).isEqualTo(new BoxCode(gtin, serial));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "19521141111014",
                "https://id.gs1.org/01/19521141111015/21/A1",
                "https://id.gs1.org/01/9521141111014/21/A1",
                "https://id.gs1.org/01/19521141111014",
                "https://id.gs1.org/01/19521141111014/21/",
                "https://id.gs1.org/01/19521141111014/21/A/1",
                "https://id.gs1.org/01/19521141111014/10/LOT/22/2A/21/A1",
                "https://id.gs1.org/01/19521141111014/21/123456789012345678901",
                "https://id.gs1.org/01/19521141111014/21/A%1",
                "https://id.gs1.org/01/19521141111014/21/A%20",
                "https://id.gs1.org/01/19521141111014/21/A%C3%A9",
                "https://id.gs1.org/01/19521141111014/21/A~1",
                "https://id.gs1.org/01/19521141111014/21/A1#x",
                "https://id.gs1.org/01/19521141111014/21/A1\n",
                "https:///01/19521141111014/21/A1",
                "ftp://id.gs1.org/01/19521141111014/21/A1",
                "https://id.gs1.org/01/１9521141111014/21/A1",
                "urn:epc:id:sgtin:0614141.81234.6789",
                "urn:epc:id:sgtin:06141.81234567.6789",
                "urn:epc:id:sgtin:0614141123458..6789",
                "urn:epc:id:sgtin:0614141.812345.",
                "urn:epc:id:sgtin:0614141.812345.a&b",
                "urn:epc:id:sscc:0614141.1234567890"
            })
    void refusesEverythingElse(String text) {
        assertThatThrownBy(() -> BoxCode.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void everySerialOfTheCharacterSetSurvivesTheTextForm(@ForAll("boxCodes") BoxCode box) {
        assertThat(BoxCode.parse(box.toString())).isEqualTo(box);
        assertThat(box.toString()).matches("https://id\\.gs1\\.org/01/[0-9]{14}/21/([A-Za-z0-9._-]|%[0-9A-F]{2})+");
    }

    @Property
    void oneWrongDigitIsNoticed(@ForAll("boxCodes") BoxCode box, @ForAll char digit, @ForAll int position) {
        int at = Math.floorMod(position, 14);
        char other = (char) ('0' + digit % 10);
        if (box.gtin().charAt(at) != other) {
            String wrong = box.gtin().substring(0, at) + other + box.gtin().substring(at + 1);
            assertThatThrownBy(() -> new BoxCode(wrong, box.serial())).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Provide
    Arbitrary<BoxCode> boxCodes() {
        Arbitrary<String> gtins =
                Arbitraries.longs().between(0, 9_999_999_999_999L).map(BoxCodeTest::withCheckDigit);
        Arbitrary<String> serials = Arbitraries.strings()
                .withChars(SET_82.toCharArray())
                .ofMinLength(1)
                .ofMaxLength(20);
        return Combinators.combine(gtins, serials).as(BoxCode::new);
    }

    /** By trying: the check digit is the one that makes the weighted sum a multiple of ten. */
    private static String withCheckDigit(long digits) {
        for (long gtin = digits * 10; gtin < digits * 10 + 10; gtin++) {
            String text = "%014d".formatted(gtin);
            long sum = 0;
            for (int i = 0; i < 14; i += 2) {
                sum += 3L * (text.charAt(i) - '0') + (text.charAt(i + 1) - '0');
            }
            if (sum % 10 == 0) {
                return text;
            }
        }
        throw new AssertionError();
    }
}
