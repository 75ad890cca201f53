package io.jiucang.starter.wallet;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.nimbusds.jose.util.Base64URL;
import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.test.ProblemTexts;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Whatever is sent for an intent is refused as such, and never takes the reader down. */
class IntentsTest {

    @FuzzTest
    void anyText(byte[] text) {
        parse(new String(text, StandardCharsets.UTF_8));
    }

    /** Past the Base64, where a mutated text seldom comes. */
    @FuzzTest
    void anyHeaderAndClaims(byte[] data) {
        int half = data.length / 2;
        parse(Base64URL.encode(Arrays.copyOf(data, half)) + "."
                + Base64URL.encode(Arrays.copyOfRange(data, half, data.length)) + ".AA");
    }

    @Property
    void anyClaimsUnderAGoodHeader(@ForAll String claims) {
        parse(Base64URL.encode("{\"alg\":\"ES256\",\"kid\":\"k\"}") + "." + Base64URL.encode(claims) + ".AA");
    }

    private static void parse(String text) {
        try {
            Intents.Signed signed = Intents.parse(text);
            assertThat(signed.claims().getJWTID()).isNotNull();
            Intents.toIntent(signed.claims(), "li", "order", text);
        } catch (RequestRejected e) {
            assertThat(e.reason()).isEqualTo(RequestRejected.Reason.INTENT_MALFORMED);
        }
    }

    @Test
    void everyRefusalCanBeToldInBothLanguages() {
        ProblemTexts.assertComplete(RequestRejected.Reason.class, "starter");
    }
}
