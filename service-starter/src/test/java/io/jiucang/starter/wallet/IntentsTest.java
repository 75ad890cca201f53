package io.jiucang.starter.wallet;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.nimbusds.jose.util.Base64URL;
import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.test.ProblemTexts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Whatever is sent for an intent is refused as such, and never takes the reader down. */
class IntentsTest {

    private static final String SIGNATURE = "." + "A".repeat(86);

    @FuzzTest
    void anyText(byte[] text) {
        parse(new String(text, StandardCharsets.UTF_8));
    }

    /** Past the Base64, where a mutated text seldom comes: a line with the header, and the claims. */
    @FuzzTest
    void anyHeaderAndClaims(byte[] data) {
        int end = 0;
        while (end < data.length && data[end] != '\n') {
            end++;
        }
        byte[] claims = Arrays.copyOfRange(data, Math.min(end + 1, data.length), data.length);
        parse(Base64URL.encode(Arrays.copyOf(data, end)) + "." + Base64URL.encode(claims) + SIGNATURE);
    }

    @Property(seed = "20261127")
    void anyClaimsUnderAGoodHeader(@ForAll String claims) {
        parse(Base64URL.encode("{\"alg\":\"ES256\",\"kid\":\"k\"}") + "." + Base64URL.encode(claims) + SIGNATURE);
    }

    /** Else what is altered of it would be refused for want of something else. */
    @Test
    void whatIsAlteredIsReadAsItStands() throws IOException {
        String text = new String(input("anyText/valid"), StandardCharsets.UTF_8);
        Intents.Signed signed = Intents.parse(text);

        assertThat(Intents.toIntent(signed.claims(), "li", Act.PICKUP, text))
                .isEqualTo(new Intent("li", Act.PICKUP, List.of("t"), "wang", "u", Map.of("t", "h"), "1", text));
    }

    @Property(tries = 1_000, seed = "20261127")
    void survivesAlteredOnes(@ForAll Random random) throws IOException {
        anyText(Alterations.of(input("anyText/valid"), random));
        anyHeaderAndClaims(Alterations.of(input("anyHeaderAndClaims/valid"), random));
    }

    private static byte[] input(String name) throws IOException {
        try (InputStream in = IntentsTest.class.getResourceAsStream("IntentsTestInputs/" + name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        }
    }

    private static void parse(String text) {
        try {
            Intents.Signed signed = Intents.parse(text);
            assertThat(signed.claims().getJWTID()).isNotNull();
            Intents.toIntent(signed.claims(), "li", Act.PICKUP, text);
        } catch (RequestRejected e) {
            assertThat(e.reason()).isEqualTo(RequestRejected.Reason.INTENT_MALFORMED);
        }
    }

    @Test
    void everyRefusalCanBeToldInBothLanguages() {
        ProblemTexts.assertComplete(RequestRejected.Reason.class, "starter");
    }
}
