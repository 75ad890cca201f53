package io.jiucang.simulators.statement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SigningKeyTest {

    private final SigningKey key = SigningKey.create();

    @Test
    void comesBackAsItWasSaved() {
        SigningKey restored = SigningKey.restore(key.save());

        assertThat(restored.thumbprint()).isEqualTo(key.thumbprint());
        assertThat(restored.publicKey()).isEqualTo(key.publicKey());
    }

    @Test
    void isMadeOnceForAFile(@TempDir Path directory) {
        Path file = directory.resolve("winery.jwk");
        SigningKey made = SigningKey.open(file);

        assertThat(SigningKey.open(file).save()).isEqualTo(made.save());
        assertThat(SigningKey.open(directory.resolve("other.jwk")).save()).isNotEqualTo(made.save());
    }

    @Test
    void givesItsPublicHalfAndNoMore() throws ParseException {
        assertThat(key.publicKey()).containsOnlyKeys("crv", "kty", "x", "y");
        assertThat(ECKey.parse(Map.copyOf(key.publicKey())))
                .isEqualTo(new ECKey.Builder(ECKey.parse(key.save()).toPublicJWK())
                        .keyID(null)
                        .build());
    }

    @Test
    void signsExactlyTheClaimsItIsGiven() {
        String jws = key.sign("jiucang-nonsense-v1", Map.of("b", Map.of("y", 1, "x", true), "a", "ü"));

        assertThat(jws)
                .startsWith(Stream.of(
                                "{\"alg\":\"ES256\",\"kid\":\"" + key.thumbprint()
                                        + "\",\"typ\":\"jiucang-nonsense-v1\"}",
                                "{\"a\":\"ü\",\"b\":{\"x\":true,\"y\":1}}")
                        .map(Base64URL::encode)
                        .map(part -> part + ".")
                        .reduce("", String::concat));
    }

    static Stream<String> notSavedKeys() throws JOSEException {
        return Stream.of(
                "",
                "{}",
                "not JSON",
                new ECKeyGenerator(Curve.P_384).generate().toJSONString(),
                new ECKeyGenerator(Curve.P_256).generate().toPublicJWK().toJSONString());
    }

    @ParameterizedTest
    @MethodSource("notSavedKeys")
    void refusesWhatIsNoSavedKey(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> SigningKey.restore(text));
    }
}
