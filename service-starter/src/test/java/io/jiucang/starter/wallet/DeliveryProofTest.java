package io.jiucang.starter.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.nimbusds.jose.util.Base64URL;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.RequestRejected.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a courier signed is read as it was meant, or refused. */
class DeliveryProofTest {

    private static final String TOKEN = "01890000-0000-7000-8000-000000000001.7";
    private static final String BOX = "https://id.gs1.org/01/06901234567892/21/K7";

    @Test
    void hasWhatTheCourierSigned() {
        Intent intent = intent("""
                {"boxCodes": ["%s"], "codes": {"%s": "o123-4567-89ab-cdef"}, "ageChecked": true}""".formatted(BOX, TOKEN));

        assertThat(DeliveryProof.of(intent))
                .isEqualTo(new DeliveryProof(
                        intent,
                        List.of(new BoxCode("06901234567892", "K7")),
                        Map.of(TokenId.parse(TOKEN), new HandoverCode("0123456789ABCDEF")),
                        true));
    }

    @Test
    void hasNothingThatIsNotSaid() {
        DeliveryProof proof = DeliveryProof.of(intent("{}"));

        assertThat(proof.boxCodes()).isEmpty();
        assertThat(proof.codes()).isEmpty();
        assertThat(proof.ageChecked()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"boxCodes\": \"" + BOX + "\"}",
                "{\"boxCodes\": [\"K7\"]}",
                "{\"boxCodes\": [\"https://id.gs1.org/01/06901234567893/21/K7\"]}",
                "{\"boxCodes\": [7]}",
                "{\"boxCodes\": [null]}",
                "{\"codes\": [\"0123456789ABCDEF\"]}",
                "{\"codes\": {\"" + TOKEN + "\": \"0123456789ABCDE\"}}",
                "{\"codes\": {\"" + TOKEN + "\": \"0123456789ABCDEU\"}}",
                "{\"codes\": {\"" + TOKEN + "\": 1234567890123456}}",
                "{\"codes\": {\"" + TOKEN + "\": null}}",
                "{\"codes\": {\"7\": \"0123456789ABCDEF\"}}",
                "{\"ageChecked\": \"true\"}",
                "{\"ageChecked\": 1}",
                "not JSON"
            })
    void refusesWhatIsNoProof(String claims) {
        assertThatExceptionOfType(RequestRejected.class)
                .isThrownBy(() -> DeliveryProof.of(intent(claims)))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.INTENT_MALFORMED));
    }

    @FuzzTest
    void anyText(byte[] claims) {
        read(Base64URL.encode(claims));
    }

    @Property(tries = 3_000, seed = "20261127")
    void survivesAlteredOnes(@ForAll Random random) {
        anyText(Alterations.of(
                ("{\"boxCodes\":[\"" + BOX + "\"],\"codes\":{\"" + TOKEN
                                + "\":\"0123456789ABCDEF\"},\"ageChecked\":true}")
                        .getBytes(StandardCharsets.UTF_8),
                random));
    }

    @Property(seed = "20261127")
    void anyClaim(@ForAll("claim") String name, @ForAll("json") String value) {
        read(Base64URL.encode("{\"" + name + "\": " + value + "}"));
    }

    @Provide
    Arbitrary<String> claim() {
        return Arbitraries.of("boxCodes", "codes", "ageChecked");
    }

    @Provide
    Arbitrary<String> json() {
        Arbitrary<String> values = Arbitraries.of(
                "null", "true", "0", "1e999", "\"\"", "\"" + BOX + "\"", "\"0123456789ABCDEF\"", "[]", "{}");
        return Arbitraries.oneOf(
                values,
                values.list().ofMaxSize(3).map(Object::toString),
                values.map(value -> "{\"" + TOKEN + "\": " + value + "}"),
                values.map(value -> "{\"\": " + value + "}"));
    }

    private static void read(Base64URL claims) {
        try {
            DeliveryProof proof = DeliveryProof.of(intent(claims));
            assertThat(proof.boxCodes()).doesNotContainNull();
        } catch (RequestRejected e) {
            assertThat(e.reason()).isEqualTo(Reason.INTENT_MALFORMED);
        }
    }

    private static Intent intent(String claims) {
        return intent(Base64URL.encode(claims));
    }

    /** Its signature has been verified before. */
    private static Intent intent(Base64URL claims) {
        String jws = Base64URL.encode("{\"alg\":\"ES256\",\"kid\":\"k\"}") + "." + claims + ".AA";
        return new Intent("zhao", Act.DELIVER, List.of(), null, "pickup", Map.of(), null, jws);
    }
}
