package io.jiucang.delivery;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

class EnvelopeFuzzTest {

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    @FuzzTest(maxDuration = "1m")
    void takesAnyTextOrRefusesIt(FuzzedDataProvider data) {
        parse(data.consumeRemainingAsString());
    }

    @FuzzTest(maxDuration = "1m")
    void takesAnyHeaderOrRefusesIt(FuzzedDataProvider data) {
        byte[] header = data.consumeRemainingAsBytes();
        parse(String.join(
                ".",
                BASE64.encodeToString(header),
                BASE64.encodeToString(new byte[256]),
                BASE64.encodeToString(new byte[12]),
                BASE64.encodeToString(new byte[1]),
                BASE64.encodeToString(new byte[16])));
    }

    private static void parse(String text) {
        try {
            Envelope envelope = Envelope.parse(text);
            if (!envelope.compact().equals(text)
                    || text.getBytes(StandardCharsets.UTF_8).length != text.length()
                    || envelope.kid().isBlank()) {
                throw new AssertionError("taken as it is not: " + text);
            }
        } catch (DeliveryRejected refused) {
            if (!refused.reason().name().startsWith("ENVELOPE_")) {
                throw new AssertionError("refused for another reason: " + refused.reason(), refused);
            }
        }
    }
}
